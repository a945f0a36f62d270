import type { MetricsSource } from "../../kit/signals";

/** Mimir, whose metrics are still called after Cortex. */
export const mimirSource: MetricsSource = {
  source: "Mimir 3",
  known: "the real program in test/real/mimir.test.ts",
  metrics: [
    "cortex_build_info",
    "cortex_compactor_last_successful_run_timestamp_seconds",
    "cortex_discarded_samples_total",
    "cortex_distributor_deduped_samples_total",
    "cortex_distributor_received_samples_total",
    "cortex_ingester_memory_series",
    "cortex_ingester_tsdb_compactions_failed_total",
    "cortex_ingester_tsdb_storage_blocks_bytes",
    "cortex_request_duration_seconds_bucket",
    "cortex_request_duration_seconds_count",
    "cortex_request_duration_seconds_sum",
    "cortex_ring_members",
  ],
};
