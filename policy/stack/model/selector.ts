import type { Props } from "../../framework/rule";

export type Labels = Readonly<Record<string, string>>;

export interface Requirement {
  key: string;
  operator: string;
  values: readonly string[];
}

/** A label selector, taken apart. Empty: it selects everything. */
export interface Selector {
  equal: readonly (readonly [key: string, value: string])[];
  requirements: readonly Requirement[];
}

const text = (value: unknown) => String(value);

const pairs = (labels: Props | undefined): [string, string][] =>
  Object.keys(labels ?? {}).map((key) => [key, text(labels?.[key])]);

/** A LabelSelector (matchLabels and matchExpressions). Throws at what is not known yet. */
export const selectorOf = (selector: Props | undefined): Selector => ({
  equal: pairs(selector?.matchLabels),
  requirements: ((selector?.matchExpressions ?? []) as Props[]).map(requirement),
});

export const requirement = (expression: Props): Requirement => ({
  key: text(expression.key),
  operator: text(expression.operator),
  values: ((expression.values ?? []) as unknown[]).map(text),
});

/** A plain map of labels, as Services have it. */
export const equalTo = (labels: Props | undefined): Selector => ({ equal: pairs(labels), requirements: [] });

/** Cilium's selectors may say where a label comes from. */
export function withoutSources(selector: Selector): Selector {
  const bare = (key: string) => key.replace(/^(k8s|any)[:.]/, "");
  return {
    equal: selector.equal.map(([key, value]) => [bare(key), value]),
    requirements: selector.requirements.map((each) => ({ ...each, key: bare(each.key) })),
  };
}

export const selectsAll = ({ equal, requirements }: Selector) => equal.length === 0 && requirements.length === 0;

export function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

export const matches = (labels: Labels, { equal, requirements }: Selector) =>
  equal.every(([key, value]) => labels[key] === value) && requirements.every((each) => meets(labels, each));

/** A copy as plain data. Throws at what is not known yet. */
export const labelsOf = (labels: Props | undefined): Labels => Object.fromEntries(pairs(labels));

export const selectorText = ({ equal, requirements }: Selector) =>
  [
    ...equal.map(([key, value]) => `${key}=${value}`),
    ...requirements.map(({ key, operator, values }) => `${key} ${operator} ${values.join(",")}`.trim()),
  ].join(", ") || "all pods";
