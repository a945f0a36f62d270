/** What one rule must say of resources: each rule has all four kinds of cases. */
export interface RuleCases {
  rule: string;
  type: string;
  /** What the stack sets for the rule in all of its cases. */
  config?: object;
  pass: Record<string, object>;
  /** The finding must contain the text. */
  fail: Record<string, { props: object; says: string; type?: string }>;
  unknown: object;
  /** The rule asks only whether a value was given: one that is not known yet was given. @default false */
  presence?: boolean;
}
