import { randomBytes } from "node:crypto";
import { isMap, Unknown } from "../framework";
import { ANNOTATION, isAnnotated, type KubeObject, nameOf, pluck, withAnnotation, withMetadata } from "./objects";

const MAX_NAME_LENGTH = 253;

/** `name-1a2b3c4d`: unique, valid for DNS when the resource's name is. */
export function autoname(resourceName: string): string {
  const suffix = `-${randomBytes(4).toString("hex")}`;
  return `${resourceName.slice(0, MAX_NAME_LENGTH - suffix.length)}${suffix}`;
}

/** Has a name of its own; a name that is not known yet counts. */
export function isNamed(object: KubeObject): boolean {
  return nameOf(object) !== "" || isUnknownField(object, "name");
}

export function usesGenerateName(object: KubeObject): boolean {
  const value = pluck(object, "metadata", "generateName");
  return !isNamed(object) && (isUnknownField(object, "generateName") || (typeof value === "string" && value !== ""));
}

function isUnknownField(object: KubeObject, field: string): boolean {
  const metadata = object["metadata"];
  return isMap(metadata) && metadata[field] instanceof Unknown;
}

/**
 * Gives an object without a name one: that of the existing object if that was made up too, else a new one. The
 * annotation lets a later diff know that the name may change.
 */
export function withName(inputs: KubeObject, oldInputs: KubeObject, resourceName: string): KubeObject {
  if (isNamed(inputs) || usesGenerateName(inputs) || inputs["metadata"] instanceof Unknown) {
    return inputs;
  }
  const adopted = isAnnotated(oldInputs, ANNOTATION.autonamed) ? nameOf(oldInputs) : "";
  const isNew = Object.keys(oldInputs).length === 0;
  if (adopted === "" && !isNew) {
    // The object exists under a name that the program used to give: it needs a new one, made up.
    return withAnnotation(withMetadata(inputs, "name", autoname(resourceName)), ANNOTATION.autonamed, "true");
  }
  const name = adopted === "" ? autoname(resourceName) : adopted;
  return withAnnotation(withMetadata(inputs, "name", name), ANNOTATION.autonamed, "true");
}

/** Who a field belongs to after a server-side apply; one for each resource, so that resources can share an object. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}
