import type { GpuVendor } from "../../hetzner/machines";

/** Generations, as their makers call them: images and kernels are built for some of them. */
export type GpuArchitecture =
  | "ampere"
  | "ada"
  | "hopper"
  | "blackwell"
  | "rdna3"
  | "rdna4"
  | "cdna3"
  | "xe-hpg"
  | "xe2";

/** Linux' driver. Intel has two: what is newer than Arc's first generation has xe. */
export type GpuDriver = "nvidia" | "amdgpu" | "i915" | "xe";

/** A GPU that can be in a machine of one's own, or is in one of Hetzner's. */
export interface GpuModel {
  /** As its maker calls it, without the maker. */
  readonly name: string;
  readonly vendor: GpuVendor;
  readonly architecture: GpuArchitecture;
  readonly driver: GpuDriver;
  /** What the driver says that the card has, in MiB. */
  readonly reportedMiB: number;
  /** What programs can have of it, in MiB: plans count with this. */
  readonly memoryMiB: number;
  /** Where the reported figure is from. */
  readonly source: string;
  /** NVIDIA: does nothing with the closed kernel modules. */
  readonly needsOpenModules: boolean;
  /** NVIDIA: the first branch of the driver that knows the card. @default - every branch that Talos has */
  readonly minDriver?: number;
}

/**
 * NVIDIA's driver keeps some hundred MiB of each card, the more the larger it is (`nvidia-smi -q`: Reserved); programs
 * see a card without them. AMD's and Intel's drivers report what programs can have.
 */
const NVIDIA_RESERVED_MIB = 768;

const SMI = "nvidia-smi, total";
const ROCM = "rocm-smi, VRAM total";
const LEVEL_ZERO = "Level Zero, global memory";

type Line = readonly [name: string, architecture: GpuArchitecture, reportedMiB: number, source?: string];

function nvidia([name, architecture, reportedMiB, source = SMI]: Line): GpuModel {
  const blackwell = architecture === "blackwell";
  return {
    name,
    vendor: "nvidia",
    architecture,
    driver: "nvidia",
    reportedMiB,
    memoryMiB: reportedMiB - NVIDIA_RESERVED_MIB,
    source,
    needsOpenModules: blackwell,
    ...(blackwell && { minDriver: name.startsWith("RTX PRO") ? 575 : 570 }),
  };
}

const amd = ([name, architecture, reportedMiB, source = ROCM]: Line): GpuModel => ({
  name,
  vendor: "amd",
  architecture,
  driver: "amdgpu",
  reportedMiB,
  memoryMiB: reportedMiB,
  source,
  needsOpenModules: false,
});

const intel = ([name, architecture, reportedMiB, source = LEVEL_ZERO]: Line): GpuModel => ({
  name,
  vendor: "intel",
  architecture,
  // Linux has xe for both, and uses it from the second generation on.
  driver: architecture === "xe2" ? "xe" : "i915",
  reportedMiB,
  memoryMiB: reportedMiB,
  source,
  needsOpenModules: false,
});

/** No card at hand: 95 % of what is printed on the box, which is less than similar cards report. */
const BOX = "the box, less 5 %";
const ofBox = (gib: number) => Math.floor(gib * 1024 * 0.95);

const nvidiaLines: readonly Line[] = [
  ["RTX 4000 SFF Ada", "ada", 20475],
  ["RTX PRO 4000 Blackwell SFF", "blackwell", 24467],
  ["RTX 6000 Ada", "ada", 49140],
  ["RTX PRO 6000 Blackwell Max-Q", "blackwell", 97887],
  ["RTX PRO 6000 Blackwell", "blackwell", 97887],
  ["RTX 3090", "ampere", 24576],
  ["RTX 4090", "ada", 24564],
  ["RTX 5090", "blackwell", 32607],
  ["L4", "ada", 23034],
  ["L40S", "ada", 46068],
  ["A100 40GB", "ampere", 40960],
  ["A100 80GB", "ampere", 81920],
  ["H100 80GB", "hopper", 81559],
  ["H200", "hopper", 143771],
  ["B200", "blackwell", 183359],
];

const amdLines: readonly Line[] = [
  ["RX 7900 XTX", "rdna3", 24560],
  ["RX 9070 XT", "rdna4", 16304],
  ["Radeon PRO W7900", "rdna3", 46064],
  ["Instinct MI300X", "cdna3", 196592],
];

const intelLines: readonly Line[] = [
  ["Arc A770", "xe-hpg", 15473],
  ["Arc B580", "xe2", 11605],
  ["Arc Pro B50", "xe2", ofBox(16), BOX],
  ["Arc Pro B60", "xe2", ofBox(24), BOX],
  ["Data Center GPU Flex 170", "xe-hpg", 14193],
];

/** By name. */
export const gpuModels: Readonly<Record<string, GpuModel>> = Object.fromEntries(
  [...nvidiaLines.map(nvidia), ...amdLines.map(amd), ...intelLines.map(intel)].map((model) => [model.name, model]),
);

/** undefined where no GPU of this name is in the table. */
export function gpuModelOf(name: string | undefined): GpuModel | undefined {
  return name !== undefined && Object.hasOwn(gpuModels, name) ? gpuModels[name] : undefined;
}

const DEVICES: Readonly<Record<GpuDriver, string>> = {
  nvidia: "nvidia.com/gpu",
  amdgpu: "amd.com/gpu",
  i915: "gpu.intel.com/i915",
  xe: "gpu.intel.com/xe",
};

/** Under this name the device plugin offers GPUs, shared ones too; and the key of the taint that keeps other pods away. */
export function deviceOf(driver: GpuDriver): string {
  return DEVICES[driver];
}

/** As a label's value: Kubernetes takes no blanks. */
export function labelOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 63);
}
