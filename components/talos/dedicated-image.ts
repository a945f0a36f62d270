import type { DedicatedMachine, Settings } from "../../stacks/settings";
import { diskImageUrl, type Schematic, schematic } from "./schematic";

/** What an operator writes to a dedicated machine's disk before it can join; docs/dedicated-machines.md has the steps. */
export interface DedicatedImage {
  /** To be posted once to the image factory, which answers with its id. */
  schematic: string;
  /** Compressed disk image. */
  url: string;
}

/** What is in the image of a dedicated machine: plain Talos for metal, and what its GPU needs. */
export function dedicatedSchematic(talos: Settings["talos"], machine: Pick<DedicatedMachine, "gpu">): Schematic {
  return schematic({ platform: "metal", extensions: talos.extensions, gpu: machine.gpu });
}

/** The image of each dedicated machine, by its name in the settings. Hetzner's dedicated servers are all x86. */
export function dedicatedImages({
  dedicated,
  talos,
  versions,
}: Pick<Settings, "dedicated" | "talos" | "versions">): Record<string, DedicatedImage> {
  return Object.fromEntries(
    dedicated.map((machine) => {
      const { id, yaml } = dedicatedSchematic(talos, machine);
      const image = { schematicId: id, version: versions.talos, platform: "metal", architecture: "x86" } as const;
      return [machine.name, { schematic: yaml, url: diskImageUrl(image) }];
    }),
  );
}
