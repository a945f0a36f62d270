import type { z } from "zod";
import { type Problem, showPath, showValue } from "./problem";
import { Settings } from "./schema";
import { didYouMean } from "./suggest";
import { describeAllowed, describeType, fields, schemaAt, unwrap } from "./walk";

type Issue = z.core.$ZodIssue;

/** Rules that the schema itself stands for. */
export const shapeRules = ["unknown-key", "required", "wrong-type", "not-one-of", "out-of-range"] as const;

/** A problem with the shape, and where it sits in the input. */
export interface ShapeProblem {
  problem: Problem;
  path: PropertyKey[];
}

/** What the schema found, as messages for the operator. */
export function shapeProblems(error: z.ZodError, input: unknown): ShapeProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? unknownKeys(issue, input) : [oneProblem(issue, input)],
  );
}

/** The value at a path of the input; undefined where there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    input,
  );
}

function unknownKeys(issue: Extract<Issue, { code: "unrecognized_keys" }>, input: unknown): ShapeProblem[] {
  const parent = schemaAt(Settings, issue.path);
  const known = parent ? fields(parent).map(([name]) => name) : [];
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const meant = didYouMean(key, known);
    return {
      path,
      problem: {
        rule: "unknown-key",
        path: showPath(path),
        value: valueAt(input, path),
        message: `There is no setting of this name.${meant ? ` Did you mean ${showPath([...issue.path, meant])}?` : ""}`,
        allowed: known.join(", "),
        fix: meant ? `Rename ${key} to ${meant}.` : `Remove ${key}.`,
      },
    };
  });
}

function oneProblem(issue: Issue, input: unknown): ShapeProblem {
  const path = [...issue.path];
  const schema = schemaAt(Settings, path);
  const value = valueAt(input, path);
  const allowed = schema ? allowedOf(schema) : "see docs/settings.md";
  const at = `orrery:${showPath(path)}`;
  const problem = (rule: (typeof shapeRules)[number] | "invalid", message: string, fix: string): ShapeProblem => ({
    path,
    problem: { rule, path: showPath(path), value, message, allowed, fix },
  });
  if (value === undefined) {
    const keys = schema ? requiredKeys(schema) : [];
    const what = keys.length > 0 ? `Set ${at} with ${keys.join(" and ")}` : `Set ${at}`;
    return problem("required", "This setting is required and has no default.", `${what}; see docs/settings.md.`);
  }
  switch (issue.code) {
    case "invalid_type":
      return problem(
        "wrong-type",
        `Expected ${schema ? describeType(schema) : issue.expected}, got ${typeName(value)}.`,
        fixOfType(at, schema ? describeType(schema) : issue.expected, value),
      );
    case "invalid_value": {
      const options = issue.values.map(String);
      const meant = didYouMean(String(value), options);
      return problem(
        "not-one-of",
        `${showValue(value)} is not one of the values that this setting can have.`,
        meant ? `Set ${at} to ${meant}.` : `Set ${at} to one of ${options.join(", ")}.`,
      );
    }
    case "too_small":
      return problem("out-of-range", tooSmall(issue), `Set ${at} to a larger value.`);
    case "too_big":
      return problem("out-of-range", `It must be at most ${issue.maximum}.`, `Set ${at} to ${issue.maximum} or less.`);
    default:
      return problem("invalid", `${issue.message}.`, `Change ${at}; see docs/settings.md.`);
  }
}

function allowedOf(schema: z.ZodType): string {
  const type = describeType(schema);
  const allowed = describeAllowed(schema);
  if (type === "object" && allowed === type)
    return `object with the keys ${fields(schema)
      .map(([key]) => key)
      .join(", ")}`;
  return type === allowed || type === "object" ? allowed : `${type}: ${allowed}`;
}

function tooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") return "It must not be empty.";
  return issue.inclusive ? `It must be at least ${issue.minimum}.` : `It must be more than ${issue.minimum}.`;
}

function typeName(value: unknown): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isInteger(value)) return "a number with a fraction";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Keys of an object that have no default. */
function requiredKeys(schema: z.ZodType): string[] {
  return fields(schema).flatMap(([key, field]) => (unwrap(field).optional ? [] : [key]));
}

/** `"3"` for 3, 3 for `"3"`, yes for true, and a key with nothing behind it are the common slips in YAML. */
function fixOfType(at: string, expected: string, value: unknown): string {
  if (value === null) return `Give ${at} as ${expected}, or remove the key.`;
  if (typeof value === "string" && expected === "true or false") return `Write ${at} as true or false, without quotes.`;
  if (typeof value === "string" && /^\d+(\.\d+)?$/.test(value)) return `Give ${at} as ${expected}, without quotes.`;
  if (expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
    const shown = showValue(value, at.slice("orrery:".length));
    return shown === String(value) ? `Write ${at} with quotes: "${value}".` : `Write ${at} with quotes.`;
  }
  return `Give ${at} as ${expected}.`;
}
