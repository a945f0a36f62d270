import { createHash } from "node:crypto";
import type { Settings } from "../../stacks/settings";
import type { Architecture, GpuVendor } from "../hetzner/machines";
import type { GpuDriver } from "../inference/gpu/table";

/** Where images come from; the schematic must have been posted there once. */
export const IMAGE_FACTORY = "https://factory.talos.dev";

export type TalosPlatform = "hcloud" | "metal";

type NvidiaSettings = Settings["talos"]["nvidia"];

export interface SchematicInput {
  platform: TalosPlatform;
  /** From the settings, e.g. "siderolabs/iscsi-tools". */
  extensions: readonly string[];
  gpu?: { vendor: GpuVendor; model?: { driver: GpuDriver } };
  /** Which of NVIDIA's drivers. @default - the open modules of the long-term branch */
  nvidia?: NvidiaSettings;
}

/** A Talos image factory schematic: what is in the image beyond plain Talos. */
export interface Schematic {
  /** SHA-256 of `yaml`, 64 hex digits: the factory's name for it. */
  id: string;
  /** Canonical form, exactly as the factory hashes it. */
  yaml: string;
  extensions: string[];
}

/** What every machine on a platform needs. */
const PLATFORM_EXTENSIONS: Record<TalosPlatform, readonly string[]> = {
  // Clean shutdown and a consistent snapshot from the Hetzner console.
  hcloud: ["siderolabs/qemu-guest-agent"],
  // Microcode is loaded by the kernel before anything could tell the vendor; each CPU ignores the other's.
  metal: ["siderolabs/amd-ucode", "siderolabs/intel-ucode"],
};

const NVIDIA_MODULES: Record<NvidiaSettings["modules"], string> = {
  open: "nvidia-open-gpu-kernel-modules",
  closed: "nonfree-kmod-nvidia",
};

/**
 * NVIDIA: kernel modules and container toolkit of one branch, always. Blackwell cards need the open modules, the RTX PRO
 * ones a driver from 575 on.
 */
function gpuExtensions(
  { vendor, model }: NonNullable<SchematicInput["gpu"]>,
  { modules, branch }: NvidiaSettings,
): string[] {
  switch (vendor) {
    case "nvidia":
      return [`siderolabs/nvidia-container-toolkit-${branch}`, `siderolabs/${NVIDIA_MODULES[modules]}-${branch}`];
    case "amd":
      return ["siderolabs/amdgpu"];
    case "intel":
      return [`siderolabs/${model?.driver ?? "i915"}`];
  }
}

const NVIDIA_DEFAULT: NvidiaSettings = { modules: "open", branch: "lts" };

/**
 * The schematic of a machine, computed without asking the factory. The id is the hash of the canonical YAML: four
 * spaces, fixed key order, sorted extensions, trailing newline.
 */
export function schematic(input: SchematicInput): Schematic {
  const extensions = [
    ...new Set([
      ...PLATFORM_EXTENSIONS[input.platform],
      ...(input.gpu ? gpuExtensions(input.gpu, input.nvidia ?? NVIDIA_DEFAULT) : []),
      ...input.extensions,
    ]),
  ].sort();
  const yaml = canonicalYaml(extensions);
  return { id: createHash("sha256").update(yaml).digest("hex"), yaml, extensions };
}

/** @throws when an extension's name would not survive as a plain YAML scalar. */
export function canonicalYaml(extensions: readonly string[]): string {
  if (extensions.length === 0) return "customization: {}\n";
  for (const extension of extensions) {
    if (!/^[a-z0-9]+(?:[./_-][a-z0-9]+)*$/i.test(extension)) {
      throw new Error(
        `talos.extensions has "${extension}", which is no name of a Talos extension. Allowed are names like ` +
          '"siderolabs/iscsi-tools".',
      );
    }
  }
  const list = extensions.map((extension) => `            - ${extension}\n`).join("");
  return `customization:\n    systemExtensions:\n        officialExtensions:\n${list}`;
}

const FACTORY_ARCHITECTURE: Record<Architecture, string> = { x86: "amd64", arm: "arm64" };

/** Compressed disk image, for the first boot. */
export function diskImageUrl(
  image: { schematicId: string; version: string; platform: TalosPlatform; architecture: Architecture },
  factory = IMAGE_FACTORY,
): string {
  const { schematicId, version, platform, architecture } = image;
  return `${factory}/image/${schematicId}/${version}/${platform}-${FACTORY_ARCHITECTURE[architecture]}.raw.xz`;
}

/** Installer image, for upgrades; the platform is part of its name. */
export function installerImage(image: { schematicId: string; version: string; platform: TalosPlatform }): string {
  return `${new URL(IMAGE_FACTORY).host}/${image.platform}-installer/${image.schematicId}:${image.version}`;
}
