import { describe, expect, it } from "vitest";
import {
  deployment,
  findings,
  look,
  namespace,
  object,
  release,
  rendered,
  subject,
  unknown,
  withException,
} from "./objects";

const policy = (name: string, spec: object, inNamespace = "apps") =>
  object("networking.k8s.io/v1", "NetworkPolicy", name, { spec }, inNamespace);
const cilium = (name: string, spec: object, kind = "CiliumNetworkPolicy") =>
  object("cilium.io/v2", kind, name, { spec });
const denyAll = policy("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
const postgres = object("postgresql.cnpg.io/v1", "Cluster", "postgres", { spec: { instances: 3 } });
const open = (what: string, directions = "Ingress and Egress") => [`${what}: no network policy closes ${directions}`];

describe("workload-network-policy", () => {
  const rule = "workload-network-policy";

  it.each([
    ["selected with all of its namespace", [deployment("web"), denyAll], []],
    [
      "selected by its labels",
      [deployment("web"), policy("web", { ...both(), podSelector: { matchLabels: { app: "web" } } })],
      [],
    ],
    ["no policy", [deployment("web")], open("Deployment apps/web")],
    [
      "a policy for others",
      [deployment("web"), policy("db", { ...both(), podSelector: { matchLabels: { app: "db" } } })],
      open("Deployment apps/web"),
    ],
    [
      "a policy of another namespace",
      [deployment("web"), policy("deny", { podSelector: {}, ...both() }, "db")],
      open("Deployment apps/web"),
    ],
    [
      "one direction: what policyTypes leaves out",
      [deployment("web"), policy("in", { podSelector: {} })],
      open("Deployment apps/web", "Egress"),
    ],
    ["egress rules close egress", [deployment("web"), policy("out", { podSelector: {}, egress: [] })], []],
    [
      "an expression",
      [
        deployment("web"),
        policy("x", {
          ...both(),
          podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["db"] }] },
        }),
      ],
      [],
    ],
    [
      "Cilium's sections close",
      [
        deployment("web"),
        cilium("c", { endpointSelector: { matchLabels: { "k8s:app": "web" } }, ingress: [], egress: [] }),
      ],
      [],
    ],
    [
      "Cilium without default deny",
      [
        deployment("web"),
        cilium("c", { endpointSelector: {}, ingress: [{}], egress: [{}], enableDefaultDeny: { egress: false } }),
      ],
      open("Deployment apps/web", "Egress"),
    ],
    [
      "Cilium's policies for the cluster",
      [
        deployment("web"),
        cilium(
          "c",
          { endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": "apps" } }, ingress: [], egress: [] },
          "CiliumClusterwideNetworkPolicy",
        ),
      ],
      [],
    ],
    ["pods that an operator makes", [postgres], open("Cluster apps/postgres (instances)")],
    [
      "an operator's pods, closed",
      [postgres, policy("pg", { ...both(), podSelector: { matchLabels: { "cnpg.io/cluster": "postgres" } } })],
      [],
    ],
    ["the host's network is beyond policies", [deployment("web", { spec: { hostNetwork: true } })], []],
    ["the system's own", [deployment("dns", { namespace: "kube-system" })], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("judges what a chart renders, but not its hooks", () => {
    const body = { spec: { template: { metadata: { labels: { app: "a" } }, spec: { containers: [] } } } };
    expect(look(rule, [rendered("apps/v1", "Deployment", "a", body)]).messages).toEqual(open("Deployment apps/a"));
    expect(look(rule, [rendered("batch/v1", "Job", "a", body, "apps", true)]).messages).toEqual([]);
  });

  it("says nothing of pods, and lists the policy, when what closes them is not known yet; others are judged", () => {
    const unread = subject("kubernetes:networking.k8s.io/v1:NetworkPolicy", "deny", {
      metadata: { name: "deny", namespace: "apps" },
      spec: { podSelector: unknown },
    });
    const pods = (inNamespace: string) =>
      subject("kubernetes:apps/v1:Deployment", "web", { metadata: { name: "web", namespace: inNamespace }, spec: {} });
    expect(look(rule, [pods("apps"), unread])).toEqual({ messages: [], blind: ["deny"] });
    expect(look(rule, [pods("apps"), pods("db"), unread]).messages).toEqual(open("Deployment db/web"));
  });

  it("leaves namespaces alone that the stack ignores, and reviewed exceptions", async () => {
    expect(await findings(rule, [deployment("web")], { ignore: ["apps"] })).toEqual([]);
    const { valid, expired } = await withException(rule, "web", [deployment("web"), deployment("db")]);
    expect([valid.length, expired.length]).toEqual([1, 2]);
  });
});

function both() {
  return { policyTypes: ["Ingress", "Egress"] };
}

describe("network-policy-selects", () => {
  const rule = "network-policy-selects";
  const selecting = (app: string) => policy("p", { podSelector: { matchLabels: { app } } });

  it.each([
    ["pods that are there", [deployment("web"), selecting("web")], []],
    ["a misspelt label", [deployment("web"), selecting("wbe")], ["it selects nothing: app=wbe"]],
    ["all pods, and there are none", [denyAll], []],
    [
      "pods of another namespace",
      [deployment("web", { namespace: "db" }), selecting("web")],
      ["it selects nothing: app=web"],
    ],
    [
      "an operator's pods",
      [postgres, policy("p", { podSelector: { matchLabels: { "cnpg.io/cluster": "postgres" } } })],
      [],
    ],
    ["what an operator nobody knows may make", [object("acme.example/v1", "Thing", "x"), selecting("wbe")], []],
    [
      "Cilium's",
      [cilium("c", { endpointSelector: { matchLabels: { app: "wbe" } }, ingress: [] })],
      ["it selects nothing: app=wbe"],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("does not know what a chart brings that was not rendered", () => {
    const typo = subject("kubernetes:networking.k8s.io/v1:NetworkPolicy", "p", {
      metadata: { name: "p", namespace: "apps" },
      spec: { podSelector: { matchLabels: { app: "x" } } },
    });
    expect(look(rule, [typo, release("chart")], {}, ["chart"]).messages).toEqual([]);
    expect(look(rule, [typo, release("chart", "db")], {}, ["chart"]).messages).toHaveLength(1);
    expect(look(rule, [typo, release("chart")]).messages).toHaveLength(1);
  });

  it("may be for the jobs of a chart's hooks", () => {
    const own = subject("kubernetes:networking.k8s.io/v1:NetworkPolicy", "p", {
      metadata: { name: "p", namespace: "apps" },
      spec: { podSelector: { matchLabels: { app: "x" } } },
    });
    const hook = (app: string) =>
      rendered("batch/v1", "Job", "x", { spec: { template: { metadata: { labels: { app } } } } }, "apps", true);
    expect(look(rule, [own, hook("x")]).messages).toEqual([]);
    expect(look(rule, [own, hook("y")]).messages).toHaveLength(1);
  });

  it("does not judge a selector that is not known yet, nor pods whose labels are not", async () => {
    expect(await findings(rule, [policy("p", { podSelector: unknown })])).toEqual([]);
    expect(await findings(rule, [selecting("web"), deployment("api", { labels: { app: unknown } })])).toEqual([]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "p", [selecting("wbe")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("namespace-dns", () => {
  const rule = "namespace-dns";
  const dns = policy("dns", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ ports: [{ port: 53, protocol: "UDP" }] }],
  });

  it.each([
    ["allowed", [namespace("apps"), denyAll, dns], []],
    ["forgotten", [namespace("apps"), denyAll], ["namespace apps denies Egress and has no way to DNS"]],
    ["not denied", [namespace("apps")], []],
    [
      "a rule for another port",
      [namespace("apps"), denyAll, policy("web", { podSelector: {}, egress: [{ ports: [{ port: 443 }] }] })],
      ["namespace apps denies Egress and has no way to DNS"],
    ],
    [
      "Cilium's way to say it",
      [
        namespace("apps"),
        denyAll,
        cilium("dns", { endpointSelector: {}, egress: [{ toPorts: [{ ports: [{ port: "53" }] }] }] }),
      ],
      [],
    ],
    [
      "a rule without ports",
      [namespace("apps"), denyAll, policy("all", { podSelector: {}, egress: [{ to: [] }] })],
      [],
    ],
    [
      "a policy that is not known yet",
      [namespace("apps"), denyAll, policy("x", { podSelector: {}, egress: [unknown] })],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "apps", [namespace("apps"), denyAll]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("namespace-quota", () => {
  const rule = "namespace-quota";
  const quota = object("v1", "ResourceQuota", "quota");
  const limits = object("v1", "LimitRange", "limits");

  it.each([
    ["both", [namespace("apps"), quota, limits], []],
    ["neither", [namespace("apps")], ["namespace apps has no ResourceQuota and no LimitRange"]],
    ["no defaults", [namespace("apps"), quota], ["namespace apps has no LimitRange"]],
    ["another namespace's", [namespace("db"), quota, limits], ["namespace db has no ResourceQuota and no LimitRange"]],
    ["the system's own", [namespace("kube-system")], []],
    ["a name that is not known yet", [object("v1", "Namespace", "x", { metadata: { name: unknown } })], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "apps", [namespace("apps")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
