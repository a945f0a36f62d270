import type { MetricsSource } from "../../kit/signals";

/** PostgreSQL, by the exporter in each instance. */
export const cnpgSource: MetricsSource = {
  source: "CloudNativePG 1.30.0",
  known:
    "source of github.com/cloudnative-pg/cloudnative-pg 1.30.0: config/manager/default-monitoring.yaml, pkg/management/postgres/webserver/metricserver",
  metrics: [
    "cnpg_backends_max_tx_duration_seconds",
    "cnpg_backends_waiting_total",
    "cnpg_collector_fencing_on",
    "cnpg_collector_last_collection_error",
    "cnpg_collector_pg_wal",
    "cnpg_collector_postgres_version",
    "cnpg_pg_database_size_bytes",
    "cnpg_pg_database_xid_age",
    "cnpg_pg_postmaster_start_time",
    "cnpg_pg_replication_in_recovery",
    "cnpg_pg_replication_streaming_replicas",
    "cnpg_pg_replication_slots_pg_wal_lsn_diff",
    "cnpg_pg_stat_archiver_archived_count",
    "cnpg_pg_stat_archiver_failed_count",
    "cnpg_pg_stat_archiver_seconds_since_last_archival",
    "cnpg_pg_stat_checkpointer_checkpoints_req",
    "cnpg_pg_stat_checkpointer_checkpoints_timed",
    "cnpg_pg_stat_checkpointer_buffers_written",
    "cnpg_pg_stat_database_blk_read_time",
    "cnpg_pg_stat_database_blks_hit",
    "cnpg_pg_stat_database_blks_read",
    "cnpg_pg_stat_database_conflicts",
    "cnpg_pg_stat_database_deadlocks",
    "cnpg_pg_stat_database_temp_bytes",
    "cnpg_pg_stat_database_tup_deleted",
    "cnpg_pg_stat_database_tup_fetched",
    "cnpg_pg_stat_database_tup_inserted",
    "cnpg_pg_stat_database_tup_returned",
    "cnpg_pg_stat_database_tup_updated",
    "cnpg_pg_stat_database_xact_commit",
    "cnpg_pg_stat_database_xact_rollback",
    "cnpg_pg_stat_replication_replay_diff_bytes",
    "cnpg_pg_stat_replication_replay_lag_seconds",
  ],
};

/** PgBouncer, by the exporter of its operator. */
export const pgbouncerSource: MetricsSource = {
  source: "CloudNativePG 1.30.0",
  known: "source of github.com/cloudnative-pg/cloudnative-pg 1.30.0: pkg/management/pgbouncer/metricsserver",
  metrics: [
    "cnpg_pgbouncer_pools_cl_active",
    "cnpg_pgbouncer_pools_cl_waiting",
    "cnpg_pgbouncer_pools_sv_active",
    "cnpg_pgbouncer_pools_sv_idle",
    "cnpg_pgbouncer_stats_avg_query_time",
    "cnpg_pgbouncer_stats_avg_wait_time",
    "cnpg_pgbouncer_stats_total_query_count",
    "cnpg_pgbouncer_stats_total_xact_count",
  ],
};
