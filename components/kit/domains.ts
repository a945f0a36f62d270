import type { Exception } from "./labels";
import type { Environment } from "./sizes";

/** Why a namespace of agents that work on the node itself cannot be restricted. */
function onTheNode(reason: string): Exception {
  return { rule: "pod-security-restricted", reason };
}

/** What every namespace of the program is for. */
export const domains = {
  // Services, by what they are for.
  db: { purpose: "databases and caches", level: "restricted", quota: "data" },
  broker: { purpose: "message brokers", level: "restricted", quota: "data" },
  elastic: { purpose: "search and analytics", level: "restricted", quota: "data" },
  graph: { purpose: "graph databases", level: "restricted", quota: "data" },
  vec: { purpose: "vector databases", level: "restricted", quota: "data" },
  milvus: {
    purpose: "Milvus and its etcd",
    level: "baseline",
    quota: "data",
    exception: onTheNode(
      "the Milvus operator adds a container to every pod that sets neither a seccomp profile nor dropped capabilities",
    ),
  },
  storage: { purpose: "object storage", level: "restricted", quota: "data" },
  observability: { purpose: "metrics, logs, traces and dashboards", level: "restricted", quota: "data" },
  ai: { purpose: "models that answer", level: "restricted", quota: "data" },
  "ai-ml": { purpose: "model servers and the gateway before them", level: "restricted", quota: "data" },
  ml: { purpose: "training and notebooks", level: "restricted", quota: "data" },
  mlops: { purpose: "experiments, pipelines and labelling", level: "restricted", quota: "data" },
  automation: { purpose: "workflows", level: "restricted", quota: "service" },
  auth: { purpose: "identity: who people are", level: "restricted", quota: "service" },
  delivery: { purpose: "continuous delivery", level: "restricted", quota: "service" },
  apps: { purpose: "applications", level: "restricted", quota: "service" },
  platform: { purpose: "small helpers of the platform", level: "restricted", quota: "service" },
  // Systems of the platform.
  gateway: {
    purpose: "the way in: gateway pods, their load balancer and routes",
    level: "restricted",
    quota: "gateway",
  },
  "envoy-gateway-system": { purpose: "Envoy Gateway's controller", level: "restricted", quota: "operator" },
  "istio-system": {
    purpose: "Istio's control plane and node agents",
    level: "privileged",
    quota: "operator",
    exception: onTheNode("Istio's node agents set up each pod's network through hostPath and capabilities"),
  },
  "cert-manager": { purpose: "certificates", level: "restricted", quota: "operator" },
  dns: { purpose: "DNS records of what is exposed", level: "restricted", quota: "operator" },
  edge: { purpose: "ways in without open ports: cloudflared", level: "restricted", quota: "operator" },
  tailscale: {
    purpose: "the Tailscale operator and its proxies",
    level: "privileged",
    quota: "operator",
    exception: onTheNode("Tailscale's proxies set up routes with NET_ADMIN"),
  },
  "longhorn-system": {
    purpose: "replicated volumes on the nodes' own disks",
    level: "privileged",
    quota: "agents",
    exception: onTheNode("Longhorn's node agents attach disks through hostPath and privileged containers"),
  },
  "csi-nfs": {
    purpose: "volumes on an NFS server",
    level: "privileged",
    quota: "operator",
    exception: onTheNode("the CSI node driver mounts into the kubelet's directories"),
  },
  "external-secrets": { purpose: "secrets from outside", level: "restricted", quota: "operator" },
  vault: { purpose: "HashiCorp Vault", level: "restricted", quota: "data" },
  "node-feature-discovery": {
    purpose: "labels that say what a node's hardware can do",
    level: "privileged",
    quota: "operator",
    exception: onTheNode("its workers read the node's hardware through hostPath"),
  },
  falco: {
    purpose: "watches what processes on the nodes do",
    level: "privileged",
    quota: "agents",
    exception: onTheNode("Falco reads the kernel's events: eBPF needs capabilities and hostPath"),
  },
  backup: { purpose: "snapshots of etcd", level: "restricted", quota: "operator" },
  velero: {
    purpose: "backups of the cluster's objects and volumes",
    level: "privileged",
    quota: "agents",
    exception: onTheNode("Velero's node agent reads the volumes' files through the kubelet's directories"),
  },
  "observability-agents": {
    purpose: "what reads logs and metrics of the nodes themselves",
    level: "privileged",
    quota: "agents",
    exception: onTheNode("agents read the nodes' logs, /proc and /sys through hostPath, and GPUs through the driver"),
  },
  "prometheus-system": { purpose: "the Prometheus operator", level: "restricted", quota: "operator" },
  "opentelemetry-system": { purpose: "the OpenTelemetry operator", level: "restricted", quota: "operator" },
  gpu: {
    purpose: "device plugins: what offers GPUs to pods",
    level: "privileged",
    quota: "agents",
    exception: onTheNode("device plugins register with the kubelet and look for devices through hostPath"),
  },
  "kuberay-system": { purpose: "the Ray operator", level: "restricted", quota: "operator" },
  kserve: { purpose: "the KServe operator", level: "restricted", quota: "operator" },
  keda: { purpose: "the operator that scales by queue length, and to zero", level: "restricted", quota: "operator" },
  "volcano-system": { purpose: "Volcano: queues and gang scheduling", level: "restricted", quota: "operator" },
  "cnpg-system": { purpose: "the PostgreSQL operator", level: "restricted", quota: "operator" },
  "strimzi-system": { purpose: "the Kafka operator", level: "restricted", quota: "operator" },
  "elastic-system": { purpose: "the Elasticsearch operator", level: "restricted", quota: "operator" },
  "clickhouse-system": { purpose: "the ClickHouse operator", level: "restricted", quota: "operator" },
  "milvus-system": {
    purpose: "the Milvus operator",
    level: "baseline",
    quota: "operator",
    exception: onTheNode("the Milvus operator's chart does not let its container drop its capabilities"),
  },
  "local-path-storage": {
    purpose: "volumes on the nodes' own disks",
    level: "privileged",
    quota: "operator",
    exception: onTheNode("helper pods make and remove the volumes' directories on the node through hostPath"),
  },
} as const satisfies Record<string, DomainDefinition>;

export type Domain = keyof typeof domains;

export type PodSecurityLevel = "restricted" | "baseline" | "privileged";

export interface DomainDefinition {
  readonly purpose: string;
  /** Pod Security level that is enforced. Anything below `restricted` needs an exception with its reason. */
  readonly level: PodSecurityLevel;
  readonly quota: QuotaClass;
  readonly exception?: Exception;
}

/** How much a domain may take: `agents` have a pod on every node, and `gateway` alone may have a load balancer. */
export type QuotaClass = "data" | "service" | "operator" | "agents" | "gateway";

interface QuotaFigures {
  readonly pods: number;
  readonly cpuCores: number;
  readonly memoryGiB: number;
  readonly storageGiB: number;
  /** Services of type LoadBalancer. @default 0 */
  readonly loadBalancers?: number;
}

const quotas: Readonly<Record<Environment, Readonly<Record<QuotaClass, QuotaFigures>>>> = {
  dev: {
    data: { pods: 50, cpuCores: 16, memoryGiB: 32, storageGiB: 500 },
    service: { pods: 50, cpuCores: 8, memoryGiB: 16, storageGiB: 100 },
    operator: { pods: 30, cpuCores: 4, memoryGiB: 8, storageGiB: 10 },
    agents: { pods: 200, cpuCores: 16, memoryGiB: 32, storageGiB: 10 },
    gateway: { pods: 20, cpuCores: 4, memoryGiB: 8, storageGiB: 10, loadBalancers: 1 },
  },
  prod: {
    data: { pods: 200, cpuCores: 128, memoryGiB: 512, storageGiB: 10_240 },
    service: { pods: 200, cpuCores: 64, memoryGiB: 128, storageGiB: 1024 },
    operator: { pods: 100, cpuCores: 16, memoryGiB: 32, storageGiB: 10 },
    agents: { pods: 1000, cpuCores: 64, memoryGiB: 128, storageGiB: 10 },
    gateway: { pods: 50, cpuCores: 32, memoryGiB: 32, storageGiB: 10, loadBalancers: 1 },
  },
};

/** Whether a domain's namespace stays in the cluster when the program lets it go: with it would go every claim in it. */
export function keepsData(domain: Domain): boolean {
  return domains[domain].quota === "data";
}

/** Namespaces in which data is kept. */
export function dataDomains(): Domain[] {
  return (Object.keys(domains) as Domain[]).filter(keepsData);
}

/**
 * Agents of the nodes are let be: a limit that somebody thinks up for Longhorn's engines kills every volume of a node at
 * once. Those that can be bounded say so themselves.
 */
export function hasMemoryLimits(quota: QuotaClass): boolean {
  return quota !== "agents";
}

/** Ports of one load balancer: each takes a port of the nodes. */
const PORTS_OF_A_LOAD_BALANCER = 20;

/**
 * The hard limits of a domain: far above what it needs, below what would starve the cluster. No Service but the
 * gateway's may cost money or open a port on every node.
 */
export function quotaFor(quota: QuotaClass, environment: Environment): Record<string, string> {
  const figures = quotas[environment][quota];
  const loadBalancers = figures.loadBalancers ?? 0;
  return {
    pods: String(figures.pods),
    "requests.cpu": String(figures.cpuCores),
    "requests.memory": `${figures.memoryGiB}Gi`,
    ...(hasMemoryLimits(quota) ? { "limits.memory": `${figures.memoryGiB * 2}Gi` } : {}),
    "requests.storage": `${figures.storageGiB}Gi`,
    "services.loadbalancers": String(loadBalancers),
    "services.nodeports": String(loadBalancers * PORTS_OF_A_LOAD_BALANCER),
  };
}
