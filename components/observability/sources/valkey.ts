import type { MetricsSource } from "../../kit/signals";

/** Valkey, by the exporter beside each server. */
export const redisExporterSource: MetricsSource = {
  source: "redis_exporter 1.79.0",
  known: "source of github.com/oliver006/redis_exporter: exporter/exporter.go",
  metrics: [
    "redis_blocked_clients",
    "redis_commands_duration_seconds_total",
    "redis_commands_failed_calls_total",
    "redis_commands_processed_total",
    "redis_commands_total",
    "redis_config_maxclients",
    "redis_connected_clients",
    "redis_connected_slave_lag_seconds",
    "redis_cpu_sys_seconds_total",
    "redis_cpu_user_seconds_total",
    "redis_db_keys",
    "redis_db_keys_expiring",
    "redis_evicted_keys_total",
    "redis_expired_keys_total",
    "redis_keyspace_hits_total",
    "redis_keyspace_misses_total",
    "redis_mem_fragmentation_ratio",
    "redis_memory_used_rss_bytes",
    "redis_net_input_bytes_total",
    "redis_net_output_bytes_total",
    "redis_rdb_last_save_timestamp_seconds",
    "redis_uptime_in_seconds",
  ],
};
