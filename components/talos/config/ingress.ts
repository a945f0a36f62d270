import { KUBERNETES_API_PORT, KUBESPAN_PORT, TALOS_API_PORT, TRUSTD_PORT } from "../../hetzner/firewall-rules";
import type { ClusterConfigInput } from "./input";
import type { ConfigDocument, NetworkRuleConfig } from "./types";

const KUBELET_PORT = 10250;
const ETCD_PORTS = "2379-2380";
const VXLAN_PORT = 8472;
/** Cilium's own WireGuard, which encrypts the pods' traffic where there is no KubeSpan. */
const CILIUM_WIREGUARD_PORT = 51871;
/** Cilium's health check and Hubble's peers, node to node. */
const CILIUM_PORTS = [4240, 4244];
/** The Hetzner cloud controller's own, in the host's network of control planes. */
export const CLOUD_CONTROLLER_METRICS_PORT = 8233;
/** Node exporter, the cloud controller, and Cilium's agents, operators and proxies (9962 to 9965). */
const METRICS_PORTS = [CLOUD_CONTROLLER_METRICS_PORT, 9100, "9962-9965"];
const NODE_PORTS = "30000-32767";
const ANYWHERE = ["0.0.0.0/0", "::/0"];

export interface IngressInput {
  controlPlane: boolean;
  network: ClusterConfigInput["network"];
  adminCidrs: readonly string[];
  kubespan: boolean;
  /** Pods reach the Talos API of control planes. @default false */
  podsCallTalos?: boolean;
  wireguard?: { port: number; cidr: string };
}

/**
 * Talos's own firewall, on every interface, the private network included: Hetzner's firewalls see public traffic only.
 * Traffic out of the KubeSpan interface and between pods passes it by; pods that talk to a node do not.
 */
export function ingressDocuments(input: IngressInput): ConfigDocument[] {
  const nodes = [input.network.cidr];
  const cluster = [input.network.cidr, input.network.podCidr];
  const administrators = [...input.adminCidrs, ...(input.wireguard ? [input.wireguard.cidr] : [])];
  return [
    { apiVersion: "v1alpha1", kind: "NetworkDefaultActionConfig", ingress: "block" },
    rule("talos-api", "tcp", [TALOS_API_PORT], [...(input.podsCallTalos ? cluster : nodes), ...administrators]),
    rule("kubelet", "tcp", [KUBELET_PORT], cluster),
    rule("cilium-vxlan", "udp", [VXLAN_PORT], nodes),
    rule("cilium", "tcp", CILIUM_PORTS, cluster),
    rule("metrics", "tcp", METRICS_PORTS, cluster),
    rule("node-ports", "tcp", [NODE_PORTS], nodes),
    input.kubespan
      ? rule("kubespan", "udp", [KUBESPAN_PORT], ANYWHERE)
      : rule("cilium-wireguard", "udp", [CILIUM_WIREGUARD_PORT], nodes),
    ...(input.controlPlane ? controlPlaneRules(input, nodes, [...cluster, ...administrators]) : []),
  ];
}

function controlPlaneRules(input: IngressInput, nodes: string[], clients: string[]): NetworkRuleConfig[] {
  return [
    rule("kubernetes-api", "tcp", [KUBERNETES_API_PORT], clients),
    rule("trustd", "tcp", [TRUSTD_PORT], nodes),
    rule("etcd", "tcp", [ETCD_PORTS], nodes),
    ...(input.wireguard ? [rule("wireguard", "udp", [input.wireguard.port], ANYWHERE)] : []),
  ];
}

function rule(
  name: string,
  protocol: "tcp" | "udp",
  ports: (number | string)[],
  subnets: readonly string[],
): NetworkRuleConfig {
  return {
    apiVersion: "v1alpha1",
    kind: "NetworkRuleConfig",
    name,
    portSelector: { ports, protocol },
    ingress: [...new Set(subnets)].map((subnet) => ({ subnet })),
  };
}
