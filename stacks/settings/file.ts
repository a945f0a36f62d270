import { parse } from "yaml";

/**
 * What stands under `orrery:` in a stack's file (`config: {"orrery:pools": ...}`), for `parseSettings`. Keys of other
 * namespaces, e.g. `hcloud:token`, are left out.
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
      .map(([key, value]) => [key.slice("orrery:".length), value as unknown]),
  );
}
