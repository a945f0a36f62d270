import type { GpuVendor } from "../../hetzner/machines";
import type { GpuSharing } from "./types";

/** How a node's GPUs are shared, with the slices of each: device plugins find their configuration by it. */
export const GPU_SHARING_LABEL = "orrery.dev/gpu-sharing";
/** NVIDIA's plugin takes the configuration of this name on the node. */
export const NVIDIA_CONFIG_LABEL = "nvidia.com/device-plugin.config";
/** NVIDIA's chart runs the daemon that divides GPUs only where this is true. */
export const NVIDIA_MPS_LABEL = "nvidia.com/mps.capable";

/** One word for a way of sharing: `none`, `time-slicing-20`, `mps-4`. */
export function sharingName({ strategy, slices }: GpuSharing): string {
  return strategy === "none" ? "none" : `${strategy}-${slices}`;
}

/** What a node's labels say of the sharing of its GPUs. */
export function sharingLabels(vendor: GpuVendor, sharing: GpuSharing): Record<string, string> {
  const name = sharingName(sharing);
  return {
    [GPU_SHARING_LABEL]: name,
    ...(vendor === "nvidia" && { [NVIDIA_CONFIG_LABEL]: name }),
    ...(vendor === "nvidia" && sharing.strategy === "mps" && { [NVIDIA_MPS_LABEL]: "true" }),
  };
}

/** The different ways in which machines share, each once, in their order. */
export function distinctSharing(machines: readonly { readonly sharing: GpuSharing }[]): GpuSharing[] {
  const all = machines.map(({ sharing }) => sharing);
  return all.filter((each, index) => all.findIndex((other) => sharingName(other) === sharingName(each)) === index);
}
