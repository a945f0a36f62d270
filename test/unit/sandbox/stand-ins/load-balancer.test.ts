import type { V1Node, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import {
  balancerDefaults,
  changesTo,
  defaultName,
  ingressOf,
  wantedLoadBalancer,
} from "../../../../sandbox/stand-ins/cloud-controller/load-balancer";
import type { CloudLoadBalancer } from "../../../../sandbox/stand-ins/hetzner/client";

const at = (annotations: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`load-balancer.hetzner.cloud/${key}`, text]));

function service(annotations: Record<string, string> = { location: "fsn1" }, protocol = "TCP"): V1Service {
  return {
    metadata: { uid: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", annotations: at(annotations) },
    spec: { ports: [{ port: 443, nodePort: 30443, protocol }] },
  };
}

function node(id: number, more: { ready?: string; labels?: Record<string, string>; taint?: string } = {}): V1Node {
  return {
    metadata: { labels: more.labels ?? {} },
    spec: { providerID: `hcloud://${id}`, taints: more.taint ? [{ key: more.taint, effect: "NoSchedule" }] : [] },
    status: { conditions: [{ type: "Ready", status: more.ready ?? "True" }] },
  };
}

function balancer(more: Partial<CloudLoadBalancer> = {}): CloudLoadBalancer {
  return {
    id: 1,
    name: "web",
    labels: {},
    load_balancer_type: { name: "lb11" },
    location: { name: "fsn1" },
    public_net: { enabled: true, ipv4: { ip: "127.9.9.9" }, ipv6: { ip: "2001:db8::1" } },
    private_net: [],
    services: [],
    targets: [],
    ...more,
  };
}

describe("wantedLoadBalancer", () => {
  it("has Kubernetes' own name, the smallest type and TCP to the node ports by default", () => {
    expect(wantedLoadBalancer(service(), [])).toMatchObject({
      name: "a0a1b2c3d4e5f60718293a4b5c6d7e8f",
      type: "lb11",
      location: "fsn1",
      publicNetwork: true,
      usePrivateIp: false,
      services: [{ protocol: "tcp", listen_port: 443, destination_port: 30443, proxyprotocol: false }],
    });
    expect(defaultName(service())).toHaveLength(32);
  });

  it("sends traffic to ready, initialised nodes that are not excluded and match the selector", () => {
    const nodes = [
      node(9),
      node(1, { labels: { pool: "web" } }),
      node(2, { ready: "Unknown", labels: { pool: "web" } }),
      node(3, { labels: { pool: "web", "node.kubernetes.io/exclude-from-external-load-balancers": "" } }),
      node(4, { labels: { pool: "web" }, taint: "node.cloudprovider.kubernetes.io/uninitialized" }),
      { ...node(5), spec: { providerID: "hrobot://5" } },
    ];
    expect(wantedLoadBalancer(service(), nodes).serverIds).toEqual([1, 9]);
    expect(wantedLoadBalancer(service({ location: "fsn1", "node-selector": "pool=web" }), nodes).serverIds).toEqual([
      1,
    ]);
  });

  it.each([
    ["no place", {}, "TCP", undefined, "load-balancer.hetzner.cloud/location"],
    ["two places", { location: "fsn1", "network-zone": "eu-central" }, "TCP", undefined, "not both"],
    ["private without network", { location: "fsn1", "use-private-ip": "true" }, "TCP", undefined, "networking.enabled"],
    ["no boolean", { location: "fsn1", "use-private-ip": "maybe" }, "TCP", 7, 'is "maybe"'],
    ["UDP", { location: "fsn1" }, "UDP", undefined, "TCP only"],
    ["unknown protocol", { location: "fsn1", protocol: "quic" }, "TCP", undefined, "tcp, http and https"],
    ["unknown algorithm", { location: "fsn1", "algorithm-type": "random" }, "TCP", undefined, "round_robin"],
  ] as const)("refuses %s", (_, annotations, protocol, network, message) => {
    expect(() => wantedLoadBalancer(service(annotations, protocol), [], network)).toThrow(message);
  });
});

describe("the controller's own environment", () => {
  const environment: Record<string, string> = {
    HCLOUD_LOAD_BALANCERS_LOCATION: "hel1",
    HCLOUD_LOAD_BALANCERS_USE_PRIVATE_IP: "true",
    HCLOUD_LOAD_BALANCERS_DISABLE_PRIVATE_INGRESS: "true",
  };
  const defaults = balancerDefaults((name) => environment[name]);

  it("holds where a Service says nothing", () => {
    expect(wantedLoadBalancer(service({}), [], 7, defaults)).toMatchObject({ location: "hel1", usePrivateIp: true });
    const have = balancer({ private_net: [{ network: 7, ip: "10.0.0.9" }] });
    expect(ingressOf(service({}), have, defaults).map(({ ip }) => ip)).toEqual(["127.9.9.9", "2001:db8::1"]);
  });

  it("yields to the Service, also in where the load balancer is", () => {
    const own = service({ "network-zone": "us-east", "use-private-ip": "false" });
    expect(wantedLoadBalancer(own, [], 7, defaults)).toMatchObject({
      location: undefined,
      networkZone: "us-east",
      usePrivateIp: false,
    });
  });
});

describe("changesTo", () => {
  const want = wantedLoadBalancer(service({ location: "fsn1", "use-private-ip": "true" }), [node(1), node(2)], 7);
  const names = (have: CloudLoadBalancer) => changesTo(have, want).map(({ path }) => path.slice("actions/".length));

  it("attaches to the network before it adds private targets", () => {
    expect(names(balancer())).toEqual(["attach_to_network", "add_service", "add_target", "add_target"]);
  });

  it("does nothing when all is well", () => {
    const done = balancer({
      private_net: [{ network: 7, ip: "10.0.0.9" }],
      services: want.services,
      targets: [1, 2].map((id) => ({ type: "server", server: { id }, use_private_ip: true })),
    });
    expect(changesTo(done, want)).toEqual([]);
  });

  it("removes what is not wanted, leaves other kinds of targets, and makes targets private", () => {
    const have = balancer({
      load_balancer_type: { name: "lb21" },
      private_net: [{ network: 7, ip: "10.0.0.9" }],
      services: [
        { protocol: "tcp", listen_port: 80, destination_port: 1, proxyprotocol: false },
        { protocol: "tcp", listen_port: 443, destination_port: 1, proxyprotocol: false },
      ],
      targets: [
        { type: "server", server: { id: 1 }, use_private_ip: false },
        { type: "server", server: { id: 3 }, use_private_ip: true },
        { type: "ip" },
      ],
    });
    expect(names(have)).toEqual([
      "change_type",
      "delete_service",
      "update_service",
      "remove_target",
      "remove_target",
      "add_target",
      "add_target",
    ]);
  });
});

describe("ingressOf", () => {
  const have = balancer({ private_net: [{ network: 7, ip: "10.0.0.9" }] });
  const ips = (annotations: Record<string, string>) =>
    ingressOf(service(annotations), have).map(({ ip, hostname }) => ip ?? hostname);

  it.each([
    [{}, ["127.9.9.9", "2001:db8::1", "10.0.0.9"]],
    [{ "ipv6-disabled": "true" }, ["127.9.9.9", "10.0.0.9"]],
    [{ "disable-private-ingress": "true" }, ["127.9.9.9", "2001:db8::1"]],
    [{ hostname: "lb.example.org" }, ["lb.example.org"]],
  ])("%o gives %o", (annotations, expected) => {
    expect(ips(annotations as Record<string, string>)).toEqual(expected);
  });
});
