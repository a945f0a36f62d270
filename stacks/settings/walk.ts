import { z } from "zod";
import type { Doc } from "./schema/doc";

/** A schema without its wrappers (default, optional), and what the wrappers said. */
export interface Unwrapped {
  schema: z.ZodType;
  optional: boolean;
  /** The default, when there is one. */
  default?: unknown;
  doc?: Doc;
}

/** Looks through default, prefault and optional; documentation on the outermost layer wins. */
export function unwrap(schema: z.ZodType): Unwrapped {
  let inner = schema;
  const found: Omit<Unwrapped, "schema"> = { optional: false };
  for (;;) {
    found.doc ??= inner.meta() as Doc | undefined;
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      found.optional = true;
      found.default ??= inner.def.defaultValue;
    } else if (inner instanceof z.ZodOptional) {
      found.optional = true;
    } else {
      return { schema: inner, ...found };
    }
    inner = inner.def.innerType as z.ZodType;
  }
}

/** Fields of an object schema, or of all objects of which it is one; empty for everything else. */
export function fields(schema: z.ZodType): [string, z.ZodType][] {
  const { schema: inner } = unwrap(schema);
  if (inner instanceof z.ZodDiscriminatedUnion) return alternatives(inner);
  return inner instanceof z.ZodObject ? (Object.entries(inner.shape) as [string, z.ZodType][]) : [];
}

/** The fields of every alternative: what tells them apart is one of their names, and the others say whose they are. */
function alternatives(union: z.ZodDiscriminatedUnion): [string, z.ZodType][] {
  const { discriminator } = union.def;
  const options = (union.options as z.ZodObject[]).map((option) => ({
    shape: option.shape as Record<string, z.ZodType>,
    name: String((unwrap(option.shape[discriminator] as z.ZodType).schema as z.ZodLiteral).value),
  }));
  const names = options.map(({ name }) => name);
  return [...new Set(options.flatMap(({ shape }) => Object.keys(shape)))].map((key): [string, z.ZodType] => {
    const having = options.filter(({ shape }) => key in shape);
    const field = having[0]!.shape[key]!;
    if (key === discriminator) {
      const meanings = having.map(({ name, shape }) => `${name}: ${lowerFirst(unwrap(shape[key]!).doc?.description)}`);
      return [key, z.enum(names).meta({ description: `${meanings.join(" ")}` })];
    }
    if (having.length === options.length) return [key, field];
    const { doc } = unwrap(field);
    const whose = `Of ${having.map(({ name }) => name).join(" and ")}: ${lowerFirst(doc?.description)}`;
    return [key, field.meta({ ...doc, description: whose })];
  });
}

function lowerFirst(text = ""): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The schema of an array's elements, when it is one. */
export function element(schema: z.ZodType): z.ZodType | undefined {
  const { schema: inner } = unwrap(schema);
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

/** The schema at a path of the settings, when there is one. */
export function schemaAt(root: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = root;
  for (const part of path) {
    if (schema === undefined) return undefined;
    const { schema: inner } = unwrap(schema);
    if (inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion) {
      schema = fields(inner).find(([key]) => key === String(part))?.[1];
    } else if (inner instanceof z.ZodArray) schema = inner.element as z.ZodType;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as z.ZodType;
    else return undefined;
  }
  return schema;
}

/** What a schema accepts, in words: from its type, its range, and its documentation. */
export function describeAllowed(schema: z.ZodType): string {
  const { schema: inner, doc } = unwrap(schema);
  return doc?.allowed ?? describeType(inner);
}

/** `integer, 0 to 100`, `one of dev, prod`, `list of strings`. */
export function describeType(schema: z.ZodType): string {
  const { schema: inner } = unwrap(schema);
  if (inner instanceof z.ZodEnum) return `one of ${inner.options.join(", ")}`;
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodArray) return `list of ${plural(describeType(inner.element as z.ZodType))}`;
  if (inner instanceof z.ZodRecord) return "map of strings to strings";
  if (inner instanceof z.ZodObject || inner instanceof z.ZodDiscriminatedUnion) return "object";
  if (inner instanceof z.ZodNumber) return describeNumber(inner);
  return "string";
}

function plural(type: string): string {
  return type === "string" || type === "object" ? `${type}s` : type;
}

function describeNumber(schema: z.ZodNumber): string {
  const type = schema.format === "safeint" ? "integer" : "number";
  const { minValue: min, maxValue: max } = schema;
  const hasMin = min !== null && min > Number.MIN_SAFE_INTEGER;
  const hasMax = max !== null && max < Number.MAX_SAFE_INTEGER;
  if (hasMin && hasMax) return `${type}, ${min} to ${max}`;
  if (hasMin) return min === 0 && type === "number" ? `${type} above 0` : `${type}, at least ${min}`;
  return hasMax ? `${type}, at most ${max}` : type;
}
