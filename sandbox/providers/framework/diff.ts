import type { DiffKind, DiffResult, PropertyDiff } from "./handler";
import { containsUnknown, isMap, type PropertyMap, type PropertyValue, Secret, sameValue } from "./values";

export interface DiffRules {
  /** Top-level inputs whose change replaces the resource; "all" for resources that cannot be updated. */
  replaceOn: readonly string[] | "all";
  /** Outputs that an update never changes. @default [] */
  stables?: readonly string[];
  deleteBeforeReplace?: boolean;
  /** Top-level inputs whose change means nothing, e.g. options of the client's behaviour. @default [] */
  ignore?: readonly string[];
}

/**
 * The difference between old and new inputs by path. Keys that begin with "__" are bookkeeping of the engine and the
 * official providers. An unknown new value counts as a change, as it does for the official providers.
 */
export function diffInputs(oldInputs: PropertyMap, newInputs: PropertyMap, rules: DiffRules): DiffResult {
  const detailedDiff: Record<string, PropertyDiff> = {};
  const replaces: string[] = [];
  for (const key of topLevelKeys(oldInputs, newInputs)) {
    if (rules.ignore?.includes(key)) {
      continue;
    }
    const replace = rules.replaceOn === "all" || rules.replaceOn.includes(key);
    const found = diffValue(pathOf("", key), oldInputs[key], newInputs[key]);
    for (const [path, kind] of found) {
      detailedDiff[path] = { kind: replace ? (`${kind}-replace` as DiffKind) : kind, inputDiff: true };
    }
    if (replace && found.length > 0) {
      replaces.push(key);
    }
  }
  return {
    detailedDiff,
    replaces,
    stables: [...(rules.stables ?? [])],
    deleteBeforeReplace: replaces.length > 0 && (rules.deleteBeforeReplace ?? false),
  };
}

function topLevelKeys(oldInputs: PropertyMap, newInputs: PropertyMap): string[] {
  const keys = new Set([...Object.keys(oldInputs), ...Object.keys(newInputs)]);
  return [...keys].filter((key) => !key.startsWith("__")).sort();
}

type Found = [path: string, kind: "add" | "delete" | "update"][];

function diffValue(path: string, before: PropertyValue | undefined, after: PropertyValue | undefined): Found {
  const left = plain(before);
  const right = plain(after);
  if (sameValue(left, right)) {
    return [];
  }
  if (left === undefined || left === null) {
    return [[path, "add"]];
  }
  if (right === undefined || right === null) {
    return [[path, "delete"]];
  }
  if (isMap(left) && isMap(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
    return keys.flatMap((key) => diffValue(pathOf(path, key), left[key], right[key]));
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, index) => diffValue(`${path}[${index}]`, left[index], right[index])).flat();
  }
  return [[path, "update"]];
}

function plain(value: PropertyValue | undefined): PropertyValue | undefined {
  return value instanceof Secret ? plain(value.value) : value;
}

/** `parent.key`, or `parent["key"]` where the key is no plain word, as the engine writes paths. */
export function pathOf(parent: string, key: string): string {
  if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) {
    return parent === "" ? key : `${parent}.${key}`;
  }
  return `${parent}["${key.replaceAll('"', '\\"')}"]`;
}

/** The names of the top-level inputs that differ. */
export function changedKeys(diff: DiffResult): string[] {
  const names = Object.keys(diff.detailedDiff).map(rootOf);
  return [...new Set(names)];
}

/** The top-level property that a path is about. */
export function rootOf(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  return quoted ? quoted[1]!.replaceAll('\\"', '"') : (/^[^.[]+/.exec(path)?.[0] ?? path);
}

/** Whether a top-level input changed, or may change because it is not known yet. */
export function changed(before: PropertyMap, after: PropertyMap, key: string): boolean {
  return containsUnknown(after[key]) || !sameValue(before[key], after[key]);
}
