import { describe, expect, it } from "vitest";
import { labelProblems, parseSelector } from "../../../../sandbox/hetzner/selectors";

describe("label selectors", () => {
  const labels = { os: "talos", "orrery.dev/pool": "general", empty: "" };

  it.each<[string, boolean]>([
    ["", true],
    ["os", true],
    ["arch", false],
    ["!arch", true],
    ["!os", false],
    ["os=talos", true],
    ["os==talos", true],
    ["os = talos", true],
    ["os=ubuntu", false],
    ["os!=ubuntu", true],
    ["os!=talos", false],
    ["arch!=x86", true],
    ["empty=", true],
    ["os in (ubuntu,talos)", true],
    ["os in (ubuntu, debian)", false],
    ["os notin (ubuntu,debian)", true],
    ["os notin (talos)", false],
    ["arch notin (x86)", true],
    ["arch in (x86)", false],
    ["os=talos,orrery.dev/pool=general", true],
    ["os=talos,orrery.dev/pool=gpu", false],
    ["os in (a,talos),!arch", true],
  ])("%j matches: %s", (selector, expected) => {
    expect(parseSelector(selector)(labels)).toBe(expected);
  });

  it.each(["=a", "a===b", "a in b", "a in (b", "a b", "os=talos,", "os=ta los", "-a=b"])(
    "%j is refused",
    (selector) => {
      expect(() => parseSelector(selector)).toThrow("label selector");
    },
  );

  it("an inherited property is not a label", () => {
    expect(parseSelector("constructor")({})).toBe(false);
  });
});

describe("labels", () => {
  it.each([{ ok: "", "a.b/c": "x", A: "1", "k-_.k": "v-_.v" }, { ["k".repeat(63)]: "v".repeat(63) }])(
    "%j are fine",
    (labels) => expect(labelProblems(labels)).toEqual([]),
  );

  it.each<Record<string, unknown>>([
    { "": "x" },
    { ["k".repeat(64)]: "x" },
    { k: "v".repeat(64) },
    { k: "-v" },
    { "a/b/c": "v" },
    { "A_/b": "v" },
    { k: 1 },
  ])("%j are not", (labels) => expect(labelProblems(labels)).toHaveLength(1));
});
