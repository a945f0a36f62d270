import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { autoname, isNamed, usesGenerateName, withName } from "../../../../../sandbox/providers/kubernetes/naming";
import {
  ANNOTATION,
  idOf,
  isAnnotated,
  isPatchType,
  kindOfType,
  nameOf,
  parseId,
} from "../../../../../sandbox/providers/kubernetes/objects";

const AUTONAMED = { [ANNOTATION.autonamed]: "true" };

describe("withName", () => {
  it("makes a name up for a new object, and says so", () => {
    const named = withName({ metadata: {} }, {}, "config");
    expect(nameOf(named)).toMatch(/^config-[0-9a-f]{8}$/);
    expect(isAnnotated(named, ANNOTATION.autonamed)).toBe(true);
  });

  it("never makes the same name twice", () => {
    const names = Array.from({ length: 50 }, () => autoname("a"));
    expect(new Set(names).size).toBe(50);
  });

  it("keeps to the limit of names", () => {
    expect(autoname("x".repeat(300))).toHaveLength(253);
  });

  const old = { metadata: { name: "config-12345678", annotations: AUTONAMED } };
  const cases: [what: string, inputs: PropertyMap, oldInputs: PropertyMap, expected: RegExp][] = [
    ["the program's name", { metadata: { name: "mine" } }, old, /^mine$/],
    ["the name made up before", { metadata: {} }, old, /^config-12345678$/],
    [
      "a new name where the program named it before",
      { metadata: {} },
      { metadata: { name: "mine" } },
      /^config-[0-9a-f]{8}$/,
    ],
    ["no name for generateName", { metadata: { generateName: "x-" } }, {}, /^$/],
    ["no name while the name is unknown", { metadata: { name: UNKNOWN } }, {}, /^$/],
  ];
  it.each(cases)("gives %s", (_what, inputs, oldInputs, expected) => {
    expect(nameOf(withName(inputs, oldInputs, "config"))).toMatch(expected);
  });

  it("takes an unknown name for a name", () => {
    expect(isNamed({ metadata: { name: UNKNOWN } })).toBe(true);
    expect(usesGenerateName({ metadata: { generateName: UNKNOWN } })).toBe(true);
    expect(usesGenerateName({ metadata: { name: "a", generateName: "b" } })).toBe(false);
  });
});

describe("types and ids", () => {
  it.each([
    ["kubernetes:core/v1:Pod", { group: "", version: "v1", kind: "Pod" }],
    ["kubernetes:apps/v1:Deployment", { group: "apps", version: "v1", kind: "Deployment" }],
    ["kubernetes:postgresql.cnpg.io/v1:Cluster", { group: "postgresql.cnpg.io", version: "v1", kind: "Cluster" }],
  ])("%s", (type, expected) => {
    expect(kindOfType(type)).toEqual(expected);
  });

  it("refuses what is no type", () => {
    expect(() => kindOfType("kubernetes:nothing")).toThrow("is not a type of a Kubernetes resource");
  });

  it("reads back the ids that it writes", () => {
    for (const metadata of [{ name: "a" }, { name: "a", namespace: "b" }]) {
      expect(parseId(idOf({ metadata }))).toEqual({ namespace: "", ...metadata });
    }
  });

  it("knows patches by their type", () => {
    expect(isPatchType("kubernetes:apps/v1:DeploymentPatch")).toBe(true);
    expect(isPatchType("kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyPatchPolicy")).toBe(false);
  });
});
