import { stringify } from "yaml";
import type { Props, Subject } from "../framework/rule";
import { unifiedDiff } from "./unified";

export interface Comparison {
  added: string[];
  removed: string[];
  changed: { object: string; diff: string[] }[];
  unchanged: number;
}

/** What differs between the objects of two renderings; labels that only name the chart's version do not count. */
export function compareObjects(before: readonly Subject[], after: readonly Subject[]): Comparison {
  const [old, now] = [textsOf(before), textsOf(after)];
  const both = [...now.keys()].filter((object) => old.has(object));
  const diffs = both.map((object) => ({ object, diff: unifiedDiff(old.get(object)!, now.get(object)!) }));
  const changed = diffs.filter(({ diff }) => diff.length > 0);
  return {
    added: [...now.keys()].filter((object) => !old.has(object)),
    removed: [...old.keys()].filter((object) => !now.has(object)),
    changed,
    unchanged: both.length - changed.length,
  };
}

const textsOf = (subjects: readonly Subject[]) =>
  new Map(
    subjects
      .map(({ rendered, props }): [string, string] => [
        `${rendered?.object}${rendered?.hook ? " (a hook)" : ""}`,
        stringify(plainOrder(withoutVersionLabels(props)), { lineWidth: 0, aliasDuplicateObjects: false }),
      ])
      .sort(([a], [b]) => a.localeCompare(b)),
  );

const versionLabels = ["helm.sh/chart", "app.kubernetes.io/version", "chart"];

/** They change in every object with every version, and hide what does change. */
function withoutVersionLabels(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVersionLabels);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === "labels" && typeof child === "object" && child !== null
        ? Object.fromEntries(Object.entries(child).filter(([label]) => !versionLabels.includes(label)))
        : withoutVersionLabels(child),
    ]),
  );
}

/** Keys in the order of the alphabet: a template that writes them in another order changes nothing. */
function plainOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, plainOrder((value as Props)[key])]),
  );
}
