import { z } from "zod";
import type { Subject } from "./rule";

/**
 * A reviewed exception: who allowed which resource to break which policy, why, and until when. Names are exact, never
 * patterns: a pattern that is too wide is silent.
 */
export const Exception = z.strictObject({
  policy: z.string().min(1),
  /**
   * The resource's name in the stack, as the preview shows it; of what a chart renders,
   * `<release>/<Kind>/<object's name>`; `(stack)` for a finding about the stack as a whole.
   */
  resource: z.string().min(1),
  /** @default every stack */
  stack: z.string().min(1).optional(),
  reason: z.string().min(10),
  owner: z.string().min(1),
  expires: z.iso.date(),
});

export type Exception = z.output<typeof Exception>;

/** What an exception for the stack as a whole names as its resource. */
export const WHOLE_STACK = "(stack)";

export interface ExceptionBook {
  /** The exception that covers this policy on this resource today, if there is one. */
  covers(policy: string, subject: Pick<Subject, "name" | "urn">): Exception | undefined;
  /** What is wrong with the book itself: malformed, doubled and expired entries, unknown policies. */
  problems(knownPolicies: readonly string[], stack: string): string[];
  forStack(stack: string): Exception[];
}

export const labelOf = ({ policy, resource }: Exception) => `exception of ${policy} for "${resource}"`;

export const stackOf = (urn: string) => urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";

/**
 * Reads the reviewed exceptions. Malformed entries cover nothing, and are problems of every stack: a mistake in one must
 * neither hide the others nor keep the pack from loading. `today` is YYYY-MM-DD.
 */
export function exceptionBook(data: unknown, today: string): ExceptionBook {
  const { entries, malformed } = readEntries(data);
  const applies = (entry: Exception, stack: string) => entry.stack === undefined || entry.stack === stack;
  const keyOf = ({ policy, resource, stack }: Exception) => JSON.stringify([policy, resource, stack]);
  const index = new Map<string, Exception[]>();
  for (const entry of entries) {
    const key = `${entry.policy} ${entry.resource}`;
    index.set(key, [...(index.get(key) ?? []), entry]);
  }
  return {
    covers: (policy, { name, urn }) =>
      index.get(`${policy} ${name}`)?.find((entry) => entry.expires >= today && applies(entry, stackOf(urn))),
    problems: (knownPolicies, stack) => [
      ...malformed,
      ...entries
        .filter((entry) => applies(entry, stack))
        .flatMap((entry) => [
          ...(entry.expires < today
            ? [
                `${labelOf(entry)} expired on ${entry.expires}; ask ${entry.owner} whether it is still needed, then renew or delete it`,
              ]
            : []),
          ...(knownPolicies.includes(entry.policy)
            ? []
            : [`${labelOf(entry)} names no policy of this pack; the names are in docs/policies.md`]),
          ...(entries.find((other) => keyOf(other) === keyOf(entry)) === entry
            ? []
            : [`${labelOf(entry)} is there twice; delete one`]),
        ]),
    ],
    forStack: (stack) => entries.filter((entry) => applies(entry, stack)),
  };
}

function readEntries(data: unknown): { entries: Exception[]; malformed: string[] } {
  if (!Array.isArray(data)) return { entries: [], malformed: ["policy/exceptions.json is not a list"] };
  const entries: Exception[] = [];
  const malformed: string[] = [];
  for (const [index, raw] of data.entries()) {
    const parsed = Exception.safeParse(raw);
    if (parsed.success) entries.push(parsed.data);
    else {
      for (const { path, message } of parsed.error.issues) {
        malformed.push(`policy/exceptions.json: ${[`[${index}]`, ...path].join(".")}: ${message}`);
      }
    }
  }
  return { entries, malformed };
}
