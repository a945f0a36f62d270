import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { type CiliumPolicy, type KubernetesPolicy, NetworkMatrix, workloadOf } from "./network-matrix";

function pod(namespace: string, app: string, more: Partial<V1Pod["metadata"] & { hostNetwork: boolean }> = {}): V1Pod {
  const { hostNetwork, ...metadata } = more;
  return {
    metadata: { namespace, name: `${app}-0`, labels: { app }, ...metadata },
    spec: { hostNetwork, containers: [{ name: app, ports: [{ name: "db", containerPort: 5432 }] }] },
  };
}

const namespaces = ["apps", "db"].map((name) => ({
  metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
}));

function deny(namespace: string): KubernetesPolicy {
  return { metadata: { namespace }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } };
}

function peer(namespace: string, app: string) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: { app } },
  };
}

function path(direction: "ingress" | "egress", of: [string, string], to: object, port: number | string) {
  const [namespace, app] = of;
  const rule = { [direction === "ingress" ? "from" : "to"]: [to], ports: [{ port }] };
  return {
    metadata: { namespace },
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: [direction === "ingress" ? "Ingress" : "Egress"],
      [direction]: [rule],
    },
  } as KubernetesPolicy;
}

function lines(pods: V1Pod[], policies: KubernetesPolicy[], ciliumPolicies: CiliumPolicy[] = []): string[] {
  return new NetworkMatrix({ pods, namespaces, policies, ciliumPolicies }).lines();
}

describe("the matrix of who may talk to whom", () => {
  const shop = pod("apps", "shop");
  const other = pod("apps", "other");
  const postgres = pod("db", "postgres");
  const denied = [deny("apps"), deny("db")];
  const out = path("egress", ["apps", "shop"], peer("db", "postgres"), 5432);
  const into = path("ingress", ["db", "postgres"], peer("apps", "shop"), "db");

  it("needs both ends", () => {
    expect(lines([shop, other, postgres], [...denied, out])).toEqual([]);
    expect(lines([shop, other, postgres], [...denied, into])).toEqual([]);
    expect(lines([shop, other, postgres], [...denied, out, into])).toEqual(["apps/shop-0 -> db/postgres-0:5432/TCP"]);
  });

  it("shows a selector that is too wide", () => {
    const wide = path("egress", ["apps", "shop"], peer("db", "postgres"), 5432);
    wide.spec.podSelector = {};
    const all = path("ingress", ["db", "postgres"], { namespaceSelector: {} }, 5432);
    expect(lines([shop, other, postgres], [...denied, wide, all])).toEqual([
      "apps/other-0 -> db/postgres-0:5432/TCP",
      "apps/shop-0 -> db/postgres-0:5432/TCP",
    ]);
  });

  it("keeps a selector without a namespace in its own", () => {
    const peers = path("ingress", ["db", "postgres"], { podSelector: { matchLabels: { app: "shop" } } }, 5432);
    expect(lines([shop, postgres], [...denied, out, peers])).toEqual([]);
  });

  it("opens only the ports that both ends name", () => {
    expect(
      lines([shop, postgres], [...denied, out, path("ingress", ["db", "postgres"], peer("apps", "shop"), 9999)]),
    ).toEqual([]);
  });

  it("shows whom nothing restricts at one end, and leaves out what nothing restricts at both", () => {
    const system = pod("kube-system", "cilium-operator");
    expect(lines([system, pod("kube-system", "hubble")], denied)).toEqual([]);
    expect(lines([system, postgres], [...denied, path("ingress", ["db", "postgres"], {}, 5432)])).toEqual([]);
    const open = { namespaceSelector: {}, podSelector: {} };
    expect(
      new NetworkMatrix({
        pods: [system, postgres],
        namespaces: [...namespaces, { metadata: { name: "kube-system", labels: {} } }],
        policies: [...denied, path("ingress", ["db", "postgres"], open, 5432)],
        ciliumPolicies: [],
      }).lines(),
    ).toEqual(["kube-system/cilium-operator-0 -> db/postgres-0:5432/TCP"]);
  });

  it("knows what is outside, and the API server", () => {
    const outside: CiliumPolicy = {
      metadata: { namespace: "db" },
      spec: {
        endpointSelector: { matchLabels: { app: "postgres" } },
        egress: [{ toEntities: ["kube-apiserver"], toPorts: [{ ports: [{ port: "6443" }] }] }],
        ingress: [{ fromEntities: ["world", "host"], toPorts: [{ ports: [{ port: "5432" }] }] }],
      },
    };
    expect(lines([postgres], denied, [outside])).toEqual([
      "db/postgres-0 -> kube-apiserver:6443/TCP",
      "world -> db/postgres-0:5432/TCP",
    ]);
  });

  it("says nothing of what a CronJob has started, or not yet", () => {
    const run = (name: string) =>
      pod("apps", "shop", {
        ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid: "1", controller: true }],
      });
    expect(lines([run("dump-29384756"), postgres], [...denied, out, into])).toEqual([]);
    expect(lines([run("setup-1"), postgres], [...denied, out, into])).toEqual([
      "apps/setup-1 -> db/postgres-0:5432/TCP",
    ]);
  });

  it("says nothing of pods in the host's network, nor of DNS", () => {
    const agent = pod("kube-system", "agent", { hostNetwork: true });
    const dns = pod("kube-system", "coredns", { labels: { "k8s-app": "kube-dns" } });
    const ask = path("egress", ["db", "postgres"], { namespaceSelector: {}, podSelector: {} }, 53);
    expect(lines([agent, dns, postgres], [...denied, ask])).toEqual([]);
  });

  it("names pods after what they belong to", () => {
    const replicaSet = pod("db", "pooler", {
      labels: { "pod-template-hash": "5d4f7" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "pooler-5d4f7", uid: "1", controller: true },
      ],
    });
    expect(workloadOf(replicaSet)).toBe("db/pooler");
  });
});
