import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** What Prometheus says of everything that it scrapes, and of its alerts. */
export const scrapeSource: MetricsSource = {
  source: "Prometheus 3",
  known: "the real program in test/real/metric-sources.test.ts",
  metrics: [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "ALERTS",
    "ALERTS_FOR_STATE",
  ],
};

/** Prometheus itself. */
export const prometheusSource: MetricsSource = {
  source: "Prometheus 3",
  known: "the real program in test/real/metric-sources.test.ts",
  metrics: [
    "prometheus_build_info",
    "prometheus_ready",
    "prometheus_tsdb_head_series",
    "prometheus_tsdb_head_chunks",
    "prometheus_tsdb_head_samples_appended_total",
    "prometheus_tsdb_storage_blocks_bytes",
    "prometheus_tsdb_wal_storage_size_bytes",
    "prometheus_tsdb_compactions_failed_total",
    "prometheus_tsdb_wal_corruptions_total",
    "prometheus_tsdb_reloads_failures_total",
    "prometheus_config_last_reload_successful",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_evaluations_total",
    "prometheus_rule_group_last_duration_seconds",
    "prometheus_rule_group_interval_seconds",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_target_scrapes_exceeded_sample_limit_total",
    "prometheus_notifications_dropped_total",
    "prometheus_notifications_errors_total",
    "prometheus_notifications_sent_total",
    "prometheus_notifications_queue_length",
    "prometheus_notifications_queue_capacity",
    "prometheus_notifications_alertmanagers_discovered",
    ...histogram("prometheus_http_request_duration_seconds"),
    "prometheus_engine_queries",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_open_fds",
    "process_max_fds",
    "go_goroutines",
    "go_memstats_heap_inuse_bytes",
  ],
};

/** What Prometheus says of writing to Mimir. */
export const remoteWriteSource: MetricsSource = {
  source: "Prometheus 3 with remote write",
  known:
    "source of github.com/prometheus/prometheus: storage/remote/queue_manager.go; only there once it writes somewhere",
  metrics: [
    "prometheus_remote_storage_samples_total",
    "prometheus_remote_storage_samples_failed_total",
    "prometheus_remote_storage_samples_dropped_total",
    "prometheus_remote_storage_samples_pending",
    "prometheus_remote_storage_samples_retried_total",
    "prometheus_remote_storage_shards",
    "prometheus_remote_storage_shards_desired",
    "prometheus_remote_storage_shards_max",
    "prometheus_remote_storage_highest_timestamp_in_seconds",
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
  ],
};
