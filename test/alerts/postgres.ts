import type { AreaCases } from "./case";

const pod = { namespace: "db", pod: "postgres-1" };
const at = '{namespace="db",pod="postgres-1"}';
const sync = (value: string) => `cnpg_collector_sync_replicas{namespace="db",pod="postgres-1",value="${value}"}`;
const waiting = 'cnpg_collector_pg_wal_archive_status{namespace="db",pod="postgres-1",value="ready"}';
const backup = `barman_cloud_cloudnative_pg_io_last_available_backup_timestamp${at}`;
const backends = (user: string) => `cnpg_backends_total{namespace="db",pod="postgres-1",usename="${user}"}`;
const most = 'cnpg_pg_settings_setting{namespace="db",pod="postgres-1",name="max_connections"}';
const pooled = { namespace: "db", pod: "postgres-pooler-a", database: "demo" };
const maxwait = 'cnpg_pgbouncer_pools_maxwait{namespace="db",pod="postgres-pooler-a",database="demo"}';

export const postgresCases: AreaCases = {
  area: "postgres",
  alerts: [
    {
      alert: "PostgresDown",
      fires: { series: { [`cnpg_collector_up${at}`]: "1 0x10" }, minute: 5, labels: pod },
      quiet: { series: { [`cnpg_collector_up${at}`]: "1 0 1x10" }, minute: 5 },
    },
    {
      alert: "PostgresReplicaBehind",
      fires: { series: { [`cnpg_pg_replication_lag${at}`]: "301x20" }, minute: 12, labels: pod },
      quiet: { series: { [`cnpg_pg_replication_lag${at}`]: "300x20" }, minute: 12 },
    },
    {
      alert: "PostgresCommitsOnOneServer",
      fires: { series: { [sync("observed")]: "0x20", [sync("expected")]: "1x20" }, minute: 12, labels: pod },
      quiet: { series: { [sync("observed")]: "1x20", [sync("expected")]: "1x20" }, minute: 12 },
    },
    {
      alert: "PostgresArchiveBehind",
      fires: { series: { [waiting]: "51x20" }, minute: 16, labels: { ...pod, value: "ready" } },
      quiet: { series: { [waiting]: "50x20" }, minute: 16 },
    },
    {
      alert: "PostgresBackupTooOld",
      // A replica does not know of the backups and says 0.
      fires: {
        series: { [backup]: "60x2920", [backup.replace("-1", "-2")]: "0x2920" },
        minute: 2915,
        labels: { namespace: "db" },
      },
      quiet: { series: { [backup]: "60x2920", [backup.replace("-1", "-2")]: "3600x2920" }, minute: 2915 },
    },
    {
      alert: "PostgresConnectionsNearlyUsedUp",
      fires: {
        series: { [backends("a")]: "100x15", [backends("b")]: "81x15", [most]: "200x15" },
        minute: 11,
        labels: pod,
      },
      quiet: { series: { [backends("a")]: "100x15", [backends("b")]: "80x15", [most]: "200x15" }, minute: 11 },
    },
    {
      alert: "PostgresPoolerClientsWait",
      fires: { series: { [maxwait]: "6x10" }, minute: 6, labels: pooled },
      quiet: { series: { [maxwait]: "5x10" }, minute: 6 },
    },
  ],
};
