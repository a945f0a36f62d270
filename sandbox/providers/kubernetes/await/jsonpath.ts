import { isMap, type PropertyValue } from "../../framework";

/** One step of a JSONPath: a key, an index (negative from the end), every element, or those with a field's value. */
type Step =
  | { type: "key"; key: string }
  | { type: "index"; index: number }
  | { type: "all" }
  | { type: "filter"; path: string[]; value: string };

/** The part of JSONPath that kubectl's --for=jsonpath takes: `{.status.conditions[?(@.type=="Ready")].status}`. */
export function parseJsonPath(text: string): Step[] {
  const inner = text
    .trim()
    .replace(/^\{(.*)\}$/, "$1")
    .replace(/^\$/, "");
  const path = inner.startsWith(".") || inner.startsWith("[") ? inner : `.${inner}`;
  const token =
    /\.((?:[^.[\]\\]|\\.)+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(-?\d+)\]|\[(\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*["']([^"']*)["']\)\]/gy;
  const steps: Step[] = [];
  let position = 0;
  while (position < path.length) {
    token.lastIndex = position;
    const match = token.exec(path);
    if (match === null) {
      throw new Error(
        `"${text}" is not a JSONPath that can be waited for; trouble begins at "${path.slice(position)}"`,
      );
    }
    steps.push(stepOf(match));
    position = token.lastIndex;
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [, dotted, single, double, index, all, filterPath, filterValue] = match;
  if (index !== undefined) {
    return { type: "index", index: Number(index) };
  }
  if (all !== undefined || dotted === "*") {
    return { type: "all" };
  }
  if (filterPath !== undefined) {
    return { type: "filter", path: filterPath.split("."), value: filterValue ?? "" };
  }
  return { type: "key", key: (dotted ?? single ?? double ?? "").replace(/\\(.)/g, "$1") };
}

/** Every value at the path. */
export function evaluateJsonPath(steps: readonly Step[], value: PropertyValue | undefined): PropertyValue[] {
  const [step, ...rest] = steps;
  if (value === undefined) {
    return [];
  }
  if (step === undefined) {
    return [value];
  }
  return select(step, value).flatMap((selected) => evaluateJsonPath(rest, selected));
}

function select(step: Step, value: PropertyValue): (PropertyValue | undefined)[] {
  switch (step.type) {
    case "key":
      return isMap(value) ? [value[step.key]] : [];
    case "index":
      return Array.isArray(value) ? [value.at(step.index)] : [];
    case "all":
      return Array.isArray(value) ? value : isMap(value) ? Object.values(value) : [];
    case "filter": {
      const keys: Step[] = step.path.map((key) => ({ type: "key", key }));
      const elements = Array.isArray(value) ? value : [];
      return elements.filter((element) =>
        evaluateJsonPath(keys, element).some((found) => String(found) === step.value),
      );
    }
  }
}
