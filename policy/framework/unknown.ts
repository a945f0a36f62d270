/** The result of a rule on one resource. */
export type Verdict = { kind: "findings"; findings: string[] } | { kind: "not-evaluated"; reason: string };

/** The SDK's error for reading a value that is not known before `up`; its class is not part of the SDK's types. */
export function isUnknownValueError(error: unknown): error is Error {
  return error instanceof Error && "unknownTypeSentinel" in error;
}

/**
 * Runs a rule on one resource. A value that is only known after `up` makes this one verdict "not evaluated" and nothing
 * else: it must never soften the rule for the other resources.
 */
export function judge(check: () => string[]): Verdict {
  try {
    return { kind: "findings", findings: check() };
  } catch (error) {
    if (isUnknownValueError(error)) return { kind: "not-evaluated", reason: error.message };
    throw error;
  }
}
