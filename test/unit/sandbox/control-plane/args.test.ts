import { describe, expect, it } from "vitest";
import { mergeArgs } from "../../../../sandbox/control-plane/args";

const merge = (extra: Record<string, string> | null) =>
  mergeArgs(
    "x",
    { b: "1", list: "one", key: "k" },
    extra,
    { additive: ["list"], denied: ["key"], ignored: ["metrics"] },
    "127.1.2.3",
  );

describe("mergeArgs", () => {
  it.each([
    ["nothing", null, ["--b=1", "--key=k", "--list=one"]],
    ["a new one", { a: "2" }, ["--a=2", "--b=1", "--key=k", "--list=one"]],
    ["one of Talos's own", { b: "2" }, ["--b=2", "--key=k", "--list=one"]],
    ["a list", { list: "two" }, ["--b=1", "--key=k", "--list=one,two"]],
    ["one without a place here", { metrics: "x" }, ["--b=1", "--key=k", "--list=one"]],
    ["all addresses", { bind: "http://0.0.0.0:1" }, ["--b=1", "--bind=http://127.1.2.3:1", "--key=k", "--list=one"]],
  ])("takes %s", (_, extra, expected) => {
    expect(merge(extra)).toEqual(expected);
  });

  it("refuses what Talos refuses", () => {
    expect(() => merge({ key: "mine" })).toThrow(`x: extra argument "key" can't be overridden`);
  });
});
