import type { MetricsSource } from "../../kit/signals";

export const lokiSource: MetricsSource = {
  source: "Loki 3.7",
  known: "the real program in test/real/loki.test.ts",
  metrics: [
    "loki_build_info",
    "loki_compactor_apply_retention_last_successful_run_timestamp_seconds",
    "loki_discarded_bytes_total",
    "loki_discarded_samples_total",
    "loki_distributor_bytes_received_total",
    "loki_distributor_lines_received_total",
    "loki_ingester_chunks_flush_failures_total",
    "loki_ingester_memory_chunks",
    "loki_ingester_memory_streams",
    "loki_ingester_wal_disk_full_failures_total",
    "loki_request_duration_seconds_bucket",
    "loki_request_duration_seconds_count",
    "loki_request_duration_seconds_sum",
    "loki_ring_members",
  ],
};
