import type { GpuVendor } from "../../hetzner/machines";

/** What a GPU needs of Talos beyond its system extensions (see schematic.ts). */
export interface GpuRequirements {
  kernelModules: readonly string[];
  sysctls: Readonly<Record<string, string>>;
}

const REQUIREMENTS: Record<GpuVendor, GpuRequirements> = {
  nvidia: {
    kernelModules: ["nvidia", "nvidia_uvm", "nvidia_drm", "nvidia_modeset"],
    // The container toolkit loads BPF programs, which Talos's default of 2 refuses.
    sysctls: { "net.core.bpf_jit_harden": "1" },
  },
  amd: { kernelModules: ["amdgpu"], sysctls: {} },
  intel: { kernelModules: ["i915"], sysctls: {} },
};

export function gpuRequirements(gpu: { vendor: GpuVendor } | undefined): GpuRequirements {
  return gpu ? REQUIREMENTS[gpu.vendor] : { kernelModules: [], sysctls: {} };
}
