import type { PolicyResource, StackValidationArgs, StackValidationPolicy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { exceptionBook } from "../../../policy/framework/exceptions";
import { exceptionsPolicy, notEvaluatedPolicy } from "../../../policy/framework/policies";
import { namespaceDefaultDeny } from "../../../policy/kubernetes/namespace-default-deny";
import { rules } from "../../../policy/policies";
import { asPolicySees, unknown } from "./unknown";

const resource = (type: string, name: string, props: object) =>
  ({
    type,
    name,
    urn: `urn:pulumi:dev::orrery::${type}::${name}`,
    props: asPolicySees(props),
  }) as unknown as PolicyResource;

const namespace = (name: string | undefined) =>
  resource("kubernetes:core/v1:Namespace", name ?? "computed", { metadata: { name: name ?? unknown } });

const networkPolicy = (spec: object, inNamespace = "db") =>
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "deny", {
    metadata: { name: "deny", namespace: inNamespace },
    spec,
  });

const defaultDeny = namespaceDefaultDeny(exceptionBook([], "2026-11-21"));

const denyAll = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

async function report(
  policy: StackValidationPolicy,
  resources: PolicyResource[],
  config: object = {},
): Promise<string[]> {
  const messages: string[] = [];
  const getConfig = () => config;
  await policy.validateStack({ resources, getConfig } as unknown as StackValidationArgs, (message) =>
    messages.push(message),
  );
  return messages;
}

describe("namespace-default-deny", () => {
  it.each([
    ["denied both ways", [namespace("db"), networkPolicy(denyAll)], []],
    ["the system's own", [namespace("kube-system")], []],
    ["not denied", [namespace("db")], ["namespace db does not deny Ingress and Egress by default"]],
    [
      "one way only",
      [namespace("db"), networkPolicy({ podSelector: {}, policyTypes: ["Ingress"] })],
      ["namespace db does not deny Egress by default"],
    ],
    [
      "a policy that allows all is no denial",
      [namespace("db"), networkPolicy({ ...denyAll, egress: [{}] })],
      ["namespace db does not deny Egress by default"],
    ],
    [
      "a policy for some pods is no denial",
      [namespace("db"), networkPolicy({ ...denyAll, podSelector: { matchLabels: { app: "a" } } })],
      ["namespace db does not deny Ingress and Egress by default"],
    ],
    [
      "another namespace's denial",
      [namespace("db"), networkPolicy(denyAll, "web")],
      ["namespace db does not deny Ingress and Egress by default"],
    ],
    ["a name that is not known yet", [namespace(undefined)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await report(defaultDeny, resources)).toEqual(expected);
  });
});

describe("namespace-default-deny, where somebody decided otherwise", () => {
  const entry = { policy: "namespace-default-deny", reason: "reviewed for a test", owner: "platform" };

  it("leaves the namespaces alone that the stack's configuration ignores", async () => {
    expect(await report(defaultDeny, [namespace("db")], { ignore: ["db"] })).toEqual([]);
    expect(await report(defaultDeny, [namespace("db")], { ignore: ["web"] })).toHaveLength(1);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const book = exceptionBook([{ ...entry, resource: "db", expires: "2027-01-01" }], "2026-11-21");
    expect(await report(namespaceDefaultDeny(book), [namespace("db"), namespace("web")])).toEqual([
      "namespace web does not deny Ingress and Egress by default",
    ]);
  });
});

describe("not-evaluated", () => {
  it("names the rules that could not look, and only for that resource", async () => {
    const messages = await report(notEvaluatedPolicy(rules), [
      resource("hcloud:index/server:Server", "a", { firewallIds: unknown }),
      resource("hcloud:index/server:Server", "b", { firewallIds: [1] }),
    ]);
    expect(messages).toEqual(["not evaluated before up: server-firewall"]);
  });
});

describe("exceptions-reviewed", () => {
  const entry = {
    policy: "server-firewall",
    resource: "a",
    reason: "reviewed for a test",
    owner: "platform",
    expires: "2027-01-01",
  };
  const broken = resource("hcloud:index/server:Server", "a", {});
  const fine = resource("hcloud:index/server:Server", "a", { firewallIds: [1] });
  const check = (entries: object[], resources: PolicyResource[], today = "2026-11-21") =>
    report(exceptionsPolicy(rules, [defaultDeny.name], exceptionBook(entries, today)), resources);

  it("is silent when the exception is needed", async () => {
    expect(await check([entry], [broken])).toEqual([]);
  });

  it("fails an exception that nothing needs", async () => {
    expect(await check([entry], [fine])).toEqual([expect.stringContaining("is not needed")]);
  });

  it("counts an exception as needed that only the stack's own configuration makes so", async () => {
    const strict = { ...entry, policy: "image-pinned" };
    const pod = resource("kubernetes:core/v1:Pod", "a", { spec: { containers: [{ name: "a", image: "a:1" }] } });
    const policy = (configs: Map<string, object>) =>
      exceptionsPolicy(rules, [], exceptionBook([strict], "2026-11-21"), configs);
    expect(await report(policy(new Map([["image-pinned", { digests: "required" }]])), [pod])).toEqual([]);
    expect(await report(policy(new Map()), [pod])).toEqual([expect.stringContaining("is not needed")]);
  });

  it("fails an expired exception, naming whom to ask", async () => {
    const [message] = await check([entry], [broken], "2027-02-01");
    expect(message).toContain("expired on 2027-01-01; ask platform");
  });

  it("fails an exception of a policy that does not exist", async () => {
    expect(await check([{ ...entry, policy: "server-firewal" }], [broken])).toEqual([
      expect.stringContaining("names no policy"),
    ]);
  });

  it("leaves another stack's exceptions alone", async () => {
    expect(await check([{ ...entry, stack: "prod" }], [fine])).toEqual([]);
  });

  it("refuses malformed entries, all at once", () => {
    expect(() =>
      exceptionBook(
        [
          { ...entry, reason: "short" },
          { ...entry, expires: "soon" },
        ],
        "2026-11-21",
      ),
    ).toThrow(/exceptions\[0\.reason\][\s\S]*exceptions\[1\.expires\]/);
  });
});
