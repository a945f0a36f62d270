import type { PolicyResource, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import type { ChartsOptions } from "../../../../policy/charts/charts";
import { exceptionBook } from "../../../../policy/framework/exceptions";
import { notEvaluatedPolicy, stackPolicy } from "../../../../policy/framework/policies";
import { exceptionsPolicy } from "../../../../policy/framework/reviewed";
import type { Rule, StackRule } from "../../../../policy/framework/rule";
import { chartRenders, opaqueReleases } from "../../../../policy/opaque";
import { noExceptions, packWith, reportPolicy, reportRule, reportStack, resource, today } from "../run";
import { unknown } from "../unknown";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const given = { name: "ops", namespace: "ops", chart: "agent", version: "1.2.3" };
const release = (props: object = {}) => resource(RELEASE, "agent", { ...given, ...props });

/** A helm that renders a Deployment that breaks the rule below, one that does not, and a hook that does. */
const rendering: ChartsOptions = {
  helm: {
    identity: async () => "helm",
    run: async () => ({
      kind: "output",
      text: `apiVersion: apps/v1
kind: Deployment
metadata: { name: bad }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: good, labels: { owner: platform } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once, annotations: { helm.sh/hook: pre-install } }
`,
    }),
  },
};
const failing: ChartsOptions = {
  helm: {
    identity: async () => "helm",
    run: async ([command]) =>
      command === "show" ? { kind: "output", text: "" } : { kind: "error", message: "got string, want integer" },
  },
};

const owned: Rule = {
  name: "owned",
  description: "everything has an owner",
  severity: "low",
  level: "mandatory",
  remediation: "Name one",
  appliesTo: (type) => /:(Deployment|Job)$/.test(type),
  check: ({ props }) => (props.metadata?.labels?.owner === undefined ? ["no owner"] : []),
};
const counted: StackRule = {
  name: "counted",
  description: "lists what has no owner",
  severity: "low",
  level: "mandatory",
  remediation: "Name one",
  check: ({ subjects, unseen, read }) => [
    ...subjects
      .filter(({ type }) => owned.appliesTo(type))
      .filter((subject) => read(subject, ({ metadata }) => metadata?.labels?.owner) === undefined)
      .map((subject) => ({ subject, message: "not owned" })),
    ...unseen.map((name) => ({ message: `did not see ${name}` })),
  ],
};

const excepted = (policy: string, name = "ops/Deployment/bad", more: object = {}) =>
  exceptionBook(
    [{ policy, resource: name, reason: "reviewed for a test", owner: "platform", expires: "2027-01-01", ...more }],
    today,
  );

describe("a rule over one resource", () => {
  it("looks at what a release renders, and names the object", async () => {
    expect(await reportRule(owned, release(), packWith(noExceptions, rendering))).toEqual([
      "Deployment ops/bad: no owner. Name one",
      "Job ops/once (a hook): no owner. Name one",
    ]);
  });

  it("lets a reviewed exception of that very object pass", async () => {
    expect(await reportRule(owned, release(), packWith(excepted("owned"), rendering))).toEqual([
      "Job ops/once (a hook): no owner. Name one",
    ]);
    const others = excepted("owned", "ops/Deployment/good");
    expect(await reportRule(owned, release(), packWith(others, rendering))).toHaveLength(2);
  });

  it("says nothing about a release that is not known or cannot be rendered", async () => {
    const blind = release({ values: { a: unknown } });
    expect(await reportRule(owned, blind, packWith(noExceptions, rendering))).toEqual([]);
    expect(await reportRule(owned, release(), packWith())).toEqual([]);
  });
});

describe("a rule over the stack", () => {
  const own = resource("kubernetes:apps/v1:Deployment", "web", { metadata: {} });

  it("sees what the releases render beside the stack's own resources", async () => {
    expect(await reportStack(counted, [own, release()], {}, packWith(noExceptions, rendering))).toEqual([
      "not owned. Name one",
      "Deployment ops/bad: not owned. Name one",
      "Job ops/once (a hook): not owned. Name one",
    ]);
  });

  it("lets a reviewed exception of that very object pass", async () => {
    expect(await reportStack(counted, [own, release()], {}, packWith(excepted("counted"), rendering))).toEqual([
      "not owned. Name one",
      "Job ops/once (a hook): not owned. Name one",
    ]);
  });

  it("is told what it does not see", async () => {
    expect(await reportStack(counted, [release()])).toEqual(["did not see ops. Name one"]);
    const blind = release({ values: { a: unknown } });
    expect(await reportStack(counted, [blind], {}, packWith(noExceptions, rendering))).toEqual([
      "did not see ops. Name one",
    ]);
  });
});

it("lists a release whose values are not known", async () => {
  const pack = packWith(noExceptions, rendering);
  const policy = notEvaluatedPolicy([owned], pack);
  expect(await reportPolicy(policy, [release({ values: { a: unknown } })])).toEqual([
    expect.stringContaining("not evaluated before up: everything that this chart renders"),
  ]);
  expect(await reportPolicy(policy, [release()])).toEqual([]);
});

describe("exceptions of what a release renders", () => {
  const check = async (name: string, options: ChartsOptions, resources: PolicyResource[], more: object = {}) => {
    const pack = packWith(excepted("owned", name, more), options);
    await reportPolicy(stackPolicy(counted, pack), resources);
    return reportPolicy(exceptionsPolicy([owned], [counted], [], pack), resources);
  };
  it.each([
    ["needed", "ops/Deployment/bad", rendering, {}, []],
    ["not needed", "ops/Deployment/good", rendering, {}, [expect.stringContaining("is not needed")]],
    ["of another stack's release", "other/Deployment/bad", rendering, {}, []],
    [
      "of nothing in the stack that it names",
      "ops/Deployment/none",
      rendering,
      { stack: "dev" },
      [expect.stringContaining("names nothing")],
    ],
    ["of a release that cannot be seen now", "ops/Deployment/none", {}, { stack: "dev" }, []],
  ])("are %s", async (_, name, options, more, expected) => {
    expect(await check(name, options, [release()], more)).toEqual(expected);
  });
});

describe("what becomes of a release", () => {
  async function report(policy: ResourceValidationPolicy, subject: PolicyResource, config = {}): Promise<string[]> {
    const messages: string[] = [];
    const args = { ...subject, getConfig: () => config } as unknown as ResourceValidationArgs;
    if (typeof policy.validateResource !== "function") throw new Error("one function is expected");
    await policy.validateResource(args, (message) => messages.push(message));
    return messages;
  }
  const refused = ["the chart does not render with these values: got string, want integer"];
  const missing = ["opaque: what this chart installs was not looked at: helm is not on PATH"];

  it.each([
    ["renders", release(), rendering, [], []],
    ["refuses its values", release(), failing, refused, []],
    ["cannot be rendered", release(), {}, [], missing],
    ["is not known", release({ version: unknown }), rendering, [], []],
    ["is no release", resource("kubernetes:core/v1:Service", "web", {}), {}, [], []],
  ])("it %s", async (_, subject, options, failures, opaque) => {
    const pack = packWith(noExceptions, options);
    expect(await report(chartRenders(pack), subject)).toEqual(failures);
    expect(await report(opaqueReleases(pack), subject)).toEqual(opaque);
  });

  it("lets a reviewed exception pass", async () => {
    expect(await report(chartRenders(packWith(excepted("chart-renders", "agent"), failing)), release())).toEqual([]);
    expect(await report(opaqueReleases(packWith(excepted("opaque-releases", "agent"))), release())).toEqual([]);
  });

  it("is for the Kubernetes that the stack set", async () => {
    const seen: string[] = [];
    const helm = {
      identity: async () => "helm",
      run: async (args: readonly string[]) => {
        seen.push(args[args.indexOf("--kube-version") + 1] ?? "");
        return { kind: "output" as const, text: "" };
      },
    };
    await report(chartRenders(packWith(noExceptions, { helm })), release(), { kubeVersion: "1.36.1" });
    await report(chartRenders(packWith(noExceptions, { helm })), release());
    expect(seen).toEqual(["1.36.1", "1.35.0"]);
  });
});
