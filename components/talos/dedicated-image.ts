import type { DedicatedMachine, Settings } from "../../stacks/settings";
import { gpuOf } from "../inference/gpu/of-machine";
import { diskImageUrl, type Schematic, schematic } from "./schematic";
import { machineExtensions } from "./storage-requirements";

/** What an operator writes to a dedicated machine's disk before it can join; docs/dedicated-machines.md has the steps. */
export interface DedicatedImage {
  /** To be posted once to the image factory, which answers with its id. */
  schematic: string;
  /** Compressed disk image. */
  url: string;
}

/** What is in the image of a dedicated machine: plain Talos for metal, and what its GPU and the storage need. */
export function dedicatedSchematic(
  settings: Pick<Settings, "storage" | "talos">,
  machine: Pick<DedicatedMachine, "gpu" | "model">,
): Schematic {
  return schematic({
    platform: "metal",
    extensions: machineExtensions(settings),
    gpu: gpuOf(machine),
    nvidia: settings.talos.nvidia,
  });
}

/** The image of each dedicated machine, by its name in the settings. All of them are x86. */
export function dedicatedImages({
  dedicated,
  versions,
  ...settings
}: Pick<Settings, "dedicated" | "storage" | "talos" | "versions">): Record<string, DedicatedImage> {
  return Object.fromEntries(
    dedicated.map((machine) => {
      const { id, yaml } = dedicatedSchematic(settings, machine);
      const image = { schematicId: id, version: versions.talos, platform: "metal", architecture: "x86" } as const;
      return [machine.name, { schematic: yaml, url: diskImageUrl(image) }];
    }),
  );
}
