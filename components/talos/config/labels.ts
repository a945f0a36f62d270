import type { DedicatedMachine } from "../../../stacks/settings";
import { GPU_LABEL } from "../../inference/gpu/node";
import { gpuOf, type MachineGpu } from "../../inference/gpu/of-machine";
import { sharingLabels } from "../../inference/gpu/sharing";
import { labelOf } from "../../inference/gpu/table";
import { MACHINE_LABEL } from "../../inference/types";

export { GPU_LABEL } from "../../inference/gpu/node";
/** Model of a node's GPUs, as its maker calls it, with hyphens. */
export const GPU_MODEL_LABEL = "orrery.dev/gpu-model";
/** Memory of each of a node's GPUs that programs can have, in whole GiB. */
export const GPU_MEMORY_LABEL = "orrery.dev/gpu-memory-gib";

/** What the node of a dedicated machine is called by, beside its pool: the machine, its GPUs, what the settings add. */
export function dedicatedLabels(
  machine: Pick<DedicatedMachine, "gpu" | "labels" | "model" | "name">,
): Record<string, string> {
  const gpu = gpuOf(machine);
  return { [MACHINE_LABEL]: machine.name, ...(gpu && gpuLabels(gpu)), ...machine.labels };
}

function gpuLabels({ vendor, model, sharing }: MachineGpu): Record<string, string> {
  return {
    [GPU_LABEL]: vendor,
    [GPU_MODEL_LABEL]: labelOf(model.name),
    [GPU_MEMORY_LABEL]: String(Math.floor(model.memoryMiB / 1024)),
    ...sharingLabels(vendor, sharing),
  };
}

/** What keeps the cloud's own programs off machines that are not in its API. */
export function notOfTheCloud({ robotNumber }: { readonly robotNumber?: number }): Record<string, string> {
  return {
    // Its controller and its volume driver leave nodes alone that have this label, and they know this value only.
    "instance.hetzner.cloud/provided-by": "robot",
    // For a load balancer it asks whose server each node is, and fails at one of nobody: it is no target.
    ...(robotNumber === undefined && { "node.kubernetes.io/exclude-from-external-load-balancers": "true" }),
  };
}
