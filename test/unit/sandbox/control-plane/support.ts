import type { ControlPlaneSettings, Material } from "../../../../sandbox/control-plane/material";

const component = (image: string) => ({ image, extraArgs: null });

export const settings: ControlPlaneSettings = {
  address: "127.83.12.11",
  etcdAddress: "10.0.0.11",
  hostname: "cp-1",
  clusterName: "demo",
  endpoint: "https://10.0.0.2:6443",
  addresses: ["10.0.0.11", "127.83.12.11"],
  etcdCA: "abc",
  podCIDRs: ["10.244.0.0/16"],
  serviceCIDRs: ["10.96.0.0/12"],
  dnsDomain: "cluster.local",
  dnsServiceIPs: ["10.96.0.10"],
  bootstrapToken: { id: "abcdef", secret: "0123456789abcdef" },
  apiServer: component("registry.k8s.io/kube-apiserver:v1.35.0"),
  controllerManager: component("registry.k8s.io/kube-controller-manager:v1.35.0"),
  scheduler: component("registry.k8s.io/kube-scheduler:v1.35.0"),
  etcd: component("registry.k8s.io/etcd:v3.6.6"),
  coreDNS: { enabled: true, image: "registry.k8s.io/coredns/coredns:v1.13.2" },
  kubeProxy: { enabled: false, image: "", mode: "" },
  cni: "none",
  inlineManifests: null,
  extraManifests: null,
};

export const material = (change: Partial<ControlPlaneSettings> = {}): Material => ({
  dir: "/m",
  settings: { ...settings, ...change },
  file: (name) => `/m/${name}`,
});
