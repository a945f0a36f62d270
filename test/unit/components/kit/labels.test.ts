import { describe, expect, it } from "vitest";
import {
  exceptionAnnotations,
  type Identity,
  labels,
  labelValue,
  metadata,
  podIdentity,
  selectorLabels,
} from "../../../../components/kit/labels";

const identity: Identity = { name: "qdrant", instance: "vectors", component: "vector-database", domain: "vec" };

describe("labels", () => {
  it("say what, which, whose and by whom", () => {
    expect(labels({ ...identity, version: "1.19.0" })).toEqual({
      "app.kubernetes.io/name": "qdrant",
      "app.kubernetes.io/instance": "vectors",
      "app.kubernetes.io/component": "vector-database",
      "app.kubernetes.io/part-of": "orrery",
      "app.kubernetes.io/managed-by": "orrery",
      "app.kubernetes.io/version": "1.19.0",
      "orrery.dev/domain": "vec",
      "orrery.dev/owner": "vec",
    });
  });

  it("name the owner where it is not the domain", () => {
    expect(labels({ ...identity, owner: "search" })["orrery.dev/owner"]).toBe("search");
  });

  it("select by what never changes: no version, no owner", () => {
    const selector = selectorLabels(identity);
    expect(Object.keys(selector)).toEqual([
      "app.kubernetes.io/name",
      "app.kubernetes.io/instance",
      "app.kubernetes.io/component",
    ]);
    expect(labels({ ...identity, version: "2", owner: "other" })).toMatchObject(selector);
  });

  it.each([
    ["v1.2.3+build/7", "v1.2.3-build-7"],
    ["-leading.and.trailing-", "leading.and.trailing"],
    ["x".repeat(80), "x".repeat(63)],
    [`${"x".repeat(62)}--`, "x".repeat(62)],
  ])("turn %j into the label value %j", (text, value) => {
    expect(labelValue(text)).toBe(value);
  });
});

describe("metadata", () => {
  it("takes the name from the instance and has no namespace unless told", () => {
    expect(metadata(identity)).toEqual({ name: "vectors", labels: labels(identity) });
  });

  it("adds labels and annotations but never loses one of ours", () => {
    const made = metadata(identity, {
      name: "other",
      namespace: "vec",
      labels: { "orrery.dev/owner": "nobody", extra: "1" },
      annotations: { note: "x" },
    });
    expect(made).toEqual({
      name: "other",
      namespace: "vec",
      labels: { ...labels(identity), extra: "1" },
      annotations: { note: "x" },
    });
  });
});

it("pods are known by namespace and selector", () => {
  expect(podIdentity(identity, "vec")).toEqual({
    namespace: "vec",
    instance: "vectors",
    labels: selectorLabels(identity),
  });
});

it("exceptions carry their reason as an annotation", () => {
  expect(exceptionAnnotations([{ rule: "probes", reason: "nothing to ask" }])).toEqual({
    "orrery.dev/exception.probes": "nothing to ask",
  });
});
