import { parseAllDocuments } from "yaml";
import { isMap, type PropertyMap } from "../framework";
import { kindOfObject, nameOf, namespaceOf, text } from "./objects";

/** The objects of a rendered manifest. */
export function parseManifest(manifest: string): PropertyMap[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const value: unknown = "toJS" in document ? document.toJS() : undefined;
    return isMap(value) && text(value, "kind") !== "" ? [value] : [];
  });
}

/** `Kind.group/apiVersion` -> `namespace/name` of each object, sorted: the official provider's resourceNames. */
export function resourceNames(objects: PropertyMap[]): Record<string, string[]> {
  const names = new Map<string, Set<string>>();
  for (const object of objects) {
    const { group, kind } = kindOfObject(object);
    const key = `${group === "" ? kind : `${kind}.${group}`}/${text(object, "apiVersion")}`;
    const namespace = namespaceOf(object);
    const name = namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
    names.set(key, (names.get(key) ?? new Set()).add(name));
  }
  return Object.fromEntries([...names].map(([key, values]) => [key, [...values].sort()]));
}
