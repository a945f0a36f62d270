import { type PodIdentity, podSelector } from "../../kit/labels";
import { API_SERVER_PORT } from "../../kit/network-policy";
import type { MetricsTarget } from "../../kit/telemetry";

/** The kubelet's port on every node. */
export const KUBELET_PORT = 10250;

/** Spec of the one NetworkPolicy with which Prometheus reaches all pods that it scrapes. */
export function scrapeEgressSpec(prometheus: PodIdentity, targets: readonly MetricsTarget[]) {
  return {
    podSelector: podSelector(prometheus),
    policyTypes: ["Egress"],
    egress: byNamespace(targets.filter(({ hostNetwork }) => hostNetwork !== true)),
  };
}

/** One rule for each set of pods; ports of the same pods are together. */
function byNamespace(targets: readonly MetricsTarget[]) {
  const rules = new Map<string, { to: object[]; ports: { port: number; protocol: "TCP" | "UDP" }[] }>();
  for (const { pods, port } of targets) {
    const to = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
      podSelector: podSelector(pods),
    };
    const key = JSON.stringify(to);
    const rule = rules.get(key) ?? { to: [to], ports: [] };
    rules.set(key, rule);
    if (rule.ports.some((each) => each.port === port.port)) continue;
    rule.ports.push({ port: port.port, protocol: "TCP" });
  }
  return [...rules.values()];
}

/** Spec of the NetworkPolicy that lets Prometheus at one target. */
export function scrapeIngressSpec(prometheus: PodIdentity, { pods, port }: MetricsTarget) {
  const from = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": prometheus.namespace } },
    podSelector: podSelector(prometheus),
  };
  return {
    podSelector: podSelector(pods),
    policyTypes: ["Ingress"],
    ingress: [{ from: [from], ports: [{ port: port.port, protocol: "TCP" }] }],
  };
}

/**
 * Spec of the CiliumNetworkPolicy with which Prometheus reaches what is in the nodes' own network: kubelets, exporters
 * there, and the API servers. Cilium knows them as entities, not as pods.
 */
export function scrapeNodesSpec(prometheus: PodIdentity, targets: readonly MetricsTarget[]) {
  const ports = targets.filter(({ hostNetwork }) => hostNetwork === true).map(({ port }) => port.port);
  const numbers = [...new Set([KUBELET_PORT, ...ports])].sort((a, b) => a - b);
  return {
    endpointSelector: podSelector(prometheus),
    egress: [
      // A control plane's node is known as its API server, also when its kubelet is asked.
      { toEntities: ["host", "remote-node", "kube-apiserver"], toPorts: [tcp(numbers)] },
      { toEntities: ["kube-apiserver"], toPorts: [tcp([API_SERVER_PORT])] },
    ],
  };
}

function tcp(numbers: readonly number[]) {
  return { ports: numbers.map((number) => ({ port: String(number), protocol: "TCP" })) };
}
