import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ciliumValues } from "../../../../components/platform/cilium-values";
import { resolveMtu, VXLAN_OVERHEAD, WIREGUARD_OVERHEAD } from "../../../../components/platform/mtu";
import { at } from "../recorder";

describe("resolveMtu", () => {
  it.each([
    ["KubeSpan over the private network", { kubespan: true }, { underlay: 1370, pod: 1320 }],
    ["KubeSpan over public addresses only", { kubespan: true, linkMtu: 1500 }, { underlay: 1420, pod: 1370 }],
    ["KubeSpan with an MTU of its own", { kubespan: true, kubespanMtu: 1400 }, { underlay: 1400, pod: 1350 }],
    ["KubeSpan over a vSwitch", { kubespan: true, linkMtu: 1400 }, { underlay: 1320, pod: 1270 }],
    ["the private network, encrypted by Cilium", { kubespan: false }, { underlay: 1450, pod: 1320 }],
  ])("%s", (_, inputs, expected) => {
    expect(resolveMtu(inputs)).toEqual(expected);
  });

  it("a pod's packet with everything around it always fits the link", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.integer({ min: 1280, max: 9000 }), (kubespan, linkMtu) => {
        const { pod } = resolveMtu({ kubespan, linkMtu });
        expect(pod + VXLAN_OVERHEAD + WIREGUARD_OVERHEAD).toBeLessThanOrEqual(linkMtu);
      }),
    );
  });
});

describe("ciliumValues", () => {
  const dev = ciliumValues({ environment: "dev", nodes: 1, mtu: { kubespan: true } });
  const prod = ciliumValues({ environment: "prod", nodes: 6, mtu: { kubespan: true } });

  it("tells Cilium the MTU under the tunnel: it takes the tunnel off itself", () => {
    expect(dev["MTU"]).toBe(1370);
  });

  it("replaces kube-proxy and reaches the API through KubePrism", () => {
    expect(dev).toMatchObject({
      kubeProxyReplacement: "true",
      k8sServiceHost: "localhost",
      k8sServicePort: "7445",
      ipam: { mode: "kubernetes" },
      routingMode: "tunnel",
      tunnelProtocol: "vxlan",
    });
  });

  it("asks of Talos only what it allows", () => {
    expect(dev).toMatchObject({ cgroup: { autoMount: { enabled: false }, hostRoot: "/sys/fs/cgroup" } });
    const capabilities = at(dev, "securityContext", "capabilities") as Record<string, string[]>;
    expect(Object.keys(capabilities)).toEqual(["ciliumAgent", "cleanCiliumState"]);
    for (const list of Object.values(capabilities)) {
      expect(list).not.toContain("SYS_MODULE");
      expect(list).toContain("NET_ADMIN");
    }
  });

  it("leaves packets to the host's routing, where KubeSpan takes them", () => {
    expect(dev["bpf"]).toEqual({ masquerade: false, hostLegacyRouting: true });
  });

  it("encrypts itself where KubeSpan does not", () => {
    expect(dev["encryption"]).toEqual({ enabled: false });
    expect(ciliumValues({ environment: "dev", nodes: 1, mtu: { kubespan: false } })["encryption"]).toEqual({
      enabled: true,
      type: "wireguard",
    });
  });

  it("never asks for more operators than nodes can hold: they exclude each other", () => {
    expect(at(dev, "operator", "replicas")).toBe(1);
    expect(at(prod, "operator", "replicas")).toBe(2);
  });

  it("shows flows everywhere and measures more in prod", () => {
    expect(at(dev, "hubble", "relay")).toMatchObject({ enabled: true, replicas: 1 });
    expect(at(prod, "hubble", "relay")).toMatchObject({ enabled: true, replicas: 2 });
    expect(at(prod, "hubble", "metrics", "enabled")).toEqual(
      expect.arrayContaining(at(dev, "hubble", "metrics", "enabled") as string[]),
    );
  });

  it("has certificates that outlive a year without an upgrade", () => {
    expect(at(dev, "hubble", "tls", "auto", "certValidityDuration")).toBeGreaterThan(365);
  });
});
