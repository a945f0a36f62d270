import { invalidField } from "./errors";
import type { Labels } from "./records";

/**
 * Labels and label selectors. The grammar: `k`, `!k`, `k=v` (or `==`), `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by
 * commas, all of which must hold.
 */

type Term = { key: string; test: "exists" | "absent" } | { key: string; test: "in" | "notin"; values: string[] };

const name = /^[a-z0-9A-Z]([a-z0-9A-Z._-]{0,61}[a-z0-9A-Z])?$/;
const prefix = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

export function isLabelKey(key: string): boolean {
  const parts = key.split("/");
  if (parts.length > 2) {
    return false;
  }
  const [first, last] = [parts[0] ?? "", parts.at(-1) ?? ""];
  return name.test(last) && (parts.length === 1 || (prefix.test(first) && first.length <= 253));
}

export const isLabelValue = (value: string) => value === "" || name.test(value);

/** What is wrong with labels, one message a label. */
export function labelProblems(labels: Record<string, unknown>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    if (!isLabelKey(key)) {
      return [`label key '${key}' is not correctly formatted`];
    }
    if (typeof value !== "string" || !isLabelValue(value)) {
      return [`label value '${String(value)}' (key: '${key}') is not correctly formatted`];
    }
    return [];
  });
}

/** Splits at commas that are not inside parentheses. */
function splitTerms(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((term) => term.trim());
}

function parseTerm(text: string): Term {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  const equality = /^([^=!\s]+)\s*(==|!=|=)\s*(\S*)$/.exec(text);
  const bare = /^(!?)\s*(\S+)$/.exec(text);
  let term: Term | undefined;
  if (set) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    term = { key: set[1] ?? "", test: set[2] as "in" | "notin", values };
  } else if (equality) {
    term = { key: equality[1] ?? "", test: equality[2] === "!=" ? "notin" : "in", values: [equality[3] ?? ""] };
  } else if (bare) {
    term = { key: bare[2] ?? "", test: bare[1] === "!" ? "absent" : "exists" };
  }
  const valid = term && isLabelKey(term.key) && (!("values" in term) || term.values.every(isLabelValue));
  if (!term || !valid) {
    throw invalidField("label_selector", `'${text}' is not a valid label selector`);
  }
  return term;
}

function holds(term: Term, labels: Labels): boolean {
  const value = Object.hasOwn(labels, term.key) ? labels[term.key] : undefined;
  switch (term.test) {
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "in":
      return value !== undefined && term.values.includes(value);
    case "notin":
      return value === undefined || !term.values.includes(value);
  }
}

/** Parses a selector once; throws invalid_input when it is malformed. An empty one matches everything. */
export function parseSelector(selector: string): (labels: Labels) => boolean {
  const terms = selector.trim() === "" ? [] : splitTerms(selector).map(parseTerm);
  return (labels) => terms.every((term) => holds(term, labels));
}
