import { type Condition, withCondition } from "../types";

/** A condition without its times. */
export interface Verdict {
  type: string;
  ok: boolean;
  reason: string;
  message: string;
}

/** All conditions of one status, their times kept where nothing changed. */
export function conditions(
  have: Condition[] | undefined,
  verdicts: readonly Verdict[],
  generation: number | undefined,
  now: Date,
): Condition[] {
  // In the order of the verdicts: a list that is only sorted otherwise would be another status each time.
  return verdicts.map(({ type, ok, reason, message }) => {
    const next: Condition = {
      type,
      status: ok ? "True" : "False",
      reason,
      message,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
    return withCondition(have, next, now).at(-1)!;
  });
}
