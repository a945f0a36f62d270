import { randomBytes } from "node:crypto";

type Config = Record<string, unknown>;

/** Encrypted values as Pulumi keeps them in a stack's file. */
interface Encrypted {
  secure: string;
}

interface SecretSettings {
  /** `orrery:secrets` with those values that the sandbox's passphrase has encrypted before; undefined without any. */
  config: unknown;
  /** Values that have to be set, by name, before the engine reads the file. */
  pending: Record<string, string>;
}

/**
 * People's secrets in the sandbox. What is encrypted in the stack's file cannot be read here and need not be: it gets a
 * made-up value, once. What is in plain text, as in a test, is taken over and encrypted.
 */
export function secretSettings(config: Config, before: Config | undefined): SecretSettings {
  const own = config["orrery:secrets"];
  const given = valuesOf(own);
  if (given === undefined) return { config: own, pending: {} };
  const known = valuesOf(before?.["orrery:secrets"]) ?? {};
  const kept: Record<string, Encrypted> = {};
  const pending: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const earlier = known[name];
    if (isEncrypted(earlier)) kept[name] = earlier;
    if (!isEncrypted(value)) pending[name] = String(value);
    else if (!isEncrypted(earlier)) pending[name] = `sandbox-${name}-${randomBytes(12).toString("hex")}`;
  }
  return { config: { ...(own as object), values: kept }, pending };
}

function valuesOf(secrets: unknown): Record<string, unknown> | undefined {
  const values = (secrets as { values?: unknown } | null | undefined)?.values;
  return typeof values === "object" && values !== null && !Array.isArray(values)
    ? (values as Record<string, unknown>)
    : undefined;
}

function isEncrypted(value: unknown): value is Encrypted {
  return typeof value === "object" && value !== null && typeof (value as { secure?: unknown }).secure === "string";
}
