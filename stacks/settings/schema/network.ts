import { z } from "zod";
import { doc } from "./doc";

const cidr = z.string();
const wholeCluster = "the whole cluster";

export const NetworkSettings = z.strictObject({
  zone: doc(
    z.enum(["eu-central", "us-east", "us-west", "ap-southeast"]).default("eu-central"),
    "Network zone. All locations must be in it: a private network cannot leave its zone.",
    { replaces: wholeCluster },
  ),
  cidr: doc(cidr.default("10.0.0.0/16"), "Private network of the cluster.", {
    allowed: "private IPv4 range (RFC 1918), /8 to /24, disjoint from podCidr, serviceCidr and the WireGuard range",
    replaces: wholeCluster,
  }),
  nodeCidr: doc(cidr.default("10.0.0.0/20"), "Subnet of the servers and load balancers.", {
    allowed: "inside network.cidr; it is cut into slices for the pools: /27 to /18, depending on pools and servers",
    replaces: wholeCluster,
  }),
  podCidr: doc(cidr.default("10.244.0.0/16"), "Addresses of the pods; each node gets a /24.", {
    allowed: "private IPv4 range, /8 to /24, with a /24 for every node",
    replaces: wholeCluster,
  }),
  serviceCidr: doc(cidr.default("10.96.0.0/16"), "Addresses of Kubernetes services.", {
    allowed: "private IPv4 range, /12 to /24",
    replaces: wholeCluster,
  }),
});

export const AccessSettings = z.strictObject({
  adminCidrs: doc(
    z.array(cidr),
    "Who may reach the Talos API (50000) and the Kubernetes API (6443) from outside. Closed to everyone else.",
    { allowed: "1 to 100 IPv4 or IPv6 ranges, not the whole internet; one address is written with /32 or /128" },
  ),
});

export const KubernetesApiSettings = z.strictObject({
  loadBalancer: doc(
    z
      .strictObject({
        enabled: doc(z.boolean().default(false), "Put a load balancer before the control planes.", {
          allowed: "true with more than one control plane",
        }),
        type: doc(z.string().default("lb11"), "Type of the load balancer.", { allowed: "lb11, lb21, lb31" }),
        public: doc(
          z.boolean().default(false),
          "Give the load balancer a public address. Hetzner's firewalls do not protect load balancers: everyone can reach it.",
        ),
      })
      .prefault({}),
    "Load balancer for the Kubernetes API.",
  ),
  extraSans: doc(z.array(z.string()).default([]), "More names or addresses in the API server's certificate.", {
    allowed: "DNS names and IP addresses, each once",
  }),
});

export const MeshSettings = z.strictObject({
  kubespan: doc(
    z.boolean().default(true),
    "KubeSpan: an encrypted WireGuard mesh between all nodes. Dedicated machines need it.",
  ),
  wireguard: doc(
    z
      .strictObject({
        cidr: doc(cidr.default("10.200.0.0/24"), "Addresses of the administrators and control planes in the tunnel.", {
          allowed: "private IPv4 range, disjoint from all others",
          replaces: "the client configs",
        }),
        port: doc(z.number().int().min(1024).max(65535).default(51821), "UDP port on the control planes.", {
          allowed: "1024 to 65535; not 51820 (KubeSpan)",
          replaces: "the client configs",
        }),
        peers: doc(
          z
            .array(
              z.strictObject({
                name: doc(z.string(), "Name of the administrator or device.", {
                  allowed: "lower-case letters, digits and hyphens; unique",
                  replaces: "that peer's keys",
                }),
              }),
            )
            .default([]),
          "Who may connect. A ready-made client config is a secret output for each.",
        ),
      })
      .prefault({}),
    "WireGuard for administrators, on the control planes.",
  ),
});
