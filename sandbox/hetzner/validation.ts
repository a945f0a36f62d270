import { z } from "zod";
import { invalidField, invalidInput, limitExceeded, notUnique } from "./errors";
import { labelProblems } from "./selectors";

/** Request bodies: shapes by zod, problems told as Hetzner's `invalid_input` with one entry a field. */

export const Labels = z.record(z.string(), z.unknown()).superRefine((labels, context) => {
  for (const message of labelProblems(labels)) {
    context.addIssue({ code: "custom", message });
  }
}) as unknown as z.ZodType<Record<string, string>>;

export const Name = z
  .string()
  .min(1)
  .max(128)
  .refine((name) => name.trim() === name, "must not begin or end with a space");

/** A valid hostname as per RFC 1123. */
export const Hostname = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i, "must be a valid hostname");

export const Id = z.number().int().positive();

/** The API takes an id or a name in such fields; ids come as numbers or strings. */
export const IdOrName = z.union([z.string().min(1), z.number().int()]).transform(String);

export function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) {
    return result.data;
  }
  const fields = new Map<string, string[]>();
  for (const issue of result.error.issues) {
    const name = issue.path.join(".") || (issue.code === "unrecognized_keys" ? issue.keys.join(",") : "body");
    fields.set(name, [...(fields.get(name) ?? []), issue.message]);
  }
  throw invalidInput(...[...fields].map(([name, messages]) => ({ name, messages })));
}

export function pathId(params: unknown): number {
  const text = (params as { id?: string }).id ?? "";
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) {
    throw invalidField("id", `'${text}' is not an ID`);
  }
  return id;
}

export function requireUnique(kind: string, existing: { id: number; name: string }[], name: string, self?: number) {
  if (existing.some((other) => other.name === name && other.id !== self)) {
    throw notUnique(kind, "name", name);
  }
}

export function requireRoom(what: string, count: number, limit: number) {
  if (count >= limit) {
    throw limitExceeded(what, limit);
  }
}
