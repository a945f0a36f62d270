import { isMap, type PropertyMap, type PropertyValue } from "../framework";
import { type KubeObject, list, text } from "./objects";

/** Fields that were written by a creation or by other clients' updates in our name; they become ours by apply. */
const ADOPTED_MANAGERS: [manager: string, operation: string][] = [
  ["kubectl", "Apply"],
  ["kubectl", "Update"],
  ["before-first-apply", "Update"],
  ["pulumi-kubernetes", "Update"],
  ["pulumi-kubernetes.exe", "Update"],
  ["pulumi-resource-kubernetes", "Update"],
];

/** Whoever creates an object by POST writes its fields under this name. */
export const CREATE_MANAGER = "pulumi-kubernetes";

/**
 * The managedFields with everything that we wrote by creation given to `fieldManager` as applied: otherwise a field
 * that the program drops would stay, because the creation still owns it. Undefined: nothing to change.
 */
export function adoptFields(live: KubeObject, fieldManager: string): PropertyValue[] | undefined {
  const entries = list(live, "metadata", "managedFields").filter(isMap);
  const adopted = entries.filter((entry) => isAdopted(entry) && text(entry, "subresource") === "");
  if (adopted.length === 0) {
    return undefined;
  }
  const isOurs = (entry: PropertyMap): boolean =>
    text(entry, "manager") === fieldManager && text(entry, "operation") === "Apply";
  const ours = entries.find(isOurs);
  const base = ours ?? { ...adopted[0]!, manager: fieldManager, operation: "Apply" };
  const fields = [...(ours === undefined ? [] : [ours]), ...adopted]
    .map((entry) => entry["fieldsV1"])
    .filter(isMap)
    .reduce(mergeFields, {});
  const others = entries.filter((entry) => !adopted.includes(entry) && entry !== ours);
  return [...others, { ...base, fieldsV1: fields }];
}

function isAdopted(entry: PropertyMap): boolean {
  return ADOPTED_MANAGERS.some(
    ([manager, operation]) => text(entry, "manager") === manager && text(entry, "operation") === operation,
  );
}

/** The union of two field sets; a set is a tree of keys. */
export function mergeFields(left: PropertyMap, right: PropertyMap): PropertyMap {
  const merged: PropertyMap = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const present = merged[key];
    merged[key] = isMap(present) && isMap(value) ? mergeFields(present, value) : (present ?? value);
  }
  return merged;
}

/** Whether a manager other than ours owns the field at a path of map keys. */
export function isForeignField(live: KubeObject, fieldManager: string, path: readonly string[]): boolean {
  const owners = list(live, "metadata", "managedFields")
    .filter(isMap)
    .filter((entry) => ownsField(entry["fieldsV1"], path))
    .map((entry) => text(entry, "manager"));
  return owners.length > 0 && !owners.includes(fieldManager);
}

function ownsField(fields: PropertyValue | undefined, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) {
    return true;
  }
  return isMap(fields) && `f:${key}` in fields && ownsField(fields[`f:${key}`], rest);
}
