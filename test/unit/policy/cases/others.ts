import { unknown } from "../unknown";
import type { RuleCases } from "./types";

const listener = (change: object) => ({
  spec: {
    listeners: [
      { name: "https", protocol: "HTTPS", port: 443, tls: { certificateRefs: [{ name: "web" }] }, ...change },
    ],
  },
});
const inbound = (change: object) => ({
  rules: [{ direction: "in", protocol: "tcp", port: "50000", sourceIps: ["203.0.113.7/32"], ...change }],
});

export const otherCases: RuleCases[] = [
  {
    rule: "namespace-pod-security",
    type: "kubernetes:core/v1:Namespace",
    pass: { labelled: { metadata: { name: "db", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } } },
    fail: {
      missing: { props: { metadata: { name: "db", labels: { team: "data" } } }, says: "no label" },
      misspelt: {
        props: { metadata: { name: "db", labels: { "pod-security.kubernetes.io/enforce": "restrictd" } } },
        says: '"restrictd"; allowed: restricted',
      },
    },
    unknown: { metadata: { name: "db", labels: unknown } },
  },
  {
    rule: "namespace-not-default",
    type: "kubernetes:core/v1:ConfigMap",
    pass: { named: { metadata: { name: "a", namespace: "apps" } } },
    fail: {
      default: { props: { metadata: { name: "a", namespace: "default" } }, says: "namespace default" },
      absent: { props: { metadata: { name: "a" } }, says: "namespace default" },
    },
    unknown: { metadata: { name: "a", namespace: unknown } },
  },
  {
    rule: "route-tls",
    type: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
    pass: {
      certificate: listener({}),
      "plain on 80, for the redirect": listener({ name: "http", protocol: "HTTP", port: 80, tls: undefined }),
      passthrough: listener({ protocol: "TLS", tls: { mode: "Passthrough" } }),
    },
    fail: {
      "no certificate": { props: listener({ tls: {} }), says: "listener https has no tls.certificateRefs" },
      "plain elsewhere": { props: listener({ protocol: "HTTP", port: 8080 }), says: "plain HTTP on port 8080" },
      ingress: {
        type: "kubernetes:networking.k8s.io/v1:Ingress",
        props: { spec: { rules: [{ host: "a.example" }, { host: "b.example" }], tls: [{ hosts: ["a.example"] }] } },
        says: "host b.example",
      },
      "ingress without tls": {
        type: "kubernetes:networking.k8s.io/v1:Ingress",
        props: { spec: { rules: [{ host: "a.example" }] } },
        says: "no spec.tls",
      },
      "http route": {
        type: "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
        props: {
          spec: { parentRefs: [{ name: "public", sectionName: "http" }], rules: [{ backendRefs: [{ name: "web" }] }] },
        },
        says: "without redirecting",
      },
    },
    unknown: listener({ tls: unknown }),
  },
  {
    rule: "service-not-node-port",
    type: "kubernetes:core/v1:Service",
    pass: { "cluster ip": { spec: { type: "ClusterIP" } }, default: { spec: {} } },
    fail: {
      "node port": { props: { spec: { type: "NodePort" } }, says: "NodePort" },
      "external addresses": { props: { spec: { externalIPs: ["203.0.113.9"] } }, says: "externalIPs" },
    },
    unknown: { spec: { type: unknown } },
  },
  {
    rule: "firewall-closed",
    type: "hcloud:index/firewall:Firewall",
    pass: {
      administrators: inbound({}),
      "the mesh may be open": inbound({ protocol: "udp", port: "51820", sourceIps: ["0.0.0.0/0"] }),
      "another port": inbound({ port: "443", sourceIps: ["0.0.0.0/0"] }),
    },
    fail: {
      talos: { props: inbound({ sourceIps: ["0.0.0.0/0"] }), says: "port 50000 (the Talos API)" },
      range: { props: inbound({ port: "6000-7000", sourceIps: ["::/0"] }), says: "port 6443" },
      "half of the internet": { props: inbound({ sourceIps: ["128.0.0.0/1"] }), says: "the Talos API" },
      any: { props: inbound({ port: "any", sourceIps: ["0.0.0.0/0"] }), says: "port 22 (SSH)" },
    },
    unknown: inbound({ sourceIps: unknown }),
  },
  {
    rule: "server-firewall",
    type: "hcloud:index/server:Server",
    pass: { attached: { firewallIds: [1] } },
    fail: {
      none: { props: {}, says: "no firewallIds" },
      empty: { props: { firewallIds: [] }, says: "no firewallIds" },
    },
    unknown: { firewallIds: unknown },
  },
  {
    rule: "load-balancer-private",
    type: "hcloud:index/loadBalancerTarget:LoadBalancerTarget",
    pass: { private: { usePrivateIp: true } },
    fail: {
      public: { props: { usePrivateIp: false }, says: "public address" },
      default: { props: {}, says: "public address" },
    },
    unknown: { usePrivateIp: unknown },
  },
];
