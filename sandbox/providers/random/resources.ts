import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { PropertyMap } from "../framework";
import { integer, type LocalResource } from "../framework/local-resource";
import { bcryptHash } from "./bcrypt";
import { generateText, TEXT_DEFAULTS, validateText } from "./text";

const randomBytesResource: LocalResource = {
  required: ["length"],
  computed: ["base64", "hex"],
  secrets: ["base64", "hex"],
  validate: (inputs) => atLeast(inputs, "length", 1),
  generate: async (inputs) => bytesState(randomBytes(integer(inputs, "length"))),
  import: async (id) => {
    const bytes = Buffer.from(id, "base64");
    return { inputs: { length: bytes.length }, ...bytesState(bytes) };
  },
};

/** The id is the value, as with the official provider: it is shown in plain text in the state. */
function bytesState(bytes: Buffer): { id: string; computed: PropertyMap } {
  const base64 = bytes.toString("base64");
  return { id: base64, computed: { base64, hex: bytes.toString("hex") } };
}

const randomIdResource: LocalResource = {
  required: ["byteLength"],
  computed: ["b64Std", "b64Url", "dec", "hex"],
  validate: (inputs) => atLeast(inputs, "byteLength", 1),
  generate: async (inputs) => idState(randomBytes(integer(inputs, "byteLength")), String(inputs["prefix"] ?? "")),
  import: async (id) => {
    const separator = id.lastIndexOf(",");
    const prefix = id.slice(0, Math.max(0, separator));
    const bytes = Buffer.from(id.slice(separator + 1), "base64url");
    return { inputs: { byteLength: bytes.length, ...(prefix && { prefix }) }, ...idState(bytes, prefix) };
  },
};

function idState(bytes: Buffer, prefix: string): { id: string; computed: PropertyMap } {
  const id = bytes.toString("base64url");
  const hex = bytes.toString("hex");
  return {
    id,
    computed: {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + id,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    },
  };
}

const randomStringResource: LocalResource = {
  required: ["length"],
  defaults: TEXT_DEFAULTS,
  computed: ["result", "number", "numeric"],
  validate: validateText,
  generate: async (inputs) => {
    const { result, computed } = generateText(inputs);
    return { id: result, computed };
  },
  import: async (id) => ({
    id,
    inputs: { length: [...id].length },
    computed: { result: id, number: true, numeric: true },
  }),
};

const randomPasswordResource: LocalResource = {
  ...randomStringResource,
  computed: ["result", "bcryptHash", "number", "numeric"],
  secrets: ["result", "bcryptHash"],
  generate: async (inputs) => {
    const { result, computed } = generateText(inputs);
    return { id: "none", computed: { ...computed, bcryptHash: bcryptHash(result) } };
  },
  import: async (id) => ({
    id: "none",
    inputs: { length: [...id].length },
    computed: { result: id, bcryptHash: bcryptHash(id), number: true, numeric: true },
  }),
};

const randomUuidResource: LocalResource = {
  required: [],
  computed: ["result"],
  generate: async () => uuidState(randomUUID()),
  import: async (id) => ({ inputs: {}, ...uuidState(id) }),
};

function uuidState(id: string): { id: string; computed: PropertyMap } {
  return { id, computed: { result: id } };
}

const randomIntegerResource: LocalResource = {
  required: ["min", "max"],
  computed: ["result"],
  validate: (inputs) =>
    Number(inputs["max"]) < Number(inputs["min"])
      ? [{ property: "max", reason: `the minimum (min) value ${inputs["min"]} must not exceed max ${inputs["max"]}` }]
      : inputs["seed"] === undefined
        ? []
        : [{ property: "seed", reason: "the built-in provider does not support seed: leave it out" }],
  generate: async (inputs) => {
    // randomInt's upper bound is exclusive, the resource's is not.
    const result = randomInt(integer(inputs, "min"), integer(inputs, "max") + 1);
    return { id: String(result), computed: { result } };
  },
};

function atLeast(inputs: PropertyMap, property: string, least: number) {
  const value = inputs[property];
  return value === undefined || Number(value) >= least
    ? []
    : [{ property, reason: `${property} must be at least ${least}, got: ${value}` }];
}

/** By type token. RandomPet and RandomShuffle are left to the official provider. */
export const RESOURCES: Readonly<Record<string, LocalResource>> = {
  "random:index/randomBytes:RandomBytes": randomBytesResource,
  "random:index/randomId:RandomId": randomIdResource,
  "random:index/randomInteger:RandomInteger": randomIntegerResource,
  "random:index/randomPassword:RandomPassword": randomPasswordResource,
  "random:index/randomString:RandomString": randomStringResource,
  "random:index/randomUuid:RandomUuid": randomUuidResource,
};
