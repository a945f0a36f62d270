import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { resources } from "../../kit/sizes";

/** What both agents need of the node, and are allowed on it. */

/** An agent that falls silent on one node is found late: it runs on all of them, whatever their taints. */
export const everyNode: ChartValues[] = [{ operator: "Exists" }];

/** Root, because the files are root's; and nothing that root may do beyond that. */
export const rootReader: ChartValues = {
  runAsUser: 0,
  runAsGroup: 0,
  runAsNonRoot: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** How far it has read is kept on the node: a new pod goes on where the one before ended. */
export function stateVolume(path: string): ChartValues {
  return { name: "state", hostPath: { path, type: "DirectoryOrCreate" } };
}

export const MEMORY_MIB = 160;

/** Of each node. */
export const agentResources: ChartValues = { ...resources(50, MEMORY_MIB) };

export function agentAnnotations(configHash: string): Record<string, string> {
  return {
    "orrery.dev/config-hash": configHash,
    ...exceptionAnnotations([
      { rule: "service-account-token", reason: "it asks the Kubernetes API for the pods of its node" },
    ]),
  };
}
