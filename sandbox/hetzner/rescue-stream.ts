/** What flows through a pipe: text, or a disk image that is too large to be simulated byte by byte. */
export type Stream = { text: string } | { image: DiskImage };

export interface DiskImage {
  schematicId: string;
  version: string;
  architecture: "x86" | "arm";
  /** undefined once decompressed. */
  compression: "xz" | "zst" | undefined;
}

/** The machine that the rescue system runs on. */
export interface RescueMachine {
  architecture: "x86" | "arm";
  knowsSchematic(id: string): boolean;
  addSchematic(yaml: string): string;
  /** undefined: wiped. */
  writeDisk(image: DiskImage | undefined): void;
  halt(how: "poweroff" | "reboot"): void;
}

export const noText: Stream = { text: "" };
export const textOf = (stream: Stream) => ("text" in stream ? stream.text : "");
