import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../../sandbox/providers/framework";
import {
  fromKubernetes,
  normalizeInputs,
  pruneLive,
  toKubernetes,
} from "../../../../../sandbox/providers/kubernetes/normalize";
import { parseQuantity, sameQuantity } from "../../../../../sandbox/providers/kubernetes/quantity";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("normalizeInputs", () => {
  it("drops what only the server writes", () => {
    const metadata = { name: "a", uid: "1", resourceVersion: "2", managedFields: [], labels: { b: "c" } };
    expect(normalizeInputs({ kind: "Pod", metadata })).toEqual({
      kind: "Pod",
      metadata: { name: "a", labels: { b: "c" } },
    });
  });

  const secret = { apiVersion: "v1", kind: "Secret" };
  const cases: [what: string, input: PropertyMap, data: unknown][] = [
    ["stringData as data", { stringData: { a: "x" } }, { a: base64("x") }],
    [
      "stringData over data",
      { data: { a: base64("y"), b: "Yg==" }, stringData: { a: "x" } },
      { a: base64("x"), b: "Yg==" },
    ],
    ["line breaks in base64", { data: { a: "eA\n==\n" } }, { a: "eA==" }],
    ["an unknown key", { stringData: { a: UNKNOWN } }, { a: UNKNOWN }],
    ["unknown as a whole", { stringData: UNKNOWN }, UNKNOWN],
    ["nothing", {}, undefined],
  ];
  it.each(cases)("gives a Secret's %s", (_what, input, data) => {
    const normalized = normalizeInputs({ ...secret, ...input });
    expect(normalized["data"]).toEqual(data);
    expect(normalized).not.toHaveProperty("stringData");
  });

  it("leaves stringData of other kinds alone", () => {
    const other = { apiVersion: "example.org/v1", kind: "Secret", stringData: { a: "x" } };
    expect(normalizeInputs(other)).toEqual(other);
  });
});

describe("pruneLive", () => {
  const cases: [what: string, live: PropertyMap, inputs: PropertyMap, expected: PropertyMap][] = [
    ["leaves out defaults", { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    ["keeps drift", { a: 2 }, { a: 1 }, { a: 2 }],
    ["goes into elements", { l: [{ a: 1, b: 2 }] }, { l: [{ a: 1 }] }, { l: [{ a: 1 }] }],
    ["keeps elements that came", { l: [{ a: 1 }, { c: 3 }] }, { l: [{ a: 1 }] }, { l: [{ a: 1 }, { c: 3 }] }],
    ["gives a quantity as written", { cpu: "1" }, { cpu: "1000m" }, { cpu: "1000m" }],
    ["keeps a changed quantity", { cpu: "2" }, { cpu: "1000m" }, { cpu: "2" }],
    ["keeps an empty map that the server dropped", {}, { labels: {} }, { labels: {} }],
    ["leaves out what is gone", {}, { a: 1 }, {}],
  ];
  it.each(cases)("%s", (_what, live, inputs, expected) => {
    expect(pruneLive(live, inputs)).toEqual(expected);
  });

  it("takes the text of a custom resource literally", () => {
    const inputs = { apiVersion: "example.org/v1", kind: "A", size: "1000m" };
    expect(pruneLive({ ...inputs, size: "1" }, inputs)["size"]).toBe("1");
  });
});

describe("property names", () => {
  it("have underscores in the program and dashes in Kubernetes", () => {
    const object = { a: [{ "x-kubernetes-list-type": "map", "x-other": 1 }] };
    const properties = fromKubernetes(object);
    expect(properties).toEqual({ a: [{ x_kubernetes_list_type: "map", "x-other": 1 }] });
    expect(toKubernetes(properties)).toEqual(object);
  });
});

describe("quantities", () => {
  const cases: [string | number, string | number, boolean][] = [
    ["1", "1000m", true],
    [1, "1", true],
    ["0.5", "500m", true],
    ["1Gi", "1024Mi", true],
    ["1G", "1Gi", false],
    ["1e3", "1k", true],
    ["1.5Gi", "1536Mi", true],
    ["100n", "0.1u", true],
    ["abc", "abc", false],
    ["1", "01x", false],
    ["-1", "1", false],
  ];
  it.each(cases)("%s and %s are the same: %s", (left, right, same) => {
    expect(sameQuantity(left, right)).toBe(same);
  });

  it("a number of units is a thousand times as many milli-units", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (units) => sameQuantity(`${units}`, `${units * 1000n}m`)),
    );
  });

  it("is exact where floating point is not", () => {
    expect(parseQuantity("9007199254740993")).toBe(9007199254740993n * 10n ** 9n);
  });
});
