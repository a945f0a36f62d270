import { inCluster } from "../../kit/dashboards";

const RATE = "[$__rate_interval]";

/** CPU that containers use, in cores. */
export const cpuUsed = (by: string, matchers = inCluster) =>
  `sum by (${by}) (rate(container_cpu_usage_seconds_total{${matchers},container!=""}${RATE}))`;

/** Memory that containers use and cannot give back, in bytes. */
export const memoryUsed = (by: string, matchers = inCluster) =>
  `sum by (${by}) (container_memory_working_set_bytes{${matchers},container!=""})`;

/** What pods ask for. */
export const requested = (resource: "cpu" | "memory", by: string, matchers = inCluster) =>
  `sum by (${by}) (kube_pod_container_resource_requests{${matchers},resource="${resource}"})`;

export const limited = (resource: "cpu" | "memory", by: string, matchers = inCluster) =>
  `sum by (${by}) (kube_pod_container_resource_limits{${matchers},resource="${resource}"})`;

/** What pods of a node can ask for. */
export const allocatable = (resource: "cpu" | "memory" | "pods", by: string, matchers = inCluster) =>
  `sum by (${by}) (kube_node_status_allocatable{${matchers},resource="${resource}"})`;

/** The label of kube-state-metrics in which the node's pool is. */
export const POOL = "label_orrery_dev_pool";

/** Something by node, as something by pool. */
export const byPool = (byNode: string) =>
  `sum by (${POOL}) (${byNode} * on (node) group_left (${POOL}) kube_node_labels{${inCluster}})`;

/** File systems that are written to; Talos's own are read-only images. */
export const DISK = 'fstype=~"ext4|xfs",mountpoint!~"/var/lib/kubelet/.+"';

/** The share that is used, 0 to 1, from what is there and what is free. */
export const shareUsed = (free: string, all: string) => `1 - ${free} / ${all}`;
