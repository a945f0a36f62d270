import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { plain, type StackExport } from "../../sandbox/recovery/state";

/** A secret of the stack, and the texts by which it would be recognised wherever it leaked. */
export interface KnownSecret {
  what: string;
  kind: string;
  needles: string[];
}

/** Which outputs of a resource nobody may read; not those that a component merely hides to be on the safe side. */
const secretOutputs: Record<string, string[]> = {
  "tls:index/privateKey:PrivateKey": ["privateKeyPem"],
  "random:index/randomPassword:RandomPassword": ["result"],
  "random:index/randomString:RandomString": ["result"],
  "random:index/randomBytes:RandomBytes": ["base64"],
  "hcloud:index/server:Server": ["userData"],
};

/** Shorter ones turn up by accident. */
const shortest = 12;

/** A text, and what it looks like inside a Secret or a kubeconfig. The middle of a key: all keys begin alike. */
export function needlesOf(value: string): string[] {
  const lines = value.trim().split("\n");
  const body = lines.length > 2 ? lines.slice(1, -1) : lines;
  const encoded = Buffer.from(value).toString("base64");
  const inBase64 = lines.length > 2 ? encoded.slice(60, 130) : encoded.replace(/.{4}=*$/, "");
  return [body.reduce((longest, line) => (line.length > longest.length ? line : longest), ""), inBase64].filter(
    (needle) => needle.length >= shortest,
  );
}

/** The real values, from a state that was exported with its secrets shown. */
export function secretsOf({ deployment }: StackExport): KnownSecret[] {
  return (deployment.resources ?? []).flatMap(({ urn, type, outputs }) =>
    (secretOutputs[type] ?? []).flatMap((key) => {
      const value = plain(outputs?.[key]);
      if (typeof value !== "string" || value.length < shortest) return [];
      return [{ what: `${urn.split("::").at(-1)}.${key}`, kind: type, needles: needlesOf(value) }];
    }),
  );
}

/** Names of the secrets that can be read in the text. */
export function leaksIn(text: string, secrets: readonly KnownSecret[]): string[] {
  return secrets.filter(({ needles }) => needles.some((needle) => text.includes(needle))).map(({ what }) => what);
}

/** All files below a folder whose names fit, as one text for each. */
export async function filesBelow(folder: string, fits: (name: string) => boolean): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && fits(entry.name));
  const texts = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [file, await readFile(file, "utf8")] as const;
  });
  return new Map(await Promise.all(texts));
}
