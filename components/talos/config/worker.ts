import { clusterSection, machineSection, storageDocuments, withoutKey } from "./common";
import { ingressDocuments } from "./ingress";
import type { WorkerConfigInput } from "./input";
import { networkDocuments } from "./network";
import type { MachineConfig } from "./types";

/** Machine config of a worker, in the cloud or dedicated. It carries no private key of any authority. */
export function workerConfig(input: WorkerConfigInput): MachineConfig {
  const { secrets } = input;
  return [
    {
      version: "v1alpha1",
      debug: false,
      machine: machineSection(input, "worker", withoutKey(secrets.talosCa)),
      cluster: clusterSection(input, withoutKey(secrets.kubernetesCa)),
    },
    ...networkDocuments(input),
    ...storageDocuments(input),
    ...ingressDocuments({ ...input, controlPlane: false }),
  ];
}
