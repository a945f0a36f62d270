import { describe, expect, it } from "vitest";
import { ciliumValues } from "../../../../components/platform/cilium-values";
import { kubeSpan, nodeMtuBytes } from "../../../../components/talos/config/network";
import { at } from "../recorder";

const mesh = { mtuBytes: nodeMtuBytes(true), encrypted: true };
const plain = { mtuBytes: nodeMtuBytes(false), encrypted: false };

describe("ciliumValues", () => {
  const dev = ciliumValues({ environment: "dev", nodes: 1, network: mesh });
  const prod = ciliumValues({ environment: "prod", nodes: 6, network: mesh });

  it("tells Cilium the MTU under the tunnel: it takes the tunnel off itself", () => {
    expect(dev["MTU"]).toBe(1370);
    expect(ciliumValues({ environment: "dev", nodes: 1, network: plain })["MTU"]).toBe(1450);
  });

  it("never sends more than KubeSpan's interface takes", () => {
    expect(dev["MTU"]).toBe(kubeSpan().mtu);
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
    expect(ciliumValues({ environment: "dev", nodes: 1, network: plain })["encryption"]).toEqual({
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
