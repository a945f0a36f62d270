import type { PolicyResource } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { exceptionBook } from "../../../policy/framework/exceptions";
import { notEvaluatedPolicy, stackPolicy } from "../../../policy/framework/policies";
import { declaredPolicy, exceptionsPolicy } from "../../../policy/framework/reviewed";
import type { Rule, StackRule } from "../../../policy/framework/rule";
import { namespaceDefaultDeny } from "../../../policy/kubernetes/namespace-default-deny";
import { rules } from "../../../policy/policies";
import { packWith, reportPolicy, reportStack, resource, today } from "./run";
import { unknown } from "./unknown";

const namespace = (name: string | undefined) =>
  resource("kubernetes:core/v1:Namespace", name ?? "computed", { metadata: { name: name ?? unknown } });

const networkPolicy = (spec: object, inNamespace = "db") =>
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "deny", {
    metadata: { name: "deny", namespace: inNamespace },
    spec,
  });

const denyAll = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const does = (text: string) => expect.stringContaining(text);

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
    expect(await reportStack(namespaceDefaultDeny, resources)).toEqual(expected.map(does));
  });
});

describe("namespace-default-deny, where somebody decided otherwise", () => {
  const entry = { policy: "namespace-default-deny", reason: "reviewed for a test", owner: "platform" };

  it("leaves the namespaces alone that the stack's configuration ignores", async () => {
    expect(await reportStack(namespaceDefaultDeny, [namespace("db")], { ignore: ["db"] })).toEqual([]);
    expect(await reportStack(namespaceDefaultDeny, [namespace("db")], { ignore: ["web"] })).toHaveLength(1);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const both = [namespace("db"), namespace("web")];
    const excepted = (day: string) => {
      const book = exceptionBook([{ ...entry, resource: "db", expires: "2027-01-01" }], day);
      return reportStack(namespaceDefaultDeny, both, {}, packWith(book));
    };
    expect(await excepted(today)).toEqual([does("namespace web does not deny Ingress and Egress by default")]);
    expect(await excepted("2027-01-02")).toHaveLength(2);
  });
});

describe("not-evaluated", () => {
  it("names the rules that could not look, and only for that resource", async () => {
    const messages = await reportPolicy(notEvaluatedPolicy(rules, packWith()), [
      resource("hcloud:index/server:Server", "a", { firewallIds: unknown }),
      resource("hcloud:index/server:Server", "b", { firewallIds: [1] }),
    ]);
    expect(messages).toEqual(["not evaluated before up: server-firewall"]);
  });

  it("names the rules over the stack too", async () => {
    const pack = packWith();
    const [blind, seen] = [namespace(undefined), namespace("db")];
    await reportStack(namespaceDefaultDeny, [blind, seen], {}, pack);
    expect(await reportPolicy(notEvaluatedPolicy([], pack), [blind, seen])).toEqual([
      "not evaluated before up: namespace-default-deny",
    ]);
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
  const size: StackRule = {
    name: "stack-size",
    description: "at most one server",
    severity: "low",
    level: "mandatory",
    remediation: "Buy less",
    check: ({ subjects }) => (subjects.length > 1 ? [{ message: "too many servers" }] : []),
  };
  const stackRules = [namespaceDefaultDeny, size];

  /** The policies in the order of the pack. */
  async function check(
    entries: object[],
    resources: PolicyResource[],
    { day = today, checked = rules }: { day?: string; checked?: readonly Rule[] } = {},
  ): Promise<string[]> {
    const pack = packWith(exceptionBook(entries, day));
    for (const rule of stackRules) await reportPolicy(stackPolicy(rule, pack), resources);
    return reportPolicy(exceptionsPolicy(checked, stackRules, ["opaque-releases"], pack), resources);
  }

  it("is silent when the exception is needed", async () => {
    expect(await check([entry], [broken])).toEqual([]);
  });

  it("fails an exception that nothing needs", async () => {
    expect(await check([entry], [fine])).toEqual([does("is not needed")]);
  });

  it("keeps an exception of what is not known yet", async () => {
    const blind = resource("hcloud:index/server:Server", "a", { firewallIds: unknown });
    expect(await check([entry], [blind])).toEqual([]);
  });

  it.each([
    ["of one stack, that names nothing in it", { stack: "dev" }, [does("names nothing in stack dev")]],
    ["of every stack: another one has it", {}, []],
    ["of another stack", { stack: "prod" }, []],
  ])("an exception %s", async (_, change, expected) => {
    expect(await check([{ ...entry, ...change, resource: "b" }], [fine])).toEqual(expected);
  });

  it("counts an exception as needed that only the stack's own configuration makes so", async () => {
    const strict = { ...entry, policy: "image-pinned" };
    const pod = resource("kubernetes:core/v1:Pod", "a", { spec: { containers: [{ name: "a", image: "a:1" }] } });
    const set = async (config?: object) => {
      const pack = packWith(exceptionBook([strict], today));
      if (config) pack.configs.set("image-pinned", config);
      return reportPolicy(exceptionsPolicy(rules, [], [], pack), [pod]);
    };
    expect(await set({ digests: "required" })).toEqual([]);
    expect(await set()).toEqual([does("is not needed")]);
  });

  it.each([
    ["needed", [namespace("db")], []],
    ["not needed", [namespace("db"), networkPolicy(denyAll)], [does("is not needed")]],
    ["kept, while the name is not known", [resource("kubernetes:core/v1:Namespace", "db", { metadata: unknown })], []],
  ])("an exception of a rule over the stack is %s", async (_, resources, expected) => {
    expect(await check([{ ...entry, policy: "namespace-default-deny", resource: "db" }], resources)).toEqual(expected);
  });

  it("excepts the stack as a whole, and finds that entry unused", async () => {
    const whole = { ...entry, policy: "stack-size", resource: "(stack)" };
    expect(await check([whole], [broken, broken])).toEqual([]);
    expect(await check([whole], [broken])).toEqual([does('stack-size for "(stack)" is not needed')]);
    const excepted = packWith(exceptionBook([whole], today));
    expect(await reportStack(size, [broken, broken], {}, excepted)).toEqual([]);
    expect(await reportStack(size, [broken, broken])).toEqual(["too many servers. Buy less"]);
  });

  it("says nothing of a rule over the stack that did not run", async () => {
    const pack = packWith(exceptionBook([{ ...entry, policy: "stack-size", resource: "(stack)" }], today));
    expect(await reportPolicy(exceptionsPolicy([], stackRules, [], pack), [fine])).toEqual([]);
  });

  it("fails an expired exception, naming whom to ask", async () => {
    const [message] = await check([entry], [broken], { day: "2027-02-01" });
    expect(message).toContain("expired on 2027-01-01; ask platform");
  });

  it("fails an exception of a policy that does not exist", async () => {
    expect(await check([{ ...entry, policy: "server-firewal" }], [broken])).toEqual([does("names no policy")]);
  });

  it("fails an entry that is there twice", async () => {
    expect(await check([entry, { ...entry, reason: "the same once more" }], [broken])).toEqual([does("twice")]);
    expect(await check([entry, { ...entry, stack: "dev" }], [broken])).toEqual([]);
  });

  it("reports malformed entries, all at once, and goes on with the others", async () => {
    const malformed = [
      { ...entry, reason: "short" },
      { ...entry, expires: "soon" },
    ];
    expect(await check([...malformed, entry], [broken])).toEqual([does("[0].reason"), does("[1].expires")]);
    const pack = packWith(exceptionBook(malformed, today));
    expect(pack.book.covers(entry.policy, broken)).toBeUndefined();
    expect(exceptionBook({}, today).problems([], "dev")).toEqual([does("not a list")]);
  });
});

describe("exceptions-declared", () => {
  const annotated = (annotations: object) => resource("kubernetes:core/v1:Pod", "agent", { metadata: { annotations } });
  const check = (annotations: object, entries: object[] = []) =>
    reportPolicy(declaredPolicy(["workload-restricted"], packWith(exceptionBook(entries, today))), [
      annotated(annotations),
    ]);
  const declares = { "orrery.dev/exception.workload-restricted": "it needs root" };

  it("reports what no entry grants, and only policies of the pack", async () => {
    expect(await check(declares)).toEqual([does("declares an exception of workload-restricted that no entry")]);
    expect(await check({ "orrery.dev/exception.probes": "it serves no port", other: "x" })).toEqual([]);
  });

  it("is silent when the entry is there, or nothing is known", async () => {
    const entry = {
      policy: "workload-restricted",
      resource: "agent",
      reason: "reviewed for a test",
      owner: "platform",
    };
    expect(await check(declares, [{ ...entry, expires: "2027-01-01" }])).toEqual([]);
    const blind = resource("kubernetes:core/v1:Pod", "agent", { metadata: unknown });
    expect(await reportPolicy(declaredPolicy(["workload-restricted"], packWith()), [blind])).toEqual([]);
  });
});
