import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../../sandbox/providers/framework";
import {
  diffObjects,
  formatPath,
  parsePath,
  replacedBy,
  withoutIgnored,
} from "../../../../../sandbox/providers/kubernetes/diff";

const IMMUTABLE = ["spec.selector", "metadata.name", "spec.containers.*.image", "data"];

describe("diffObjects", () => {
  const cases: [what: string, before: PropertyMap, after: PropertyMap, expected: Record<string, string>][] = [
    ["nothing", { a: 1, b: [1, { c: "x" }] }, { a: 1, b: [1, { c: "x" }] }, {}],
    ["a changed value", { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, { "spec.replicas": "update" }],
    ["a new value", { spec: {} }, { spec: { replicas: 2 } }, { "spec.replicas": "add" }],
    ["a dropped value", { spec: { replicas: 2 } }, { spec: {} }, { "spec.replicas": "delete" }],
    ["null for a dropped value", { spec: { a: 2 } }, { spec: { a: null } }, { "spec.a": "delete" }],
    ["null for nothing", { spec: {} }, { spec: { a: null } }, {}],
    ["an element that changed", { a: [1, 2] }, { a: [1, 3] }, { "a[1]": "update" }],
    ["an element that came", { a: [1] }, { a: [1, 3] }, { "a[1]": "add" }],
    ["an element that went", { a: [1, 3] }, { a: [1] }, { "a[1]": "delete" }],
    ["an empty map that the server drops", { spec: {} }, { spec: { labels: {} } }, {}],
    ["another type", { a: "1" }, { a: 1 }, { a: "update" }],
    ["an unknown value", { a: "1" }, { a: UNKNOWN }, { a: "update" }],
    ["an unknown new value", {}, { a: UNKNOWN }, { a: "add" }],
    [
      "a field that cannot change",
      { metadata: { name: "a" } },
      { metadata: { name: "b" } },
      { "metadata.name": "update-replace" },
    ],
    [
      "something below such a field",
      { spec: { selector: { matchLabels: { app: "a" } } } },
      { spec: { selector: { matchLabels: { app: "b" } } } },
      { "spec.selector.matchLabels.app": "update-replace" },
    ],
    [
      "such a field in an element",
      { spec: { containers: [{ image: "a", name: "x" }] } },
      { spec: { containers: [{ image: "b", name: "y" }] } },
      { "spec.containers[0].image": "update-replace", "spec.containers[0].name": "update" },
    ],
    ["a parent that brings such a field", {}, { spec: { selector: {}, replicas: 1 } }, { spec: "add-replace" }],
    ["a parent without it", {}, { spec: { replicas: 1 } }, { spec: "add" }],
    ["a key that went from an immutable map", { data: { a: "1" } }, { data: {} }, { "data.a": "delete-replace" }],
  ];
  it.each(cases)("finds %s", (_what, before, after, expected) => {
    expect(Object.fromEntries(diffObjects(before, after, IMMUTABLE))).toEqual(expected);
  });

  it("names the paths that replace", () => {
    const changes = diffObjects({ data: { a: "1" }, b: 1 }, { data: { a: "2" }, b: 2 }, IMMUTABLE);
    expect(replacedBy(changes)).toEqual(["data.a"]);
  });
});

describe("paths", () => {
  const cases: [text: string, path: (string | number)[]][] = [
    ["spec.replicas", ["spec", "replicas"]],
    ["spec.containers[0].image", ["spec", "containers", 0, "image"]],
    ['metadata.annotations["pulumi.com/x"]', ["metadata", "annotations", "pulumi.com/x"]],
    ['data["a\\"b.c"]', ["data", 'a"b.c']],
  ];
  it.each(cases)("%s is written and read", (text, path) => {
    expect(formatPath(path)).toBe(text);
    expect(parsePath(text)).toEqual(path);
  });
});

describe("withoutIgnored", () => {
  const changes = diffObjects({}, { spec: 1, data: 2 }, []).set("spec.containers[1].image", "update");
  const cases: [ignored: string, left: string[]][] = [
    ["data", ["spec", "spec.containers[1].image"]],
    ["spec", ["data"]],
    ["spec.containers[*].image", ["spec", "data"]],
    ["spec.containers[0].image", ["spec", "data", "spec.containers[1].image"]],
    ["spec.other", ["spec", "data", "spec.containers[1].image"]],
  ];
  it.each(cases)("ignores %s", (ignored, left) => {
    expect([...withoutIgnored(changes, [ignored]).keys()]).toEqual(left);
  });
});
