import { parse } from "yaml";

/**
 * What stands under `orrery:` in a stack's file (`config: {"orrery:pools": ...}`), for `parseSettings`. Keys of other
 * namespaces, e.g. `hcloud:token`, are left out. An encrypted value is a text that stands for it: only Pulumi can read
 * it, and here nobody has to.
 * @throws Error when the text is no YAML, or has no `config`.
 */
export function readStackFile(text: string): Record<string, unknown> {
  const file: unknown = parse(text);
  const config = typeof file === "object" && file !== null && "config" in file ? file.config : undefined;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new Error("A stack's file needs `config:` with keys such as `orrery:environment` under it.");
  }
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith("orrery:"))
      .map(([key, value]) => [key.slice("orrery:".length), withoutCiphertext(value)]),
  );
}

const ENCRYPTED = "(encrypted)";

function withoutCiphertext(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "secure") return ENCRYPTED;
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutCiphertext(inner)]));
}
