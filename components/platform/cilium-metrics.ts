import { charts } from "../kit/charts";
import { chartIdentity, type Identity, type PodIdentity } from "../kit/labels";
import type { NetworkPort } from "../kit/network-policy";
import type { Telemetry } from "../kit/telemetry";
import { CILIUM_METRICS } from "./cilium-values";

const NAMESPACE = "kube-system";

const AGENTS = { "k8s-app": "cilium" };

interface Part {
  readonly instance: string;
  readonly component: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly port: NetworkPort;
}

/** All of them are in the host's network. Hubble's flows come from the agents themselves, at a port of their own. */
const parts: readonly Part[] = [
  { instance: "cilium", component: "agent", labels: AGENTS, port: CILIUM_METRICS.agent },
  { instance: "hubble", component: "flows", labels: AGENTS, port: CILIUM_METRICS.hubble },
  {
    instance: "cilium-operator",
    component: "operator",
    labels: { "io.cilium/app": "operator", name: "cilium-operator" },
    port: CILIUM_METRICS.operator,
  },
  { instance: "cilium-envoy", component: "proxy", labels: { "k8s-app": "cilium-envoy" }, port: CILIUM_METRICS.proxy },
];

/** What Cilium's programs serve. */
export function declareCiliumMetrics(telemetry: Telemetry): void {
  for (const { instance, component, labels, port } of parts) {
    const identity: Identity = chartIdentity(charts.cilium, { instance, component, domain: "platform" });
    const pods: PodIdentity = { namespace: NAMESPACE, labels, instance };
    telemetry.metrics({ identity, pods, port, hostNetwork: true });
  }
}
