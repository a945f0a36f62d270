import type { DedicatedMachine } from "../../../stacks/settings";
import type { GpuVendor } from "../../hetzner/machines";
import { dedicatedModels } from "../../hetzner/market/dedicated";
import { type GpuModel, gpuModelOf } from "./table";
import type { GpuSharing } from "./types";

/** The GPUs of one machine. */
export interface MachineGpu {
  readonly vendor: GpuVendor;
  readonly model: GpuModel;
  readonly count: number;
  readonly sharing: GpuSharing;
}

/** GPU of a machine by name: of Hetzner's model, or as the settings of one's own machine say. */
export function gpuNameOf({ model, gpu }: Pick<DedicatedMachine, "model" | "gpu">): string | undefined {
  return Object.hasOwn(dedicatedModels, model) ? dedicatedModels[model]?.gpu?.name : gpu?.model;
}

/**
 * The GPUs that a machine offers.
 * @default - undefined: it has none, or the settings do not use it
 * @throws when the GPU is not in the table, which the settings' rules say before
 */
export function gpuOf(machine: Pick<DedicatedMachine, "model" | "gpu">): MachineGpu | undefined {
  if (machine.gpu === undefined) return undefined;
  const name = gpuNameOf(machine);
  const model = gpuModelOf(name);
  if (model === undefined) {
    throw new Error(`The GPU ${name ?? "(none)"} of a ${machine.model} is not in the table of GPUs.`);
  }
  const { count, sharing } = machine.gpu;
  return {
    vendor: model.vendor,
    model,
    count,
    sharing: { strategy: sharing.strategy, slices: sharing.strategy === "none" ? 1 : sharing.slices },
  };
}
