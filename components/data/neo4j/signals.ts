import type { Signals } from "../../kit/signals";

const POD = 'namespace="graph",pod=~"neo4j-[0-9]+"';
const CLAIM = 'namespace="graph",persistentvolumeclaim=~"data-neo4j-[0-9]+"';

/** Community exports no metrics of its own: these are what Kubernetes knows of the server. */
export const neo4jSignals: Signals = {
  area: "neo4j",
  metrics: [
    "container_memory_working_set_bytes",
    "kube_cronjob_status_last_successful_time",
    "kube_job_status_failed",
    "kube_pod_container_resource_limits",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_restarts_total",
    "kube_statefulset_status_replicas_ready",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
  ],
  signals: [
    {
      name: "Neo4jDown",
      severity: "critical",
      expression: 'kube_statefulset_status_replicas_ready{namespace="graph",statefulset="neo4j"} < 1',
      forMinutes: 5,
      summary: "Neo4j does not answer, and there is no second server.",
    },
    {
      name: "Neo4jRestarts",
      severity: "warning",
      expression: `increase(kube_pod_container_status_restarts_total{${POD},container="neo4j"}[1h]) > 2`,
      forMinutes: 0,
      summary: "Neo4j has been restarted more than twice in an hour.",
    },
    {
      name: "Neo4jOutOfMemory",
      severity: "critical",
      expression:
        `increase(kube_pod_container_status_restarts_total{${POD},container="neo4j"}[10m]) > 0 and on (pod) ` +
        `kube_pod_container_status_last_terminated_reason{${POD},container="neo4j",reason="OOMKilled"} == 1`,
      forMinutes: 0,
      summary: "Neo4j was ended because it took more memory than its limit: choose a larger size.",
    },
    {
      name: "Neo4jMemoryNearLimit",
      severity: "warning",
      expression:
        `container_memory_working_set_bytes{${POD},container="neo4j"} / on (namespace, pod, container) ` +
        `kube_pod_container_resource_limits{${POD},container="neo4j",resource="memory"} > 0.95`,
      forMinutes: 30,
      summary: "Neo4j has been near its memory limit for half an hour.",
    },
    {
      name: "Neo4jVolumeFilling",
      severity: "warning",
      expression: `kubelet_volume_stats_available_bytes{${CLAIM}} / kubelet_volume_stats_capacity_bytes{${CLAIM}} < 0.2`,
      forMinutes: 15,
      summary: "Less than a fifth of Neo4j's volume is free: raise services.neo4j.storageGiB.",
    },
    {
      name: "Neo4jVolumeFull",
      severity: "critical",
      expression: `kubelet_volume_stats_available_bytes{${CLAIM}} / kubelet_volume_stats_capacity_bytes{${CLAIM}} < 0.05`,
      forMinutes: 5,
      summary: "Neo4j's volume is nearly full; without room it stops taking changes.",
    },
    {
      name: "Neo4jBackupOld",
      severity: "warning",
      expression:
        'time() - kube_cronjob_status_last_successful_time{namespace="graph",cronjob="neo4j-backup"} > 2 * 86400',
      forMinutes: 60,
      summary: "Neo4j has had no backup for two days.",
    },
    {
      name: "Neo4jBackupFailed",
      severity: "warning",
      expression: 'kube_job_status_failed{namespace="graph",job_name=~"neo4j-backup-.+"} > 0',
      forMinutes: 15,
      summary: "A backup of Neo4j has failed: look at the Job's log.",
    },
  ],
};
