import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type PropertyMap,
  type ResourceHandler,
  Secret,
  UNKNOWN,
  unwrapSecrets,
} from "../../../../../sandbox/providers/framework";
import { randomProvider } from "../../../../../sandbox/providers/random";
import { bcryptHash, piFraction } from "../../../../../sandbox/providers/random/bcrypt";
import { testContext } from "../context";

async function handler(name: string): Promise<ResourceHandler> {
  const instance = await randomProvider.configure({}, testContext());
  const token = `${name[0]!.toLowerCase()}${name.slice(1)}`;
  return instance.resource(`random:index/${token}:${name}`)!;
}

async function create(name: string, inputs: PropertyMap) {
  const { id, outputs } = await (await handler(name)).create(inputs, testContext());
  return { id, outputs, plain: unwrapSecrets(outputs) as Record<string, string> };
}

async function check(name: string, newInputs: PropertyMap) {
  const { failures } = await (await handler(name)).check!({ oldInputs: {}, newInputs, name: "x" }, testContext());
  return failures!.map(({ property }) => property);
}

describe("RandomBytes", () => {
  it("gives the same bytes in base64 and hex, both secret", async () => {
    const { outputs, plain, id } = await create("RandomBytes", { length: 32 });
    expect(outputs["base64"]).toBeInstanceOf(Secret);
    expect(outputs["hex"]).toBeInstanceOf(Secret);
    expect(Buffer.from(plain["base64"]!, "base64")).toEqual(Buffer.from(plain["hex"]!, "hex"));
    expect(Buffer.from(plain["hex"]!, "hex")).toHaveLength(32);
    expect(id).toBe(plain["base64"]);
  });

  it("is never the same twice", async () => {
    const values = await Promise.all([1, 2, 3].map(() => create("RandomBytes", { length: 16 })));
    expect(new Set(values.map(({ id }) => id)).size).toBe(3);
  });
});

describe("RandomString and RandomPassword", () => {
  it("keep to the length, the classes and the minima", async () => {
    const arbitrary = fc.record({
      minLower: fc.integer({ min: 0, max: 4 }),
      minUpper: fc.integer({ min: 0, max: 4 }),
      minNumeric: fc.integer({ min: 0, max: 4 }),
      minSpecial: fc.integer({ min: 0, max: 4 }),
      more: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ more, ...minima }) => {
        const length = Object.values(minima).reduce((sum, count) => sum + count, more);
        const result = (await create("RandomString", { ...minima, length })).plain["result"]!;
        const count = (pattern: RegExp): number => [...result].filter((character) => pattern.test(character)).length;
        expect(result).toHaveLength(length);
        expect(count(/[a-z]/)).toBeGreaterThanOrEqual(minima.minLower);
        expect(count(/[A-Z]/)).toBeGreaterThanOrEqual(minima.minUpper);
        expect(count(/\d/)).toBeGreaterThanOrEqual(minima.minNumeric);
        expect(count(/[^A-Za-z\d]/)).toBeGreaterThanOrEqual(minima.minSpecial);
      }),
    );
  });

  it("use only what is allowed: a bootstrap token is lower case and digits", async () => {
    const { plain, id } = await create("RandomString", { length: 400, upper: false, special: false });
    expect(plain["result"]).toMatch(/^[a-z0-9]{400}$/);
    expect(id).toBe(plain["result"]);
    const own = await create("RandomString", {
      length: 100,
      upper: false,
      lower: false,
      numeric: false,
      overrideSpecial: "_-",
    });
    expect(own.plain["result"]).toMatch(/^[_-]{100}$/);
    expect(own.plain).toMatchObject({ numeric: false, number: false, special: true });
  });

  it("hash a password with bcrypt, and do not put it into the id", async () => {
    const { plain, outputs, id } = await create("RandomPassword", { length: 12 });
    expect(id).toBe("none");
    expect(outputs["result"]).toBeInstanceOf(Secret);
    expect(outputs["bcryptHash"]).toBeInstanceOf(Secret);
    const salt = plain["bcryptHash"]!.slice(7, 29);
    expect(bcryptHash(plain["result"]!, 10, decodeSalt(salt))).toBe(plain["bcryptHash"]);
  });

  it("refuse what cannot be", async () => {
    expect(await check("RandomString", {})).toEqual(["length"]);
    expect(await check("RandomString", { length: 0 })).toEqual(["length"]);
    expect(await check("RandomString", { length: 4, minLower: 3, minUpper: 2 })).toEqual(["length"]);
    const none = { length: 4, lower: false, upper: false, numeric: false, special: false };
    expect(await check("RandomPassword", none)).toEqual(["numeric"]);
    expect(await check("RandomPassword", { length: UNKNOWN })).toEqual([]);
  });
});

describe("RandomId, RandomUuid and RandomInteger", () => {
  it("give one number in every notation, with the prefix", async () => {
    const { id, plain } = await create("RandomId", { byteLength: 5, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    expect(bytes).toHaveLength(5);
    expect(plain).toMatchObject({
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
      b64Std: `p-${bytes.toString("base64")}`,
      b64Url: `p-${id}`,
    });
  });

  it("give a version 4 UUID", async () => {
    expect((await create("RandomUuid", {})).id).toMatch(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  });

  it("give integers in the range, both ends included", async () => {
    const values = await Promise.all(Array.from({ length: 60 }, () => create("RandomInteger", { min: 1, max: 3 })));
    expect([...new Set(values.map(({ id }) => id))].sort()).toEqual(["1", "2", "3"]);
    expect(await check("RandomInteger", { min: 3, max: 1 })).toEqual(["max"]);
  });
});

describe("every random resource", () => {
  it("is replaced when its keepers change, and not when a default is written out", async () => {
    const { diff } = await handler("RandomPassword");
    const differs = async (oldInputs: PropertyMap, newInputs: PropertyMap) =>
      (await diff({ id: "none", oldInputs, newInputs, oldOutputs: {}, ignoreChanges: [] }, testContext())).replaces;
    expect(await differs({ length: 9, keepers: { a: "1" } }, { length: 9, keepers: { a: "2" } })).toEqual(["keepers"]);
    expect(await differs({ length: 9 }, { length: 9, special: true })).toEqual([]);
    expect(await differs({ length: 9 }, { length: 9, special: false })).toEqual(["special"]);
  });

  it("is unknown in a preview, and the same after a refresh", async () => {
    const resource = await handler("RandomBytes");
    const planned = await resource.create({ length: 8 }, testContext({ preview: true }));
    expect(planned.outputs).toEqual({ length: 8, base64: new Secret(UNKNOWN), hex: new Secret(UNKNOWN) });
    const { id, outputs } = await resource.create({ length: 8 }, testContext());
    expect(await resource.read({ id, inputs: { length: 8 }, outputs }, testContext())).toEqual({
      id,
      inputs: { length: 8 },
      outputs,
    });
  });

  it("can be imported by its value", async () => {
    const resource = await handler("RandomBytes");
    const read = await resource.read({ id: "AAEC", inputs: {}, outputs: {} }, testContext());
    expect(read).toEqual({
      id: "AAEC",
      inputs: { length: 3 },
      outputs: { length: 3, base64: new Secret("AAEC"), hex: new Secret("000102") },
    });
  });
});

describe("bcrypt", () => {
  // From Go's golang.org/x/crypto/bcrypt.
  it("agrees with a published hash", () => {
    const salt = decodeSalt("XajjQvNhvvRt5GSeFk1xFe");
    expect(bcryptHash("allmine", 10, salt)).toBe("$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga");
  });

  it("computes Blowfish's tables: the first and last words of pi", () => {
    const words = piFraction(1042);
    expect([words[0], words[1041]]).toEqual([0x243f6a88, 0x3ac372e6]);
  });
});

/** bcrypt's base64 has another alphabet. */
function decodeSalt(text: string): Buffer {
  const own = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return Buffer.from([...text].map((character) => standard[own.indexOf(character)]).join(""), "base64");
}
