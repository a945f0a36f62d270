import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { describe, expect, it } from "vitest";
import {
  containsSecret,
  containsUnknown,
  markSecret,
  mirrorSecrets,
  type PropertyMap,
  Secret,
  sameValue,
  UNKNOWN,
  unwrapSecrets,
} from "../../../../../sandbox/providers/framework";
import { decodeProperties, encodeProperties } from "../../../../../sandbox/providers/framework/codec";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("the engine's properties", () => {
  it("reads secrets and unknowns at any depth and writes them back as they came", () => {
    const wire = {
      plain: [1, true, null, { text: "a" }],
      secret: { [SIGNATURE]: SECRET, value: { list: ["x", UNKNOWN_TEXT] } },
    };
    const decoded = decodeProperties(Struct.fromJavaScript(wire));
    expect(decoded["secret"]).toEqual(new Secret({ list: ["x", UNKNOWN] }));
    expect(encodeProperties(decoded).toJavaScript()).toEqual(wire);
  });

  it.each([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  ])("reads the sentinel %s as unknown", (sentinel) => {
    expect(decodeProperties(Struct.fromJavaScript({ value: sentinel }))["value"]).toBe(UNKNOWN);
  });

  it("reads a resource as its id, and as unknown while it has none", () => {
    const reference = (id: string) => ({ [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x", id });
    const decoded = decodeProperties(Struct.fromJavaScript({ made: reference("7"), planned: reference("") }));
    expect(decoded).toEqual({ made: "7", planned: UNKNOWN });
  });

  it("leaves an asset as it is", () => {
    const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "hello" };
    const decoded = decodeProperties(Struct.fromJavaScript({ asset }));
    expect(encodeProperties(decoded).toJavaScript()).toEqual({ asset });
  });
});

describe("secrets", () => {
  it("never show in text", () => {
    expect(`${new Secret("hidden")} ${JSON.stringify({ a: new Secret("hidden") })}`).not.toContain("hidden");
  });

  it("are found and taken off at any depth", () => {
    const value: PropertyMap = { a: [{ b: new Secret({ c: new Secret(1) }) }] };
    expect(containsSecret(value)).toBe(true);
    expect(unwrapSecrets(value)).toEqual({ a: [{ b: { c: 1 } }] });
    expect(containsSecret(unwrapSecrets(value))).toBe(false);
  });

  it("mark outputs of the same name: in objects key by key, in lists as a whole", () => {
    const inputs = { token: new Secret("t"), env: { a: new Secret("1"), b: "2" }, list: ["x", new Secret("y")] };
    const outputs = { token: "t", env: { a: "1", b: "2" }, list: ["x", "y"], other: "o" };
    expect(mirrorSecrets(inputs, outputs)).toEqual({
      token: new Secret("t"),
      env: { a: new Secret("1"), b: "2" },
      list: new Secret(["x", "y"]),
      other: "o",
    });
  });

  it("are marked once, and not where there is nothing", () => {
    expect(markSecret({ a: new Secret(1), b: 2, c: null }, ["a", "b", "c", "d"])).toEqual({
      a: new Secret(1),
      b: new Secret(2),
      c: null,
    });
  });
});

describe("comparison", () => {
  it("looks through secrets, and takes no unknown for the same", () => {
    expect(sameValue(new Secret([1, { a: 2 }]), [1, { a: 2 }])).toBe(true);
    expect(sameValue({ a: 1, b: null }, { a: 1 })).toBe(true);
    expect(sameValue([1, 2], [2, 1])).toBe(false);
    expect(sameValue(UNKNOWN, UNKNOWN)).toBe(false);
    expect(containsUnknown({ a: new Secret([UNKNOWN]) })).toBe(true);
  });
});
