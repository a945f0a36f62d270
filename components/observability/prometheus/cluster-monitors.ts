import type { MetricsSource } from "../../kit/signals";
import { apiServerSource, cadvisorSource, kubeletSource } from "../sources/kubernetes";
import { KUBELET_SERVICE } from "./names";
import { keepOnly } from "./pod-monitor";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A ServiceMonitor of Kubernetes' own parts. */
export interface ClusterMonitor {
  readonly name: string;
  /** That of the Service. */
  readonly namespace: string;
  readonly spec: object;
}

/** The names as one expression: of the hundreds that these parts have, what is asked for is kept. */
export function keepOf({ metrics }: MetricsSource): string {
  return metrics.join("|");
}

/** The kubelets, by the Service that the operator keeps, and the API servers, by the one that Kubernetes keeps. */
export function clusterMonitors(): ClusterMonitor[] {
  return [
    { name: "kubelet", namespace: KUBELET_SERVICE.namespace, spec: kubeletSpec() },
    { name: "kube-apiserver", namespace: "default", spec: apiServerSpec() },
  ];
}

function kubeletSpec() {
  const endpoint = {
    port: "https-metrics",
    scheme: "https",
    // Kubelets on Talos have certificates of their own, which nobody has signed: see metrics-server. The traffic between
    // nodes is encrypted, and the token is good for what Prometheus may do anyway.
    tlsConfig: { insecureSkipVerify: true },
    bearerTokenFile: `${ACCOUNT}/token`,
  };
  const about = [
    service("kubelet"),
    { sourceLabels: ["__meta_kubernetes_endpointslice_endpoint_node_name"], targetLabel: "node" },
  ];
  return {
    selector: { matchLabels: { "k8s-app": "kubelet" } },
    endpoints: [
      {
        ...endpoint,
        honorLabels: true,
        relabelings: [...about, path],
        metricRelabelings: [keepOnly(keepOf(kubeletSource))],
      },
      {
        ...endpoint,
        path: "/metrics/cadvisor",
        honorLabels: true,
        relabelings: [...about, path],
        metricRelabelings: [keepOnly(keepOf(cadvisorSource)), ...withoutDoubles],
      },
    ],
  };
}

/** Which of the kubelet's pages: by this the queries that everybody knows tell them apart. */
const path = { sourceLabels: ["__metrics_path__"], targetLabel: "metrics_path" };

const withoutDoubles = [
  // Groups of pods are the sum of what is in them, and machine_* have no group.
  { action: "drop", sourceLabels: ["id", "pod"], regex: ".+;" },
  // Interfaces of the node, which containers in its network would count each.
  { action: "drop", sourceLabels: ["__name__", "interface"], regex: "container_network_.*;(cilium|lxc|veth).*" },
  { action: "drop", sourceLabels: ["__name__", "container"], regex: "container_(cpu|memory|oom|start)_.*;" },
];

function apiServerSpec() {
  return {
    jobLabel: "component",
    selector: { matchLabels: { component: "apiserver", provider: "kubernetes" } },
    endpoints: [
      {
        port: "https",
        scheme: "https",
        tlsConfig: { caFile: `${ACCOUNT}/ca.crt`, serverName: "kubernetes" },
        bearerTokenFile: `${ACCOUNT}/token`,
        relabelings: [service("kube-apiserver")],
        metricRelabelings: [keepOnly(keepOf(apiServerSource)), ...fewerBuckets],
      },
    ],
  };
}

/** A request's duration has 200 combinations of labels with 25 buckets each: these eight say enough. */
const fewerBuckets = [
  {
    action: "drop",
    sourceLabels: ["__name__", "le"],
    regex:
      "apiserver_request_duration_seconds_bucket;(0\\.(005|025|2|3|6|8)|1\\.25|1\\.5|2|3|4|6|8|15|20|45|60)(\\.0)?",
  },
  {
    action: "drop",
    sourceLabels: ["__name__", "verb"],
    regex: "apiserver_request_duration_seconds_bucket;(CONNECT|WATCH)",
  },
];

const service = (replacement: string) => ({ targetLabel: "service", replacement });
