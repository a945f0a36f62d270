import type { Signals } from "../../kit/signals";

/** What elasticsearch_exporter says about the cluster. */
export const elasticsearchSignals: Signals = {
  area: "elasticsearch",
  metrics: [
    "elasticsearch_cluster_health_status",
    "elasticsearch_cluster_health_number_of_nodes",
    "elasticsearch_filesystem_data_available_bytes",
    "elasticsearch_filesystem_data_size_bytes",
    "elasticsearch_jvm_memory_used_bytes",
    "elasticsearch_jvm_memory_max_bytes",
    "elasticsearch_thread_pool_rejected_count",
    "elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds",
    "elasticsearch_slm_stats_snapshots_failed_total",
  ],
  signals: [
    {
      name: "ElasticsearchRed",
      severity: "critical",
      expression: 'elasticsearch_cluster_health_status{color="red"} == 1',
      forMinutes: 2,
      summary: "At least one shard has no copy left: what is in it can neither be read nor written.",
    },
    {
      name: "ElasticsearchYellow",
      severity: "warning",
      expression: 'elasticsearch_cluster_health_status{color="yellow"} == 1',
      forMinutes: 30,
      summary: "Shards have fewer copies than they should: the next node that is lost may take data with it.",
    },
    {
      name: "ElasticsearchNodeMissing",
      severity: "warning",
      expression:
        "elasticsearch_cluster_health_number_of_nodes < max_over_time(elasticsearch_cluster_health_number_of_nodes[1d])",
      forMinutes: 15,
      summary: "The cluster has fewer nodes than within the last day.",
    },
    {
      // From 85 % on a node gets no new shards, from 95 % on its indices can only be read.
      name: "ElasticsearchDiskFilling",
      severity: "critical",
      expression: "elasticsearch_filesystem_data_available_bytes / elasticsearch_filesystem_data_size_bytes < 0.15",
      forMinutes: 10,
      summary: "A node's volume is 85 % full: it gets no new shards, and from 95 % on nothing can be written.",
    },
    {
      name: "ElasticsearchHeapFull",
      severity: "warning",
      expression:
        'elasticsearch_jvm_memory_used_bytes{area="heap"} / elasticsearch_jvm_memory_max_bytes{area="heap"} > 0.9',
      forMinutes: 15,
      summary: "A node's heap has been full for a quarter of an hour: it needs a larger size, or fewer shards.",
    },
    {
      name: "ElasticsearchWritesRejected",
      severity: "warning",
      expression: 'increase(elasticsearch_thread_pool_rejected_count{type="write"}[10m]) > 0',
      forMinutes: 5,
      summary: "A node turns writes away because its queue is full.",
    },
    {
      name: "ElasticsearchSnapshotFailed",
      severity: "critical",
      expression: "increase(elasticsearch_slm_stats_snapshots_failed_total[1d]) > 0",
      forMinutes: 1,
      summary: "A scheduled snapshot has failed within the last day.",
    },
    {
      name: "ElasticsearchSnapshotOld",
      severity: "warning",
      expression: "time() - elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds > 172800",
      forMinutes: 60,
      summary: "The newest snapshot is more than two days old.",
    },
  ],
};
