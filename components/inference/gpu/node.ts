import type { GpuVendor } from "../../hetzner/machines";
import type { GpuMachine } from "./types";

/** Vendor of a node's GPUs, as the machines' configuration labels it: what runs beside GPUs finds its nodes by it. */
export const GPU_LABEL = "orrery.dev/gpu";

/** Talos's extension for NVIDIA brings the handler of this name; the class is made beside NVIDIA's device plugin. */
export const NVIDIA_RUNTIME_CLASS = "nvidia";

/** A taint as the settings of a machine have it. */
export interface MachineTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A type alias, as only those are plain data of a chart's values. */
export type Toleration = {
  readonly key: string;
  readonly operator: string;
  readonly effect: string;
};

/** Whatever keeps other pods away from the machines. Each key and effect once. */
export function tolerationsOf(taints: readonly MachineTaint[]): Toleration[] {
  const all = taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
  return all.filter(
    (each, index) => all.findIndex(({ key, effect }) => key === each.key && effect === each.effect) === index,
  );
}

export const machinesOf = (machines: readonly GpuMachine[], vendor: GpuVendor): GpuMachine[] =>
  machines.filter((machine) => machine.vendor === vendor);
