import { isMap, type PropertyMap, type PropertyValue, sameValue, Unknown } from "../framework";
import { isCrd, isSecret, type KubeObject, kindOfObject, without } from "./objects";
import { sameQuantity } from "./quantity";

/** Written by the API server: never an input, whatever a manifest says. */
const SERVER_FIELDS = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** The form in which inputs are compared: a Secret's stringData as data, no fields that only the server writes. */
export function normalizeInputs(inputs: KubeObject): KubeObject {
  let normalized = inputs;
  for (const field of SERVER_FIELDS) {
    normalized = without(normalized, "metadata", field);
  }
  if (isSecret(normalized)) {
    return normalizeSecret(normalized);
  }
  return isCrd(normalized) ? normalizeCrd(normalized) : normalized;
}

/** The API server keeps stringData as data, base64-encoded; where both name a key, stringData wins. */
function normalizeSecret(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object;
  if (stringData === undefined || stringData === null) {
    return isMap(rest["data"]) ? { ...rest, data: canonicalData(rest["data"]) } : rest;
  }
  if (!isMap(stringData)) {
    return { ...rest, data: stringData };
  }
  const encoded = Object.entries(stringData).map(([key, value]) => [key, encode(value)]);
  const data = isMap(rest["data"]) ? canonicalData(rest["data"]) : {};
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } };
}

function encode(value: PropertyValue): PropertyValue {
  return typeof value === "string" ? Buffer.from(value, "utf8").toString("base64") : value;
}

/** Line breaks in base64 text are legal on the way in and gone on the way out. */
function canonicalData(data: PropertyMap): PropertyMap {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === "string" ? value.replace(/\s+/g, "") : value]),
  );
}

function normalizeCrd(object: KubeObject): KubeObject {
  const spec = object["spec"];
  const kept = without(object, "status");
  return isMap(spec) && spec["preserveUnknownFields"] === false ? without(kept, "spec", "preserveUnknownFields") : kept;
}

/**
 * The live object in the shape of the inputs: what nobody asked for is left out, and a value that only looks
 * different (another form of the same quantity, an empty map that the server drops) is given as it was written.
 */
export function pruneLive(live: KubeObject, inputs: KubeObject): KubeObject {
  const typed = !kindOfObject(inputs).group.includes(".") || kindOfObject(inputs).group.endsWith(".k8s.io");
  return pruneMap(live, inputs, typed);
}

function pruneMap(live: PropertyMap, inputs: PropertyMap, typed: boolean): PropertyMap {
  const pruned: PropertyMap = {};
  for (const [key, input] of Object.entries(inputs)) {
    const value = live[key];
    if (value === undefined || value === null) {
      if (isNothing(input)) {
        pruned[key] = input;
      }
      continue;
    }
    pruned[key] = pruneValue(value, input, typed);
  }
  return pruned;
}

function pruneValue(live: PropertyValue, input: PropertyValue, typed: boolean): PropertyValue {
  if (isMap(live) && isMap(input)) {
    return pruneMap(live, input, typed);
  }
  if (Array.isArray(live) && Array.isArray(input)) {
    return live.map((element, index) => {
      const asked = input[index];
      return asked === undefined ? element : pruneValue(element, asked, typed);
    });
  }
  if (typed && isScalar(live) && isScalar(input) && sameQuantity(live, input)) {
    return input;
  }
  return live;
}

/** null, {} and [] in inputs: the API server stores none of them where the field is optional. */
export function isNothing(value: PropertyValue | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (isMap(value) && Object.values(value).every(isNothing))
  );
}

function isScalar(value: PropertyValue): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Whether both mean the same to the API server: equal, both nothing, or the same quantity in a built-in kind. */
export function sameMeaning(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left instanceof Unknown || right instanceof Unknown) {
    return false;
  }
  return sameValue(left, right) || (left === undefined ? false : isNothing(left) && isNothing(right));
}

const UNDERSCORED = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const TO_DASHES = new Map(UNDERSCORED.map((name) => [name.replaceAll("-", "_"), name]));
const TO_UNDERSCORES = new Map(UNDERSCORED.map((name) => [name, name.replaceAll("-", "_")]));

/** The SDK's property names cannot hold dashes: x_kubernetes_list_type is x-kubernetes-list-type to Kubernetes. */
export function toKubernetes(properties: PropertyMap): KubeObject {
  return renameKeys(properties, TO_DASHES);
}

export function fromKubernetes(object: KubeObject): PropertyMap {
  return renameKeys(object, TO_UNDERSCORES);
}

function renameKeys(map: PropertyMap, names: ReadonlyMap<string, string>): PropertyMap {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [names.get(key) ?? key, renameValue(value, names)]),
  );
}

function renameValue(value: PropertyValue, names: ReadonlyMap<string, string>): PropertyValue {
  if (Array.isArray(value)) {
    return value.map((element) => renameValue(element, names));
  }
  return isMap(value) ? renameKeys(value, names) : value;
}
