import type { GpuVendor } from "../../hetzner/machines";
import type { GpuDriver } from "../../inference/gpu/table";

/** What a GPU needs of Talos beyond its system extensions (see schematic.ts). */
export interface GpuRequirements {
  kernelModules: readonly string[];
  sysctls: Readonly<Record<string, string>>;
}

const REQUIREMENTS: Record<GpuDriver, GpuRequirements> = {
  nvidia: {
    kernelModules: ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"],
    // The container toolkit loads BPF programs, which Talos's default of 2 refuses.
    sysctls: { "net.core.bpf_jit_harden": "1" },
  },
  amdgpu: { kernelModules: ["amdgpu"], sysctls: {} },
  i915: { kernelModules: ["i915"], sysctls: {} },
  xe: { kernelModules: ["xe"], sysctls: {} },
};

const USUAL_DRIVER: Record<GpuVendor, GpuDriver> = { nvidia: "nvidia", amd: "amdgpu", intel: "i915" };

export function gpuRequirements(
  gpu: { vendor: GpuVendor; model?: { driver: GpuDriver } } | undefined,
): GpuRequirements {
  return gpu ? REQUIREMENTS[gpu.model?.driver ?? USUAL_DRIVER[gpu.vendor]] : { kernelModules: [], sysctls: {} };
}
