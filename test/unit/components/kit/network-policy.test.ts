import { describe, expect, it } from "vitest";
import type { PodIdentity } from "../../../../components/kit/labels";
import { openApiServer, openPath, openPeers, openWorld } from "../../../../components/kit/network-policy";
import { at, record } from "../recorder";

const from: PodIdentity = { namespace: "apps", instance: "web", labels: { app: "web" } };
const to: PodIdentity = { namespace: "db", instance: "postgres", labels: { app: "postgres" } };
const owner = { name: "web", instance: "web", component: "web", domain: "apps" };

describe("openPath", () => {
  it("opens one port, from one side to the other, in both namespaces and nowhere else", async () => {
    const made = await record(() =>
      openPath("web-postgres", { from, to, ports: [{ name: "sql", port: 5432 }], owner }, {}),
    );
    expect(made.objects()).toHaveLength(2);
    const ports = [{ port: 5432, protocol: "TCP" }];
    const peer = (pods: PodIdentity) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
      podSelector: { matchLabels: pods.labels },
    });
    expect(at(made.one("NetworkPolicy", "web-to-postgres-sql-egress").inputs, "metadata", "namespace")).toBe("apps");
    expect(made.one("NetworkPolicy", "web-to-postgres-sql-egress").inputs["spec"]).toEqual({
      podSelector: { matchLabels: from.labels },
      policyTypes: ["Egress"],
      egress: [{ to: [peer(to)], ports }],
    });
    expect(at(made.one("NetworkPolicy", "web-to-postgres-sql-ingress").inputs, "metadata", "namespace")).toBe("db");
    expect(made.one("NetworkPolicy", "web-to-postgres-sql-ingress").inputs["spec"]).toEqual({
      podSelector: { matchLabels: to.labels },
      policyTypes: ["Ingress"],
      ingress: [{ from: [peer(from)], ports }],
    });
  });
});

describe("openPeers", () => {
  it("stays inside the namespace and the workload", async () => {
    const made = await record(() => openPeers("peers", { pods: to, ports: [{ name: "raft", port: 6335 }], owner }, {}));
    const selector = { podSelector: { matchLabels: to.labels } };
    const ports = [{ port: 6335, protocol: "TCP" }];
    expect(made.objects()).toHaveLength(1);
    expect(made.one("NetworkPolicy", "postgres-peers").inputs["spec"]).toEqual({
      ...selector,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [selector], ports }],
      egress: [{ to: [selector], ports }],
    });
  });
});

describe("openApiServer", () => {
  it("opens the way to the API server and no way back", async () => {
    const made = await record(() => openApiServer("api", { pods: to, owner }, {}));
    expect(made.one("CiliumNetworkPolicy", "postgres-api-server").inputs["spec"]).toEqual({
      endpointSelector: { matchLabels: to.labels },
      egress: [{ toEntities: ["kube-apiserver"], toPorts: [{ ports: [{ port: "6443", protocol: "TCP" }] }] }],
    });
  });

  it("lets the API server in at the webhooks' ports alone", async () => {
    const made = await record(() => openApiServer("api", { pods: to, owner, webhookPorts: [9443] }, {}));
    expect(at(made.one("CiliumNetworkPolicy", "postgres-api-server").inputs, "spec", "ingress")).toEqual([
      {
        fromEntities: ["kube-apiserver", "remote-node", "host"],
        toPorts: [{ ports: [{ port: "9443", protocol: "TCP" }] }],
      },
    ]);
  });
});

describe("openWorld", () => {
  const toPorts = (port: string, protocol = "TCP") => [{ ports: [{ port, protocol }] }];

  it("opens the ports outside that are called, and none of the pods' own", async () => {
    const made = await record(() =>
      openWorld("out", { pods: to, owner, egress: [{ name: "dns", port: 53, protocol: "UDP" }] }, {}),
    );
    const { inputs } = made.one("CiliumNetworkPolicy", "postgres-world");
    expect(at(inputs, "metadata", "namespace")).toBe("db");
    expect(inputs["spec"]).toEqual({
      endpointSelector: { matchLabels: to.labels },
      egress: [{ toEntities: ["world"], toPorts: toPorts("53", "UDP") }],
    });
  });

  it("lets the load balancer's connections in, however the nodes pass them on", async () => {
    const made = await record(() =>
      openWorld("in", { pods: to, owner, ingress: [{ name: "https", port: 10443 }] }, {}),
    );
    expect(made.one("CiliumNetworkPolicy", "postgres-world").inputs["spec"]).toEqual({
      endpointSelector: { matchLabels: to.labels },
      ingress: [{ fromEntities: ["world", "remote-node", "host"], toPorts: toPorts("10443") }],
    });
  });
});
