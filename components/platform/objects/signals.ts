import type { Signals } from "../../kit/signals";

const STORE = 'namespace="storage",pod=~"minio-.*"';

/** What the metrics of MinIO tell. Every server tells of the whole cluster. */
export const minioSignals: Signals = {
  area: "minio",
  metrics: [
    "minio_cluster_health_nodes_online_count",
    "minio_cluster_health_drives_count",
    "minio_cluster_health_drives_online_count",
    "minio_cluster_health_capacity_usable_free_bytes",
    "minio_cluster_health_capacity_usable_total_bytes",
    "minio_api_requests_total",
    "minio_api_requests_5xx_errors_total",
  ],
  signals: [
    {
      name: "MinioDown",
      severity: "critical",
      expression: `absent(minio_cluster_health_nodes_online_count{${STORE}})`,
      forMinutes: 5,
      summary: "No server of MinIO answers: buckets and backups are away.",
    },
    {
      name: "MinioServerOffline",
      severity: "warning",
      // What is nought is not exported: counts of what is away only come when it is.
      expression:
        `max(minio_cluster_health_nodes_online_count{${STORE}}) < ` +
        'max(kube_statefulset_replicas{namespace="storage",statefulset="minio"})',
      forMinutes: 10,
      summary: "A server of MinIO is away; one more may be one too many.",
    },
    {
      name: "MinioDriveOffline",
      severity: "critical",
      expression:
        `min(minio_cluster_health_drives_online_count{${STORE}}) < ` +
        `max(minio_cluster_health_drives_count{${STORE}})`,
      forMinutes: 15,
      summary: "A drive of MinIO is away: objects have less parity until it is back.",
    },
    {
      name: "MinioFull",
      severity: "critical",
      expression:
        `min(minio_cluster_health_capacity_usable_free_bytes{${STORE}}) < ` +
        `0.1 * max(minio_cluster_health_capacity_usable_total_bytes{${STORE}})`,
      forMinutes: 15,
      summary: "Less than a tenth of MinIO's space is free.",
    },
    {
      name: "MinioRequestsFail",
      severity: "warning",
      expression:
        `sum(rate(minio_api_requests_5xx_errors_total{${STORE}}[5m])) > ` +
        `0.05 * sum(rate(minio_api_requests_total{${STORE}}[5m]))`,
      forMinutes: 10,
      summary: "More than one in twenty requests to MinIO fails.",
    },
  ],
};
