import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceValidationArgs } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { exceptionBook } from "../../../policy/framework/exceptions";
import { resourcePolicy } from "../../../policy/framework/policies";
import type { Rule } from "../../../policy/framework/rule";
import { policies, rules } from "../../../policy/policies";
import { otherCases } from "./cases/others";
import { workloadCases } from "./cases/workloads";
import { asPolicySees } from "./unknown";

const cases = [...workloadCases, ...otherCases];
const noExceptions = exceptionBook([], "2026-11-21");

const ruleNamed = (name: string): Rule => {
  const rule = rules.find((candidate) => candidate.name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
};

/** Runs the rule as the pack does and gives back what it reports. */
async function report(
  rule: Rule,
  type: string,
  props: object,
  book = noExceptions,
  config: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  const policy = resourcePolicy(rule, book);
  const validate = policy.validateResource;
  if (typeof validate !== "function") throw new Error("one function is expected");
  const args = {
    type,
    name: "web",
    urn: `urn:pulumi:dev::orrery::${type}::web`,
    props: asPolicySees(props),
    getConfig: () => config,
  };
  await validate(args as unknown as ResourceValidationArgs, (message) => messages.push(message));
  return messages;
}

it("has cases for every rule", () => {
  expect(cases.map(({ rule }) => rule).sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.each(cases)("$rule", ({ rule: name, type, pass, fail, unknown }) => {
  const rule = ruleNamed(name);
  const [firstFailure] = Object.values(fail);

  it.each(Object.entries(pass))("passes: %s", async (_, props) => {
    expect(await report(rule, type, props)).toEqual([]);
  });

  it.each(Object.entries(fail))("fails: %s", async (_, { props, says, type: other }) => {
    const messages = await report(rule, other ?? type, props);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(says);
    expect(messages[0]).toContain(rule.remediation);
  });

  it("does not judge what is not known before up", async () => {
    expect(await report(rule, type, unknown)).toEqual([]);
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
    expect(await report(rule, other ?? type, props, exceptionBook([entry], "2026-11-21"))).toEqual([]);
    expect(await report(rule, other ?? type, props, exceptionBook([entry], "2027-01-02"))).toHaveLength(1);
  });

  it("leaves other types alone", async () => {
    expect(await report(rule, "random:index/randomBytes:RandomBytes", firstFailure!.props)).toEqual([]);
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
