import type { Signals } from "../../kit/signals";

const QDRANT = 'namespace="vec",pod=~"qdrant-.*"';

/** What the metrics of Qdrant's members tell: each member tells of itself. They are asked with the read-only key. */
export const qdrantSignals: Signals = {
  area: "qdrant",
  metrics: [
    "app_info",
    "app_status_recovery_mode",
    "cluster_enabled",
    "cluster_peers_total",
    "cluster_pending_operations_total",
    "memory_resident_bytes",
    "rest_responses_total",
  ],
  signals: [
    {
      name: "QdrantDown",
      severity: "critical",
      expression: `absent(app_info{${QDRANT}})`,
      forMinutes: 5,
      summary: "No member of Qdrant answers.",
    },
    {
      name: "QdrantPeerMissing",
      severity: "warning",
      expression: `max(cluster_peers_total{${QDRANT}}) > count(app_info{${QDRANT}})`,
      forMinutes: 10,
      summary: "A member of the Qdrant cluster is away: its shards have a copy less.",
    },
    {
      name: "QdrantRecoveryMode",
      severity: "critical",
      expression: `app_status_recovery_mode{${QDRANT}} == 1`,
      forMinutes: 1,
      summary: "A member of Qdrant has started in recovery mode and serves nothing.",
    },
    {
      name: "QdrantConsensusStuck",
      severity: "warning",
      expression: `cluster_pending_operations_total{${QDRANT}} > 10`,
      forMinutes: 15,
      summary: "Changes of collections wait for Qdrant's members to agree.",
    },
    {
      name: "QdrantRequestsFail",
      severity: "warning",
      expression:
        `sum(rate(rest_responses_total{${QDRANT},status=~"5.."}[5m])) > ` +
        `0.05 * sum(rate(rest_responses_total{${QDRANT}}[5m]))`,
      forMinutes: 10,
      summary: "More than one in twenty requests to Qdrant fails.",
    },
    {
      name: "QdrantMemory",
      severity: "warning",
      expression:
        `memory_resident_bytes{${QDRANT}} > on (namespace, pod) group_left () ` +
        `0.9 * sum by (namespace, pod) (kube_pod_container_resource_limits{${QDRANT},resource="memory"})`,
      forMinutes: 15,
      summary: "A member of Qdrant has used nine tenths of its memory.",
    },
  ],
};
