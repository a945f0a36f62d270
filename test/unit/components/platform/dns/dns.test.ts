import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../../../../components/kit/sizes";
import { CloudflareTunnel, DnsRecords, Resolver, Tailscale } from "../../../../../components/platform/dns";
import { definitionCheck } from "../../definitions";
import { at, type Data, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";
import { knownSecrets, namespaces } from "../certificates/support";

const tunnelHost = "6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com";

const records = (more: object = {}) =>
  record(
    () =>
      new DnsRecords({
        charts: {},
        namespace: namespaces("prod").get("dns"),
        secrets: knownSecrets(),
        provider: "cloudflare",
        zone: "orrery.dev",
        clusterName: "demo",
        policy: "upsert-only",
        routes: "gateway",
        domain: "demo.orrery.dev",
        address: pulumi.output("198.51.100.7"),
        ...more,
      }),
  );
const tunnel = (environment: Environment) =>
  record(
    () =>
      new CloudflareTunnel({
        namespace: namespaces(environment).get("edge"),
        secrets: knownSecrets(),
        gatewayAddress: "10.0.0.5",
      }),
  );
const tailscale = (environment: Environment) =>
  record(() => {
    const all = namespaces(environment);
    const made = new Tailscale({
      charts: {},
      namespace: all.get("tailscale"),
      secrets: knownSecrets(),
      clusterName: "demo",
      tag: "tag:k8s",
      routes: ["10.0.0.0/24"],
    });
    return new Resolver({
      namespace: all.get("dns"),
      domain: "demo.orrery.dev",
      gatewayAddress: "10.0.0.5",
      clusterIp: "10.96.0.11",
      clients: { pods: made.pods, identity: made.identity, namespace: all.get("tailscale") },
    });
  });

const spec = (made: Recorder, kind: string, name: string) => made.one(kind, name).inputs["spec"] as Data;
const secretPaths = (made: Recorder, name: string) => made.one("Secret", name).secrets;

describe("records", () => {
  it("give the domain itself the load balancer's address", async () => {
    const made = await records();
    expect(spec(made, "DNSEndpoint", "domain")).toEqual({
      endpoints: [{ dnsName: "demo.orrery.dev", recordType: "A", targets: ["198.51.100.7"] }],
    });
  });

  it("lead to the tunnel where there is one", async () => {
    const made = await records({ tunnelHost });
    expect(at(spec(made, "DNSEndpoint", "domain"), "endpoints", 0)).toEqual({
      dnsName: "demo.orrery.dev",
      recordType: "CNAME",
      targets: [tunnelHost],
    });
  });

  it("have the token by reference, and secret", async () => {
    const made = await records();
    expect(secretPaths(made, "dns-api-token").length).toBeGreaterThan(0);
    expect(JSON.stringify(made.releases()[0]!.inputs)).not.toContain("value of dns-api-token");
    expect(at(made.releases()[0]!.inputs, "values", "env", 0, "valueFrom", "secretKeyRef")).toEqual({
      name: "dns-api-token",
      key: "token",
    });
  });

  it("reach the API server and the provider, before the release", async () => {
    const made = await records();
    const release = made.component("orrery:kit:Chart", "external-dns");
    for (const name of ["external-dns-api-server", "external-dns-world"]) {
      expect(release.dependencies).toContain(made.one("CiliumNetworkPolicy", name).urn);
    }
  });
});

describe("tunnel", () => {
  it("calls the gateway's load balancer by each request's own name", async () => {
    const made = await tunnel("dev");
    const config = String(at(made.one("ConfigMap", "cloudflared").inputs, "data", "config.yaml"));
    expect(config).toContain("service: https://10.0.0.5:443");
    expect(config).toContain("matchSNItoHost: true");
    expect(config).not.toContain("caPool");
  });

  it("trusts the internal authority where that signs the gateway's certificate", async () => {
    const made = await record(() => {
      const edge = namespaces("dev").get("edge");
      return new CloudflareTunnel({
        namespace: edge,
        secrets: knownSecrets(),
        gatewayAddress: "10.0.0.5",
        trust: { configMap: "internal-ca", ready: edge },
      });
    });
    expect(String(at(made.one("ConfigMap", "cloudflared").inputs, "data", "config.yaml"))).toContain(
      "caPool: /etc/ssl/internal/ca.crt",
    );
    const volumes = at(spec(made, "Deployment", "cloudflared"), "template", "spec", "volumes");
    expect(volumes).toContainEqual({ name: "trust", configMap: { name: "internal-ca" } });
  });

  it("has its token from a Secret, never on its command line", async () => {
    const made = await tunnel("dev");
    const container = at(spec(made, "Deployment", "cloudflared"), "template", "spec", "containers", 0) as Data;
    expect(container["env"]).toEqual([
      { name: "TUNNEL_TOKEN", valueFrom: { secretKeyRef: { name: "cloudflared-token", key: "token" } } },
    ]);
    expect(String(container["args"])).not.toContain("token");
    expect(secretPaths(made, "cloudflared-token").length).toBeGreaterThan(0);
  });

  it.each([
    ["dev", 1],
    ["prod", 2],
  ] as const)("runs in %s %i times", async (environment, replicas) => {
    expect(at(spec(await tunnel(environment), "Deployment", "cloudflared"), "replicas")).toBe(replicas);
  });
});

describe("Tailscale", () => {
  it("has its credentials where the operator looks, and not in the chart's values", async () => {
    const made = await tailscale("dev");
    expect(made.one("Secret", "operator-oauth").inputs["stringData"]).toEqual({
      client_id: "value of tailscale-client-id",
      client_secret: "value of tailscale-client-secret",
    });
    expect(secretPaths(made, "operator-oauth").length).toBeGreaterThan(0);
    expect(JSON.stringify(made.releases())).not.toContain("value of tailscale");
  });

  it("has one router in dev and one to spare in prod, both of the restricted class", async () => {
    expect(spec(await tailscale("dev"), "Connector", "demo")).toEqual({
      hostnamePrefix: "demo",
      replicas: 1,
      tags: ["tag:k8s"],
      proxyClass: "orrery",
      subnetRouter: { advertiseRoutes: ["10.0.0.0/24"] },
    });
    expect(at(spec(await tailscale("prod"), "Connector", "demo"), "replicas")).toBe(2);
  });

  it("waits for the class and the router to be ready, in this order", async () => {
    const made = await tailscale("dev");
    const wait = (kind: string, name: string) =>
      at(made.one(kind, name).inputs, "metadata", "annotations", "pulumi.com/waitFor");
    expect(wait("ProxyClass", "orrery")).toBe("condition=ProxyClassReady");
    expect(wait("Connector", "demo")).toBe("condition=ConnectorReady");
    expect(made.one("Connector", "demo").dependencies).toContain(made.one("ProxyClass", "orrery").urn);
  });

  it("gives its routers the right to set up routes and no other", async () => {
    const container = at(
      spec(await tailscale("dev"), "ProxyClass", "orrery"),
      "statefulSet",
      "pod",
      "tailscaleContainer",
    ) as Data;
    expect(at(container, "securityContext", "capabilities")).toEqual({ drop: ["ALL"], add: ["NET_ADMIN"] });
    expect(at(container, "resources", "limits", "memory")).toBeDefined();
  });

  it("lets its routers reach the world and the nodes' administration, and no pod", async () => {
    const policy = spec(await tailscale("dev"), "CiliumNetworkPolicy", "tailscale-routers-world");
    expect(at(policy, "egress")).toEqual([
      { toEntities: ["world"] },
      {
        toEntities: ["kube-apiserver", "host", "remote-node"],
        toPorts: [
          {
            ports: [
              { port: "6443", protocol: "TCP" },
              { port: "50000", protocol: "TCP" },
            ],
          },
        ],
      },
    ]);
  });
});

describe("resolver", () => {
  it("answers at a fixed address, which only the routers may ask", async () => {
    const made = await tailscale("dev");
    const service = spec(made, "Service", "resolver-dns");
    expect(service).toMatchObject({
      clusterIP: "10.96.0.11",
      ports: [
        { port: 53, protocol: "UDP" },
        { port: 53, protocol: "TCP" },
      ],
    });
    const ingress = spec(made, "NetworkPolicy", "tailscale-routers-to-resolver-dns-dns-tcp-ingress");
    expect(at(ingress, "ingress", 0, "from", 0, "podSelector", "matchLabels")).toEqual({
      "tailscale.com/managed": "true",
    });
    expect(at(ingress, "ingress", 0, "ports")).toEqual([
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ]);
  });

  it("may listen on the port of DNS, and nothing more", async () => {
    const container = at(spec(await tailscale("dev"), "Deployment", "resolver"), "template", "spec", "containers", 0);
    expect(at(container, "securityContext", "capabilities")).toEqual({ drop: ["ALL"], add: ["NET_BIND_SERVICE"] });
    expect(at(container, "securityContext", "allowPrivilegeEscalation")).toBe(false);
  });
});

const folder = shared("crds", "DNS against the CustomResourceDefinitions");

it.skipIf(folder === undefined)("every custom resource meets its definition", async () => {
  const made = [await records({ tunnelHost }), await tailscale("prod")];
  for (const [kind, definition] of [
    ["DNSEndpoint", "dnsendpoints.externaldns.k8s.io"],
    ["Connector", "connectors.tailscale.com"],
    ["ProxyClass", "proxyclasses.tailscale.com"],
    ["CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io"],
  ] as const) {
    const check = definitionCheck(folder!, definition);
    const all = made.flatMap((each) => each.kind(kind));
    expect(all.length, kind).toBeGreaterThan(0);
    for (const { inputs, name } of all) {
      check(inputs);
      expect(check.errors ?? [], name).toEqual([]);
    }
  }
});

it("everything belongs to somebody", async () => {
  const made = await tunnel("dev");
  for (const { inputs, name } of made.objects()) {
    expect(at(inputs, "metadata", "labels", "orrery.dev/owner"), name).toBeDefined();
  }
});
