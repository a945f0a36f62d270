import { describe, expect, it } from "vitest";
import { adoptFields, isForeignField, mergeFields } from "../../../../../sandbox/providers/kubernetes/managed-fields";
import { deletionPolicy, mayForce } from "../../../../../sandbox/providers/kubernetes/objects-api";

const fields = (...names: string[]) => ({ "f:data": Object.fromEntries(names.map((name) => [`f:${name}`, {}])) });
const entry = (manager: string, operation: string, ...names: string[]) => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsV1: fields(...names),
});
const object = (...managedFields: object[]) => ({ metadata: { managedFields } }) as never;

describe("adoptFields", () => {
  it("gives what the creation wrote to the manager that applies", () => {
    expect(adoptFields(object(entry("pulumi-kubernetes", "Update", "a")), "me")).toEqual([entry("me", "Apply", "a")]);
  });

  it("joins it with what was applied before, and leaves others alone", () => {
    const theirs = entry("controller", "Update", "c");
    const live = object(entry("me", "Apply", "a"), theirs, entry("kubectl", "Update", "b"));
    expect(adoptFields(live, "me")).toEqual([theirs, entry("me", "Apply", "a", "b")]);
  });

  it("has nothing to do for others' fields and for a status", () => {
    const status = { ...entry("pulumi-kubernetes", "Update", "a"), subresource: "status" };
    expect(adoptFields(object(entry("controller", "Update", "a"), status), "me")).toBeUndefined();
  });

  it("merges trees", () => {
    expect(mergeFields({ a: { b: {} } }, { a: { c: { d: {} } } })).toEqual({ a: { b: {}, c: { d: {} } } });
  });
});

describe("isForeignField", () => {
  const live = object(entry("me", "Apply", "a", "b"), entry("them", "Update", "b", "c"));
  it.each([
    [["data", "a"], false],
    [["data", "b"], false],
    [["data", "c"], true],
    [["data", "none"], false],
  ])("%j: %s", (path, expected) => {
    expect(isForeignField(live, "me", path)).toBe(expected);
  });
});

describe("annotations that steer writing and deleting", () => {
  const propagation = (kind: string, policy: string) => ({
    apiVersion: "apps/v1",
    kind,
    metadata: { annotations: { "pulumi.com/deletionPropagationPolicy": policy } },
  });
  it.each([
    [propagation("Deployment", ""), "Foreground"],
    [propagation("Deployment", "background"), "Background"],
    [propagation("Deployment", "Orphan"), "Orphan"],
    [{ apiVersion: "v1", kind: "ConfigMap" }, "Background"],
    [{ apiVersion: "v1", kind: "Namespace" }, "Foreground"],
  ])("%j is deleted %s", (inputs, expected) => {
    expect(deletionPolicy(inputs)).toBe(expected);
  });

  it("takes fields from others only when asked to, or when nobody's are recorded", () => {
    const owned = object(entry("them", "Apply", "a"));
    const forced = { metadata: { annotations: { "pulumi.com/patchForce": "true" } } };
    expect(mayForce({}, owned, false)).toBe(false);
    expect(mayForce({}, owned, true)).toBe(true);
    expect(mayForce(forced, owned, false)).toBe(true);
    expect(mayForce({}, object(), false)).toBe(true);
    expect(mayForce({}, undefined, false)).toBe(false);
  });
});
