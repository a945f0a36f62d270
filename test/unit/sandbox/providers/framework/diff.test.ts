import { describe, expect, it } from "vitest";
import { changedKeys, diffInputs, pathOf, rootOf, Secret, UNKNOWN } from "../../../../../sandbox/providers/framework";

describe("diffInputs", () => {
  it("names what was added, deleted and updated by path", () => {
    const before = { keep: 1, gone: "x", labels: { a: "1", "b.c/d": "2" }, list: ["a", "b"] };
    const after = { keep: 1, labels: { a: "2", "b.c/d": "2", e: "5" }, list: ["a"], fresh: true };
    const { detailedDiff } = diffInputs(before, after, { replaceOn: [] });
    expect(Object.fromEntries(Object.entries(detailedDiff).map(([path, { kind }]) => [path, kind]))).toEqual({
      fresh: "add",
      gone: "delete",
      "labels.a": "update",
      "labels.e": "add",
      "list[1]": "delete",
    });
  });

  it("replaces for the inputs that cannot change, and only then deletes first", () => {
    const rules = { replaceOn: ["image"], deleteBeforeReplace: true };
    const replaced = diffInputs({ image: "a" }, { image: "b" }, rules);
    expect(replaced).toMatchObject({
      detailedDiff: { image: { kind: "update-replace" } },
      replaces: ["image"],
      deleteBeforeReplace: true,
    });
    expect(diffInputs({ name: "a" }, { name: "b" }, rules)).toMatchObject({ replaces: [], deleteBeforeReplace: false });
    expect(diffInputs({ any: 1 }, { any: 2 }, { replaceOn: "all" }).replaces).toEqual(["any"]);
  });

  it("finds no difference in secrecy, null or bookkeeping, and one in what is not known yet", () => {
    const same = diffInputs(
      { a: "1", b: null, __defaults: [] },
      { a: new Secret("1"), __defaults: ["a"] },
      { replaceOn: [] },
    );
    expect(same.detailedDiff).toEqual({});
    expect(changedKeys(diffInputs({ a: "1" }, { a: UNKNOWN }, { replaceOn: [] }))).toEqual(["a"]);
  });

  it("leaves out what means nothing", () => {
    expect(diffInputs({ a: 1 }, { a: 2 }, { replaceOn: [], ignore: ["a"] }).detailedDiff).toEqual({});
  });
});

describe("paths", () => {
  it.each([
    ["", "plain", "plain", "plain"],
    ["parent", "child", "parent.child", "parent"],
    ["parent", "a.b/c", 'parent["a.b/c"]', "parent"],
    ["", 'quo"te', '["quo\\"te"]', 'quo"te'],
  ])("%s + %s = %s", (parent, key, path, root) => {
    expect(pathOf(parent, key)).toBe(path);
    expect(rootOf(path)).toBe(root);
  });
});
