import type { Signals } from "../../kit/signals";

/** What the operator's exporter in each instance, Barman's plugin and PgBouncer say is wrong. */
export const postgresSignals: Signals = {
  area: "postgres",
  metrics: [
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
    "cnpg_backends_total",
    "cnpg_collector_pg_wal_archive_status",
    "cnpg_collector_sync_replicas",
    "cnpg_collector_up",
    "cnpg_pg_replication_lag",
    "cnpg_pg_settings_setting",
    "cnpg_pgbouncer_pools_maxwait",
  ],
  signals: [
    {
      name: "PostgresDown",
      severity: "critical",
      expression: "cnpg_collector_up == 0",
      forMinutes: 2,
      summary: "An instance of PostgreSQL does not answer.",
    },
    {
      name: "PostgresReplicaBehind",
      severity: "warning",
      expression: "cnpg_pg_replication_lag > 300",
      forMinutes: 10,
      summary: "A replica is more than five minutes behind: after a failover to it they would be missing.",
    },
    {
      name: "PostgresCommitsOnOneServer",
      severity: "critical",
      expression:
        'cnpg_collector_sync_replicas{value="observed"} < on (namespace, pod) cnpg_collector_sync_replicas{value="expected"}',
      forMinutes: 10,
      summary: "Commits are on the primary alone: no replica confirms them.",
    },
    {
      name: "PostgresArchiveBehind",
      severity: "critical",
      expression: 'cnpg_collector_pg_wal_archive_status{value="ready"} > 50',
      forMinutes: 15,
      summary: "Changes are not archived: the volume fills, and a restore would end in the past.",
    },
    {
      name: "PostgresBackupTooOld",
      severity: "critical",
      expression:
        "time() - (max by (namespace) (barman_cloud_cloudnative_pg_io_last_available_backup_timestamp) > 0) > 172800",
      forMinutes: 30,
      summary: "The last base backup is older than two days.",
    },
    {
      name: "PostgresConnectionsNearlyUsedUp",
      severity: "warning",
      expression:
        'sum by (namespace, pod) (cnpg_backends_total) / on (namespace, pod) cnpg_pg_settings_setting{name="max_connections"} > 0.9',
      forMinutes: 10,
      summary: "Nine tenths of the connections are taken: take databases through the pooler.",
    },
    {
      name: "PostgresPoolerClientsWait",
      severity: "warning",
      expression: "cnpg_pgbouncer_pools_maxwait > 5",
      forMinutes: 5,
      summary: "Clients of the pooler wait for a connection: raise its poolSize.",
    },
  ],
};
