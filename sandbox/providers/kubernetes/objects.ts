import { isMap, type PropertyMap, type PropertyValue } from "../framework";

/** A Kubernetes object as JSON. Objects that come from the program may still hold unknown values. */
export type KubeObject = PropertyMap;

export interface GroupVersionKind {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
}

export const TYPE_PREFIX = "kubernetes:";
export const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";

/** Annotations that steer the provider; they are part of the object, as with the official one. */
export const ANNOTATION = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  waitFor: "pulumi.com/waitFor",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  replaceUnready: "pulumi.com/replaceUnready",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  deletionPropagation: "pulumi.com/deletionPropagationPolicy",
} as const;

/** `kubernetes:apps/v1:Deployment` -> apps, v1, Deployment; `core/v1` is the group without a name. */
export function kindOfType(type: string): GroupVersionKind {
  const [, groupVersion = "", kind = ""] = type.split(":");
  const slash = groupVersion.indexOf("/");
  if (slash < 0 || kind === "") {
    throw new Error(`"${type}" is not a type of a Kubernetes resource (kubernetes:<group>/<version>:<Kind>).`);
  }
  const group = groupVersion.slice(0, slash);
  return { group: group === "core" ? "" : group, version: groupVersion.slice(slash + 1), kind };
}

export function apiVersionOf(gvk: GroupVersionKind): string {
  return gvk.group === "" ? gvk.version : `${gvk.group}/${gvk.version}`;
}

export function kindOfObject(object: KubeObject): GroupVersionKind {
  const apiVersion = text(object, "apiVersion");
  const slash = apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: slash < 0 ? apiVersion : apiVersion.slice(slash + 1),
    kind: text(object, "kind"),
  };
}

/** The value at a path of map keys; undefined where something is missing, not a map, or unknown. */
export function pluck(object: PropertyValue | undefined, ...path: string[]): PropertyValue | undefined {
  let current = object;
  for (const key of path) {
    if (!isMap(current)) {
      return undefined;
    }
    current = current[key];
  }
  return current;
}

export function text(object: PropertyValue | undefined, ...path: string[]): string {
  const value = pluck(object, ...path);
  return typeof value === "string" ? value : "";
}

export function integer(object: PropertyValue | undefined, ...path: string[]): number | undefined {
  const value = pluck(object, ...path);
  return typeof value === "number" ? value : undefined;
}

export function list(object: PropertyValue | undefined, ...path: string[]): PropertyValue[] {
  const value = pluck(object, ...path);
  return Array.isArray(value) ? value : [];
}

export function nameOf(object: KubeObject): string {
  return text(object, "metadata", "name");
}

export function namespaceOf(object: KubeObject): string {
  return text(object, "metadata", "namespace");
}

/** The id in the state: `namespace/name`, or `name` for what has no namespace. */
export function idOf(object: KubeObject): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { namespace: "", name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

export function annotation(object: KubeObject, key: string): string {
  return text(object, "metadata", "annotations", key);
}

export function isAnnotated(object: KubeObject, key: string): boolean {
  return annotation(object, key) === "true";
}

/** A copy with metadata.<key> set, or removed when the value is undefined. */
export function withMetadata(object: KubeObject, key: string, value: PropertyValue | undefined): KubeObject {
  const present = object["metadata"];
  const metadata: PropertyMap = isMap(present) ? { ...present } : {};
  if (value === undefined) {
    delete metadata[key];
  } else {
    metadata[key] = value;
  }
  return { ...object, metadata };
}

/** A copy with the annotation; unchanged when the metadata or its annotations are still unknown. */
export function withAnnotation(object: KubeObject, key: string, value: string): KubeObject {
  const metadata = object["metadata"] ?? {};
  const annotations = isMap(metadata) ? (metadata["annotations"] ?? {}) : undefined;
  return isMap(annotations) ? withMetadata(object, "annotations", { ...annotations, [key]: value }) : object;
}

/** A copy without the value at a path of map keys. */
export function without(object: KubeObject, ...path: string[]): KubeObject {
  const [key, ...rest] = path;
  if (key === undefined || !(key in object)) {
    return object;
  }
  if (rest.length === 0) {
    const { [key]: _removed, ...kept } = object;
    return kept;
  }
  const child = object[key];
  return isMap(child) ? { ...object, [key]: without(child, ...rest) } : object;
}

/** A copy with the value at a path of map keys, making maps on the way. */
export function withValue(object: KubeObject, path: readonly string[], value: PropertyValue): KubeObject {
  const [key, ...rest] = path;
  if (key === undefined) {
    return object;
  }
  const child = object[key];
  return { ...object, [key]: rest.length === 0 ? value : withValue(isMap(child) ? child : {}, rest, value) };
}

/** kubernetes:core/v1:NamespacePatch and its like patch an object that somebody else owns. */
export function isPatchType(type: string): boolean {
  return type.endsWith("Patch") && !type.endsWith(":Patch");
}

export function isSecret(object: KubeObject): boolean {
  return object["apiVersion"] === "v1" && object["kind"] === "Secret";
}

export function isConfigMap(object: KubeObject): boolean {
  return object["apiVersion"] === "v1" && object["kind"] === "ConfigMap";
}

export function isCrd(object: KubeObject): boolean {
  return object["kind"] === "CustomResourceDefinition" && kindOfObject(object).group === "apiextensions.k8s.io";
}
