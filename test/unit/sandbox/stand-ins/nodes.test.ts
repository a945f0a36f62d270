import type { V1Node } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { decideNode, type NodeDecision } from "../../../../sandbox/stand-ins/cloud-controller/nodes";
import type { CloudServer } from "../../../../sandbox/stand-ins/hetzner/client";

const taint = { key: "node.cloudprovider.kubernetes.io/uninitialized", value: "true", effect: "NoSchedule" };
const other = { key: "gpu", effect: "NoSchedule" };

function server(more: Partial<CloudServer> = {}): CloudServer {
  return {
    id: 42,
    name: "worker-1",
    status: "running",
    server_type: { name: "cpx32" },
    location: { name: "nbg1", network_zone: "eu-central" },
    public_net: { ipv4: { ip: "127.1.2.3" }, ipv6: null },
    private_net: [
      { network: 7, ip: "10.0.0.2" },
      { network: 8, ip: "10.1.0.2" },
    ],
    ...more,
  };
}

function node(spec: V1Node["spec"], more: Partial<V1Node> = {}): V1Node {
  return { metadata: { name: "worker-1" }, spec, ...more };
}

const initialised = {
  metadata: { name: "worker-1" },
  status: {
    addresses: [
      { type: "Hostname", address: "worker-1" },
      { type: "ExternalIP", address: "127.1.2.3" },
      { type: "InternalIP", address: "10.0.0.2" },
    ],
  },
};

describe("decideNode", () => {
  it("initialises a fresh node: provider id, labels, addresses of its network, and only its own taint removed", () => {
    const decision = decideNode(node({ taints: [taint, other] }), [server()], 7);
    expect(decision).toEqual({
      do: "update",
      providerId: "hcloud://42",
      labels: {
        "node.kubernetes.io/instance-type": "cpx32",
        "beta.kubernetes.io/instance-type": "cpx32",
        "topology.kubernetes.io/region": "nbg1",
        "topology.kubernetes.io/zone": "nbg1-dc3",
        "failure-domain.beta.kubernetes.io/region": "nbg1",
        "failure-domain.beta.kubernetes.io/zone": "nbg1-dc3",
        "instance.hetzner.cloud/provided-by": "cloud",
      },
      taints: [other],
      addresses: initialised.status.addresses,
    });
  });

  const rows: [string, V1Node, CloudServer[], NodeDecision["do"]][] = [
    ["leaves Robot nodes alone", node({ providerID: "hrobot://1", taints: [taint] }), [], "nothing"],
    ["leaves an initialised node alone", node({ providerID: "hcloud://42" }, initialised), [server()], "nothing"],
    ["leaves nodes without an external cloud provider alone", node({}), [server()], "nothing"],
    ["leaves nodes that it never knew alone", node({}), [], "nothing"],
    ["warns of a fresh node without a server", node({ taints: [taint] }), [server({ name: "x" })], "warn"],
    ["deletes the node of a server that is gone", node({ providerID: "hcloud://41" }), [server()], "delete"],
    ["finds the server by id after a rename", node({ providerID: "hcloud://42" }), [server({ name: "y" })], "update"],
  ];
  it.each(rows)("%s", (_, subject, servers, expected) => {
    expect(decideNode(subject, servers, 7).do).toBe(expected);
  });

  it("follows a change of address", () => {
    const moved = server({ private_net: [{ network: 7, ip: "10.0.0.9" }] });
    const decision = decideNode(node({ providerID: "hcloud://42" }, initialised), [moved], 7);
    expect(decision).toMatchObject({
      do: "update",
      addresses: expect.arrayContaining([{ type: "InternalIP", address: "10.0.0.9" }]),
    });
    expect(decision).not.toHaveProperty("taints");
  });

  it("has no internal address without networks", () => {
    const decision = decideNode(node({ taints: [taint] }), [server()]);
    expect(decision.do === "update" && decision.addresses?.map(({ type }) => type)).toEqual(["Hostname", "ExternalIP"]);
  });

  it("taints a node whose server is off, and takes that back", () => {
    const shutdown = { key: "node.cloudprovider.kubernetes.io/shutdown", effect: "NoSchedule" };
    const off = decideNode(
      node({ providerID: "hcloud://42", taints: [other] }, initialised),
      [server({ status: "off" })],
      7,
    );
    expect(off).toMatchObject({ taints: [other, shutdown] });
    const on = decideNode(node({ providerID: "hcloud://42", taints: [other, shutdown] }, initialised), [server()], 7);
    expect(on).toMatchObject({ taints: [other] });
  });

  it("uses the location as zone where there never was a data centre", () => {
    const decision = decideNode(node({ taints: [taint] }), [server({ location: { name: "new1", network_zone: "x" } })]);
    expect(decision).toMatchObject({ labels: { "topology.kubernetes.io/zone": "new1" } });
  });
});
