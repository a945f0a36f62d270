import { createHash } from "node:crypto";
import type { RescueMachine, Stream } from "./rescue-stream";

interface Answer {
  status: number;
  body: Stream;
}

/** A schematic's id is the SHA-256 of its canonical YAML; who posts it in that form gets the factory's own id. */
export const schematicId = (yaml: string) => createHash("sha256").update(yaml).digest("hex");

/** Names of the official extensions in a schematic, as Talos calls them: without their vendor. */
export function extensionsIn(yaml: string): string[] {
  return [...yaml.matchAll(/^ +- siderolabs\/(\S+)$/gm)].map(([, name]) => name!);
}

const image = /\/image\/([0-9a-f]{64})\/(v\d+\.\d+\.\d+[\w.-]*)\/hcloud-(amd64|arm64)\.raw\.(xz|zst)$/;

/** The Talos image factory as seen from the rescue system; undefined for any other host. */
export function request(method: string, url: string, body: string, machine: RescueMachine): Answer | undefined {
  const path = /^https?:\/\/[\w.-]+(?::\d+)?(\/.*)$/.exec(url)?.[1];
  if (path === undefined) {
    return undefined;
  }
  if (path === "/schematics") {
    return method === "POST"
      ? { status: 201, body: { text: `${JSON.stringify({ id: machine.addSchematic(body) })}\n` } }
      : { status: 405, body: { text: "Method Not Allowed\n" } };
  }
  const match = image.exec(path);
  if (!match) {
    return path.startsWith("/image/") ? { status: 404, body: { text: "Not Found\n" } } : undefined;
  }
  const [, id = "", version = "", architecture, compression] = match;
  if (!machine.knowsSchematic(id)) {
    return { status: 404, body: { text: `schematic ID "${id}" not found\n` } };
  }
  return {
    status: 200,
    body: {
      image: {
        schematicId: id,
        version,
        architecture: architecture === "arm64" ? "arm" : "x86",
        compression: compression === "zst" ? "zst" : "xz",
      },
    },
  };
}
