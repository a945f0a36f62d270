import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { isMap, type PropertyMap, type PropertyValue, Secret, UNKNOWN, Unknown } from "./values";

/** Marks a map as something other than a plain object. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** The engine has one sentinel for each kind of unknown value; the string's stands for all of them on the way back. */
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_SENTINELS = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads the engine's properties. Assets stay maps with their signature; a resource becomes its id, or its URN. */
export function decodeProperties(struct: Struct | undefined): PropertyMap {
  return struct === undefined ? {} : decodeMap(struct.toJavaScript());
}

function decodeMap(map: Record<string, JavaScriptValue>): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, decodeValue(value)]));
}

function decodeValue(value: JavaScriptValue): PropertyValue {
  if (typeof value === "string") {
    return UNKNOWN_SENTINELS.has(value) ? UNKNOWN : value;
  }
  if (Array.isArray(value)) {
    return value.map(decodeValue);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const map = value as Record<string, JavaScriptValue>;
  switch (map[SIGNATURE_KEY]) {
    case SECRET_SIGNATURE:
      return decodeSecret(map["value"] ?? null);
    case RESOURCE_SIGNATURE:
      return "id" in map ? decodeId(map["id"] ?? null) : decodeValue(map["urn"] ?? null);
    case OUTPUT_SIGNATURE: {
      const inner = "value" in map ? decodeValue(map["value"] ?? null) : UNKNOWN;
      return map["secret"] === true ? new Secret(inner) : inner;
    }
    default:
      return decodeMap(map);
  }
}

function decodeSecret(value: JavaScriptValue): Secret {
  const inner = decodeValue(value);
  return inner instanceof Secret ? inner : new Secret(inner);
}

/** An empty id is the engine's way of saying that the resource does not exist yet. */
function decodeId(value: JavaScriptValue): PropertyValue {
  return value === "" ? UNKNOWN : decodeValue(value);
}

/** Writes properties for the engine; undefined values are left out. */
export function encodeProperties(properties: PropertyMap): Struct {
  return Struct.fromJavaScript(encodeMap(properties));
}

function encodeMap(map: PropertyMap): Record<string, JavaScriptValue> {
  return Object.fromEntries(
    Object.entries(map)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, encodeValue(value)]),
  );
}

function encodeValue(value: PropertyValue): JavaScriptValue {
  if (value instanceof Unknown) {
    return UNKNOWN_STRING;
  }
  if (value instanceof Secret) {
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: encodeValue(value.value) };
  }
  if (Array.isArray(value)) {
    return value.map(encodeValue);
  }
  return isMap(value) ? encodeMap(value) : value;
}
