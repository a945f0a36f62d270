import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { errorText } from "../../../../../sandbox/providers/kubernetes/helm";
import { parseManifest, resourceNames } from "../../../../../sandbox/providers/kubernetes/manifest";
import {
  checkedInputs,
  diffRelease,
  installFlags,
  knowsChart,
  refusedInputs,
  upgradeFlags,
} from "../../../../../sandbox/providers/kubernetes/release-inputs";

const defaults = { resourceName: "web", namespace: "team" };

describe("checkedInputs", () => {
  it("fills in name, namespace, timeout and values", () => {
    const inputs = checkedInputs({ chart: "c", atomic: false, description: "" }, {}, defaults);
    expect(inputs).toEqual({
      chart: "c",
      name: expect.stringMatching(/^web-[0-9a-f]{8}$/),
      namespace: "team",
      timeout: 300,
      values: {},
    });
  });

  it("keeps a name that was made up, and no timeout where nobody waits", () => {
    const inputs = checkedInputs({ chart: "c", skipAwait: true, namespace: "x" }, { name: "web-1" }, defaults);
    expect(inputs).toEqual({ chart: "c", name: "web-1", namespace: "x", skipAwait: true, values: {} });
  });

  it("keeps to Helm's limit of names", () => {
    const name = checkedInputs({}, {}, { ...defaults, resourceName: "x".repeat(90) })["name"];
    expect(String(name)).toHaveLength(53);
  });
});

describe("refusedInputs", () => {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" };
  const cases: [inputs: PropertyMap, property: string][] = [
    [{ valueYamlFiles: [asset] }, "valueYamlFiles"],
    [{ verify: true }, "verify"],
    [{ repositoryOpts: { repo: "https://r", password: "x" } }, "repositoryOpts.password"],
    [{ values: { a: [{ b: asset }] } }, "values.a[0].b"],
  ];
  it.each(cases)("%#: %j", (inputs, property) => {
    expect(refusedInputs(inputs).map((problem) => problem.property)).toEqual([property]);
  });

  it("takes everything else", () => {
    expect(refusedInputs({ chart: "c", verify: false, valueYamlFiles: [], repositoryOpts: { repo: "r" } })).toEqual([]);
  });
});

describe("diffRelease", () => {
  const inputs = {
    chart: "c",
    name: "n",
    namespace: "s",
    version: "1.0.0",
    timeout: 300,
    values: { a: 1, b: { c: [1] } },
  };
  const state = { ...inputs, resourceNames: {}, status: { status: "deployed" } };
  const cases: [what: string, state: PropertyMap, after: PropertyMap, expected: Record<string, string>][] = [
    ["nothing", state, inputs, {}],
    ["a value", state, { ...inputs, values: { a: 2, b: { c: [1] } } }, { "values.a": "update" }],
    ["a value that went", state, { ...inputs, values: { b: { c: [1] } } }, { "values.a": "delete" }],
    ["a value that came", state, { ...inputs, values: { ...inputs.values, d: null, e: 1 } }, { "values.e": "add" }],
    ["a list", state, { ...inputs, values: { a: 1, b: { c: [1, 2] } } }, { "values.b.c[1]": "add" }],
    ["the version", state, { ...inputs, version: "1.1.0" }, { version: "update" }],
    ["the name", state, { ...inputs, name: "m" }, { name: "update-replace" }],
    ["an option that went", { ...state, atomic: true }, inputs, { atomic: "delete" }],
    ["drift of the version", { ...state, version: "0.9.0" }, inputs, { version: "update" }],
    ["drift of a value", { ...state, values: { ...inputs.values, a: 5 } }, inputs, { "values.a": "update" }],
    ["an unknown value", state, { ...inputs, values: { a: UNKNOWN, b: { c: [1] } } }, { "values.a": "update" }],
  ];
  it.each(cases)("finds %s", (_what, oldState, after, expected) => {
    const old = "atomic" in oldState ? { ...inputs, atomic: true } : inputs;
    expect(Object.fromEntries(diffRelease(old, oldState, after))).toEqual(expected);
  });
});

describe("flags", () => {
  it("waits unless told not to", () => {
    expect(installFlags({ waitForJobs: true })).toEqual(["--wait", "--wait-for-jobs", "--timeout", "300s"]);
    expect(installFlags({ skipAwait: true, waitForJobs: true, timeout: 9 })).toEqual(["--timeout", "9s"]);
  });

  it("switches hooks off as the official provider does", () => {
    expect(installFlags({ disableWebhooks: true })).toContain("--no-hooks");
    expect(upgradeFlags({ disableWebhooks: true })).not.toContain("--no-hooks");
    expect(upgradeFlags({ disableCRDHooks: true })).toContain("--no-hooks");
  });

  it("never holds a value", () => {
    const inputs = { values: { password: "hidden" }, atomic: true, createNamespace: true, maxHistory: 3 };
    expect([...installFlags(inputs), ...upgradeFlags(inputs)].join(" ")).not.toContain("hidden");
  });
});

describe("charts, manifests and errors", () => {
  it("knows a chart only when all of its place is known", () => {
    expect(knowsChart({ chart: "c", values: UNKNOWN })).toBe(true);
    expect(knowsChart({ chart: UNKNOWN })).toBe(false);
    expect(knowsChart({ chart: "c", repositoryOpts: { repo: UNKNOWN } })).toBe(false);
  });

  it("lists what a manifest holds", () => {
    const manifest = `---
# Source: a
apiVersion: apps/v1
kind: Deployment
metadata: { name: b, namespace: n }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: a, namespace: n }
---
---
apiVersion: v1
kind: Secret
metadata: { name: s }
`;
    expect(resourceNames(parseManifest(manifest))).toEqual({
      "Deployment.apps/apps/v1": ["n/a", "n/b"],
      "Secret/v1": ["s"],
    });
  });

  it.each([
    [
      "WARNING: noise\nError: INSTALLATION FAILED: context deadline exceeded\n",
      "INSTALLATION FAILED: context deadline exceeded",
    ],
    ["something\n", "something"],
    ["", "helm install ended with exit code 3"],
  ])("gives Helm's own words: %j", (stderr, expected) => {
    expect(errorText(stderr, "install", 3)).toBe(expected);
  });
});
