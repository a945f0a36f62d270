import { z } from "zod";
import type { Subject } from "./rule";

/**
 * A reviewed exception: who allowed which resource to break which policy, why, and until when. Names are exact, never
 * patterns: a pattern that is too wide is silent.
 */
export const Exception = z.strictObject({
  policy: z.string().min(1),
  /** The resource's name in the stack, as the preview shows it. */
  resource: z.string().min(1),
  /** @default every stack */
  stack: z.string().min(1).optional(),
  reason: z.string().min(10),
  owner: z.string().min(1),
  expires: z.iso.date(),
});

export type Exception = z.output<typeof Exception>;

export interface ExceptionBook {
  /** The exception that covers this policy on this resource today, if there is one. */
  covers(policy: string, subject: Subject): Exception | undefined;
  /** What is wrong with the book itself: expired entries, unknown policies. */
  problems(knownPolicies: readonly string[], stack: string): string[];
  forStack(stack: string): Exception[];
}

const label = ({ policy, resource }: Exception) => `exception of ${policy} for "${resource}"`;

export const stackOf = (urn: string) => urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";

/** Reads the reviewed exceptions; all malformed entries are reported at once. `today` is YYYY-MM-DD. */
export function exceptionBook(data: unknown, today: string): ExceptionBook {
  const parsed = z.array(Exception).safeParse(data);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `- exceptions[${issue.path.join(".")}]: ${issue.message}`);
    throw new Error(`policy/exceptions.json:\n${problems.join("\n")}`);
  }
  const entries = parsed.data;
  const applies = (entry: Exception, stack: string) => entry.stack === undefined || entry.stack === stack;
  return {
    covers: (policy, subject) =>
      entries.find(
        (entry) =>
          entry.policy === policy &&
          entry.resource === subject.name &&
          entry.expires >= today &&
          applies(entry, stackOf(subject.urn)),
      ),
    problems: (knownPolicies, stack) =>
      entries
        .filter((entry) => applies(entry, stack))
        .flatMap((entry) => [
          ...(entry.expires < today
            ? [
                `${label(entry)} expired on ${entry.expires}; ask ${entry.owner} whether it is still needed, then renew or delete it`,
              ]
            : []),
          ...(knownPolicies.includes(entry.policy)
            ? []
            : [`${label(entry)} names no policy of this pack; the names are in docs/policies.md`]),
        ]),
    forStack: (stack) => entries.filter((entry) => applies(entry, stack)),
  };
}
