import type { Problem } from "../problem";
import type { Settings } from "../schema";

/** What a rule found; the id is added. */
export type Finding = Omit<Problem, "rule">;

/** One thing that must hold, over settings whose shape is right. */
export interface Rule {
  /** Kebab case; test/fixtures/settings/must-fail/<id>.yaml breaks it. */
  id: string;
  check: (settings: Settings) => Finding[];
}

export function rule(id: string, check: (settings: Settings) => Finding[]): Rule {
  return { id, check };
}

/** Positions of values that stand earlier in the list already. */
export function duplicates(values: readonly unknown[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}
