import { isMap, type PropertyMap, type PropertyValue, Unknown } from "../framework";
import { touches } from "./immutable";
import { isNothing, sameMeaning } from "./normalize";

export type ChangeKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** Property path as the engine prints it (`spec.template.spec.containers[0].image`) -> what happens to it. */
export type Changes = Map<string, ChangeKind>;

type Path = readonly (string | number)[];

/**
 * What changes from `before` (the live object, pruned to what was asked for) to `after` (the new inputs). A change
 * to one of `immutableFields` is marked as a replacement. Unknown values count as changes: nobody knows better.
 */
export function diffObjects(before: PropertyMap, after: PropertyMap, immutableFields: readonly string[]): Changes {
  const changes: Changes = new Map();
  diffMaps([], before, after, immutableFields, changes);
  return changes;
}

function diffMaps(path: Path, before: PropertyMap, after: PropertyMap, fields: readonly string[], out: Changes): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    diffValues([...path, key], before[key], after[key], fields, out);
  }
}

function diffValues(
  path: Path,
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  fields: readonly string[],
  out: Changes,
): void {
  if (sameMeaning(before, after) || (isMissing(before) && isMissing(after))) {
    return;
  }
  if (isMap(before) && isMap(after)) {
    diffMaps(path, before, after, fields, out);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      diffValues([...path, index], before[index], after[index], fields, out);
    }
    return;
  }
  // An empty map or list that is new: the server would drop it again, so asking for it is no change.
  if (isMissing(before) && isNothing(after)) {
    return;
  }
  const kind = changeKind(before, after);
  const value = isMissing(after) || after instanceof Unknown ? before : after;
  out.set(formatPath(path), touches(path, value, fields) ? (`${kind}-replace` as ChangeKind) : kind);
}

function isMissing(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null;
}

function changeKind(before: PropertyValue | undefined, after: PropertyValue | undefined): "add" | "update" | "delete" {
  if (isMissing(before)) {
    return "add";
  }
  return isMissing(after) ? "delete" : "update";
}

/** `a.b[0]["c.d"]`, the engine's notation. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") {
      text += `[${part}]`;
    } else if (/[."[\]]/.test(part)) {
      text += `["${part.replaceAll('"', '\\"')}"]`;
    } else {
      text += text === "" ? part : `.${part}`;
    }
  }
  return text;
}

/** Reads `a.b[0]["c.d"]`; `*` stays a key that matches anything. */
export function parsePath(text: string): (string | number)[] {
  const parts: (string | number)[] = [];
  const token = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[(\*)\]|([^.[\]]+)/g;
  for (const match of text.matchAll(token)) {
    if (match[1] !== undefined) {
      parts.push(match[1].replaceAll('\\"', '"'));
    } else if (match[2] !== undefined) {
      parts.push(Number(match[2]));
    } else {
      parts.push(match[3] ?? match[4] ?? "");
    }
  }
  return parts;
}

/** The changes without those at or below a path of ignoreChanges. */
export function withoutIgnored(changes: Changes, ignored: readonly string[]): Changes {
  const paths = ignored.map(parsePath);
  return new Map(
    [...changes].filter(([path]) => {
      const parts = parsePath(path);
      return !paths.some((candidate) => isAbove(candidate, parts));
    }),
  );
}

function isAbove(candidate: Path, path: Path): boolean {
  return candidate.length <= path.length && candidate.every((part, index) => part === "*" || part === path[index]);
}

export function replacedBy(changes: Changes): string[] {
  return [...changes].filter(([, kind]) => kind.endsWith("-replace")).map(([path]) => path);
}
