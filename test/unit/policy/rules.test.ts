import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exceptionBook } from "../../../policy/framework/exceptions";
import type { Rule } from "../../../policy/framework/rule";
import { judge } from "../../../policy/framework/unknown";
import { fullReference } from "../../../policy/kubernetes/image-pinned";
import { cores, quantity } from "../../../policy/kubernetes/quantity";
import { policies, rules, stackRules } from "../../../policy/policies";
import { hetznerCases } from "./cases/hetzner";
import { otherCases } from "./cases/others";
import { podCases } from "./cases/pods";
import { rbacCases } from "./cases/rbac";
import { workloadCases } from "./cases/workloads";
import { noExceptions, packWith, reportRule, resource, subject } from "./run";
import { unknown } from "./unknown";

const cases = [...workloadCases, ...podCases, ...rbacCases, ...hetznerCases, ...otherCases];

const ruleNamed = (name: string): Rule => {
  const rule = rules.find((candidate) => candidate.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
};

/** Runs the rule as the pack does and gives back what it reports. */
const report = (rule: Rule, type: string, props: object, book = noExceptions, config: object = {}): Promise<string[]> =>
  reportRule(rule, resource(type, "web", props), packWith(book), config);

it("has cases for every rule", () => {
  // chart-rbac looks at what charts render alone; its cases are below.
  expect([...cases.map(({ rule }) => rule), "chart-rbac"].sort()).toEqual(rules.map(({ name }) => name).sort());
});

it.each([
  ["postgres:18", "docker.io/library/postgres:18"],
  ["hashicorp/vault:2.0.4", "docker.io/hashicorp/vault:2.0.4"],
  ["quay.io/jetstack/cert-manager:v1", "quay.io/jetstack/cert-manager:v1"],
  ["registry:5000/web:1", "registry:5000/web:1"],
  ["localhost/web:1", "localhost/web:1"],
])("an image reference %s is %s", (image, full) => {
  expect(fullReference(image)).toBe(full);
});

it("has cases for every rule over the stack", () => {
  const folder = join(__dirname, "stack");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));
  const texts = [...files.map((name) => join(folder, name)), join(__dirname, "stack.test.ts")].map((file) =>
    readFileSync(file, "utf8"),
  );
  const described = texts.flatMap((text) => [...text.matchAll(/^describe\("([a-z0-9-]+)"/gm)].map(([, name]) => name));
  expect(described).toEqual(expect.arrayContaining(stackRules.map(({ name }) => name)));
});

describe.each(cases)("$rule", ({ rule: name, type, pass, fail, unknown, presence, config = {} }) => {
  const rule = ruleNamed(name);
  const [firstFailure] = Object.values(fail);

  it.each(Object.entries(pass))("passes: %s", async (_, props) => {
    expect(await report(rule, type, props, noExceptions, config)).toEqual([]);
  });

  it.each(Object.entries(fail))("fails: %s", async (_, { props, says, type: other }) => {
    const messages = await report(rule, other ?? type, props, noExceptions, config);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(says);
    expect(messages[0]).toContain(rule.remediation);
  });

  it("does not judge what is not known before up", async () => {
    expect(await report(rule, type, unknown, noExceptions, config)).toEqual([]);
    expect(judge(() => rule.check(subject(type, "web", unknown), config)).kind).toBe(
      presence ? "findings" : "not-evaluated",
    );
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const entry = {
      policy: name,
      resource: "web",
      reason: "reviewed for a test",
      owner: "platform",
      expires: "2027-01-01",
    };
    const { props, type: other } = firstFailure!;
    expect(await report(rule, other ?? type, props, exceptionBook([entry], "2026-11-21"), config)).toEqual([]);
    expect(await report(rule, other ?? type, props, exceptionBook([entry], "2027-01-02"), config)).toHaveLength(1);
  });

  it("leaves other types alone", async () => {
    const other = "random:index/randomBytes:RandomBytes";
    expect(await report(rule, other, firstFailure!.props, noExceptions, config)).toEqual([]);
  });
});

describe("what a chart renders", () => {
  const chart = (hook: boolean) => ({ release: "chart", object: "Job apps/migrate", hook });
  const check = (name: string, type: string, props: object, hook = false) =>
    ruleNamed(name).check({ ...subject(type, "web", props), rendered: chart(hook) }, {});
  const job = (spec: object, annotations: object = {}) => ({ metadata: { annotations }, spec });
  const rbac = "kubernetes:rbac.authorization.k8s.io/v1:";
  const allVerbs = { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["*"] }] };
  const impersonating = { rules: [{ apiGroups: [""], resources: ["users"], verbs: ["impersonate"] }] };

  it.each([
    ["job-ttl", "kubernetes:batch/v1:Job", job({}), false, ["it stays for ever when it has finished"]],
    ["job-ttl", "kubernetes:batch/v1:Job", job({ ttlSecondsAfterFinished: 60 }), false, []],
    ["job-ttl", "kubernetes:batch/v1:Job", job({}, { "helm.sh/hook-delete-policy": "hook-succeeded" }), true, []],
    ["pod-managed", "kubernetes:core/v1:Pod", { metadata: {}, spec: {} }, true, []],
    ["pod-managed", "kubernetes:core/v1:Pod", { metadata: {}, spec: {} }, false, ["it stands alone"]],
    ["config-not-secret", "kubernetes:core/v1:ConfigMap", { data: { a: "# postgres://user:password@db" } }, false, []],
    [
      "config-not-secret",
      "kubernetes:core/v1:ConfigMap",
      { data: { a: "-----BEGIN PRIVATE KEY-----" } },
      false,
      ["a holds a private key"],
    ],
    ["rbac-cluster-admin", `${rbac}ClusterRoleBinding`, { roleRef: { name: "cluster-admin" } }, false, []],
    [
      "chart-rbac",
      `${rbac}ClusterRoleBinding`,
      { roleRef: { name: "cluster-admin" } },
      false,
      ["it binds cluster-admin"],
    ],
    ["rbac-wildcard", `${rbac}ClusterRole`, allVerbs, false, []],
    ["chart-rbac", `${rbac}ClusterRole`, allVerbs, false, ["rules[0] has all verbs on pods"]],
    ["rbac-escalation", `${rbac}ClusterRole`, impersonating, false, []],
    ["chart-rbac", `${rbac}ClusterRole`, impersonating, false, ["rules[0] may impersonate users"]],
    ["chart-rbac", `${rbac}ClusterRole`, { rules: [] }, false, []],
  ])("%s %s %j, a hook: %s", (name, type, props, hook, expected) => {
    expect(check(name, type, props, hook)).toEqual(expected);
  });

  it("is chart-rbac's matter, and only that", () => {
    const rule = ruleNamed("chart-rbac");
    expect(rule.check(subject(`${rbac}ClusterRole`, "web", allVerbs), {})).toEqual([]);
    const blind = { ...subject(`${rbac}ClusterRole`, "web", { rules: unknown }), rendered: chart(false) };
    expect(judge(() => rule.check(blind, {})).kind).toBe("not-evaluated");
  });
});

describe("quantities", () => {
  it.each([
    ["250m", 0.25],
    ["2", 2],
    [3, 3],
    ["1.5", 1.5],
    ["1Gi", 2 ** 30],
    ["1G", 1e9],
    ["1e3", 1000],
    ["100k", 1e5],
    ["-1Ki", -1024],
  ])("%s is %d", (text, value) => {
    expect(quantity(text)).toBe(value);
  });

  it("are not guessed", () => {
    for (const text of ["", "1X", "Gi", "one"]) expect(quantity(text)).toBeNaN();
    expect(cores("0.1234")).toBe(0.124);
  });
});

describe("what a stack sets for a rule", () => {
  const image = "ghcr.io/acme/web:1.2.3";
  const digest = `${image}@sha256:${"0".repeat(64)}`;
  const pod = (container: object) => ({ spec: { containers: [{ name: "web", ...container }] } });
  const resources = (limits: object) => ({ resources: { requests: { cpu: "1", memory: "1Gi" }, limits } });

  it.each([
    ["image-pinned", { digests: "required" }, { image: digest }, []],
    ["image-pinned", { digests: "required" }, { image }, ["has no digest"]],
    ["image-pinned", { registries: ["ghcr.io/"] }, { image }, []],
    ["image-pinned", { registries: ["quay.io/"] }, { image: digest }, ["is from none of quay.io/"]],
    ["workload-resources", { cpuLimits: "required" }, resources({ memory: "1Gi" }), ["has no limits.cpu"]],
    ["workload-resources", { cpuLimits: "required" }, resources({ memory: "1Gi", cpu: "1" }), []],
    ["workload-resources", { cpuLimits: "forbidden" }, resources({ memory: "1Gi", cpu: "1" }), ["has limits.cpu"]],
    ["workload-resources", {}, resources({ memory: "1Gi", cpu: "1" }), []],
  ])("%s %j: %j", async (name, config, container, says) => {
    const messages = await report(ruleNamed(name), "kubernetes:core/v1:Pod", pod(container), noExceptions, config);
    expect(messages).toEqual(says.map((text) => expect.stringContaining(text)));
  });

  it("is set for rules that exist, with keys that they know", () => {
    for (const stack of ["dev", "prod"]) {
      const file = join(__dirname, `../../../policy/${stack}.json`);
      const set = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
      for (const [name, config] of Object.entries(set)) {
        const known = Object.keys(policies.find((policy) => policy.name === name)?.configSchema?.properties ?? {});
        expect(["enforcementLevel", ...known], `${stack}: ${name}`).toEqual(
          expect.arrayContaining(Object.keys(config)),
        );
      }
    }
  });

  it("has a default and a description for every key", () => {
    const keys = policies.flatMap(({ configSchema }) => Object.values(configSchema?.properties ?? {}));
    expect(keys.length).toBeGreaterThan(2);
    for (const key of keys) expect(key).toMatchObject({ default: expect.anything(), description: expect.any(String) });
  });
});
