/** What one rule must say of resources: each rule has all four kinds of cases. */
export interface RuleCases {
  rule: string;
  type: string;
  pass: Record<string, object>;
  /** The finding must contain the text. */
  fail: Record<string, { props: object; says: string; type?: string }>;
  unknown: object;
}
