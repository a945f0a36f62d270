import { parser } from "@prometheus-io/lezer-promql";

/** Grafana's own variables, as a value that they might have. */
const BUILT_IN: Readonly<Record<string, string>> = {
  $__rate_interval: "5m",
  $__interval: "1m",
  $__range: "3h",
};

/** The query as Prometheus would be asked it; a variable of the dashboard stands for a word. */
function asked(query: string): string {
  const text = Object.entries(BUILT_IN).reduce((all, [name, value]) => all.replaceAll(name, value), query);
  return text.replaceAll(/\$\{?(\w+)\}?/g, "x");
}

/** Variables of the dashboard that the query names. */
export function variablesOf(query: string): string[] {
  return [...query.matchAll(/\$\{?(\w+)/g)].map((match) => match[1]!).filter((name) => !name.startsWith("__"));
}

export interface PromQl {
  readonly metrics: readonly string[];
  /** What keeps it from being PromQL. */
  readonly problems: readonly string[];
}

/** Which metrics a query asks for, by the grammar that Prometheus' own editor reads it with. */
export function promQl(query: string): PromQl {
  const text = asked(query);
  const metrics: string[] = [];
  const problems: string[] = text.trim() === "" ? ["it is empty"] : [];
  const selectors: { from: number; to: number; named: boolean }[] = [];
  parser.parse(text).iterate({
    enter({ name, from, to, type }) {
      if (type.isError) problems.push(`it is no PromQL from "${text.slice(from, from + 20)}" on`);
      if (name === "VectorSelector") selectors.push({ from, to, named: false });
      if (name === "Identifier") {
        metrics.push(text.slice(from, to));
        const selector = selectors.findLast((each) => each.from <= from && to <= each.to);
        if (selector) selector.named = true;
      }
    },
  });
  if (selectors.some(({ named }) => !named)) problems.push("one of its selectors names no metric");
  return { metrics: [...new Set(metrics)], problems };
}

/** The selector and the label of `label_values(selector, label)`. */
export function labelValues(query: string): { selector: string; label: string } | undefined {
  const match = /^label_values\((.+), (\w+)\)$/s.exec(query);
  return match === null ? undefined : { selector: match[1]!, label: match[2]! };
}

const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** What brackets and quotes say; there is no grammar of LogQL and TraceQL in a package. */
function unbalanced(query: string): string[] {
  const open: string[] = [];
  const bare = query.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, "''");
  if (/["`]/.test(bare)) return ["a quotation mark in it is not closed"];
  for (const character of bare) {
    if ("([{".includes(character)) open.push(character);
    if (character in PAIRS && open.pop() !== PAIRS[character]) return [`"${character}" in it closes nothing`];
  }
  return open.length === 0 ? [] : [`"${open.at(-1)}" in it is not closed`];
}

const MATCHER = /^\s*(\w+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*$/;

/** Whether the selectors of a LogQL query name labels that make streams, and whether Loki would take them. */
export function logQl(query: string, indexLabels: readonly string[]): string[] {
  const problems = unbalanced(query);
  const selectors = [...query.matchAll(/(?:^|[(\s])\{([^}]*)\}/g)].map((match) => match[1]!);
  if (selectors.length === 0) problems.push("it has no selector of streams");
  for (const selector of selectors) {
    const matchers = selector.split(/,(?=\s*\w+\s*[=!])/).map((matcher) => MATCHER.exec(matcher));
    if (matchers.includes(null)) problems.push(`{${selector}} is no selector`);
    const named = matchers.filter((matcher) => matcher !== null);
    for (const [, label] of named) {
      if (!indexLabels.includes(label!)) problems.push(`"${label}" is no label by which Loki keeps streams`);
    }
    // Loki refuses a selector that every stream might match.
    if (!named.some(([, label, operator, value]) => demands(label!, operator!, value!))) {
      problems.push(`{${selector}} demands nothing of a stream`);
    }
  }
  return problems;
}

/** `cluster` may be anything; the other variables stand for something at least. */
const demands = (label: string, operator: string, value: string) =>
  operator === "=" ? value.length > 2 : operator === "=~" && label !== "cluster" && value !== '".*"';

/** Attributes that a TraceQL query may ask for: those of our labels, and what OpenTelemetry says of a span. */
export function traceQl(query: string, attributes: readonly string[]): string[] {
  const resource = [...query.matchAll(/resource\.([\w.]+)/g)].map((match) => match[1]!);
  return [
    ...unbalanced(query),
    ...(query.trim().startsWith("{") ? [] : ["it has no selector of spans"]),
    ...resource.filter((name) => !attributes.includes(name)).map((name) => `nobody sets the attribute "${name}"`),
  ];
}
