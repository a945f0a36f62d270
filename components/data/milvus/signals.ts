import type { Signals } from "../../kit/signals";

const ETCD = 'namespace="milvus",pod=~"milvus-etcd-.*"';
const MILVUS = 'namespace="milvus"';

/** What the metrics of Milvus and of its etcd tell. Every component of Milvus answers at port 9091, etcd at 2381. */
export const milvusSignals: Signals = {
  area: "milvus",
  metrics: [
    "milvus_num_node",
    "milvus_proxy_req_count",
    "process_resident_memory_bytes",
    "etcd_server_has_leader",
    "etcd_server_leader_changes_seen_total",
    "etcd_mvcc_db_total_size_in_bytes",
    "etcd_server_quota_backend_bytes",
    "etcd_disk_wal_fsync_duration_seconds_bucket",
  ],
  signals: [
    {
      name: "MilvusDown",
      severity: "critical",
      expression: `absent(milvus_num_node{${MILVUS}})`,
      forMinutes: 5,
      summary: "No component of Milvus answers.",
    },
    {
      name: "MilvusRequestsFail",
      severity: "warning",
      expression:
        `sum(rate(milvus_proxy_req_count{${MILVUS},status="fail"}[5m])) > ` +
        `0.05 * sum(rate(milvus_proxy_req_count{${MILVUS},status="total"}[5m]))`,
      forMinutes: 10,
      summary: "More than one in twenty requests to Milvus fails.",
    },
    {
      name: "MilvusMemory",
      severity: "warning",
      expression:
        `process_resident_memory_bytes{${MILVUS},pod=~"milvus-milvus-.*"} > on (namespace, pod) group_left () ` +
        `0.9 * sum by (namespace, pod) (kube_pod_container_resource_limits{${MILVUS},resource="memory"})`,
      forMinutes: 15,
      summary: "A component of Milvus has used nine tenths of its memory; loading more collections will end it.",
    },
    {
      name: "MilvusEtcdWithoutLeader",
      severity: "critical",
      expression: `min(etcd_server_has_leader{${ETCD}}) == 0 or absent(etcd_server_has_leader{${ETCD}})`,
      forMinutes: 2,
      summary: "Milvus's etcd has no majority: Milvus stops.",
    },
    {
      name: "MilvusEtcdLeaderChanges",
      severity: "warning",
      expression: `increase(etcd_server_leader_changes_seen_total{${ETCD}}[1h]) > 3`,
      forMinutes: 5,
      summary: "Milvus's etcd votes again and again: its network or its disks are too slow.",
    },
    {
      name: "MilvusEtcdSlowDisk",
      severity: "warning",
      expression: `histogram_quantile(0.99, sum by (pod, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket{${ETCD}}[5m]))) > 0.5`,
      forMinutes: 10,
      summary: "Milvus's etcd waits more than half a second for its disk.",
    },
    {
      name: "MilvusEtcdFull",
      severity: "critical",
      expression: `etcd_mvcc_db_total_size_in_bytes{${ETCD}} > 0.8 * etcd_server_quota_backend_bytes{${ETCD}}`,
      forMinutes: 10,
      summary: "Milvus's etcd is nearly full, and takes no writes when it is.",
    },
  ],
};
