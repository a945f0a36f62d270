import * as config from "@pulumi/pulumi/runtime/config";
import type { Problem } from "./problem";
import { setCommand } from "./secrets";

/** Every value below `secrets.values` as text, whatever its shape: what no message may show. */
export function secretTexts(input: unknown): string[] {
  return leaves(field(field(input, "secrets"), "values"));
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function leaves(value: unknown): string[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(leaves);
  return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
}

/**
 * Whether anything in a key of the stack's configuration is encrypted. The SDK knows it, but does not declare the
 * function that says so; without it nothing is claimed.
 */
export function isEncrypted(key: string): boolean {
  const ask: unknown = Reflect.get(config, "isConfigSecret");
  return typeof ask !== "function" || ask(key) === true;
}

/** Pulumi keeps the configuration of each `up` in its history: what is in plain text there can be read for ever. */
export function plainTextProblem(names: readonly string[]): Problem {
  return {
    rule: "secret-plain-text",
    path: "secrets.values",
    value: names,
    message: "These values are not encrypted in the stack's file.",
    allowed: "values that were set with --secret",
    fix: `Take them out, replace them where they came from, and run e.g. ${setCommand(names[0] ?? "dns-api-token")}`,
  };
}
