import {
  above,
  dashboard,
  inNamespace,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "postgres-.*", claims: ".*postgres.*" };

const perSecond = (metric: string, by = "datname") =>
  `sum by (${by}) (rate(${metric}{${ofService}}[$__rate_interval]))`;

/** Whether PostgreSQL answers, copies and archives, and how hard it works. */
export const postgresDashboard = dashboard({
  uid: "postgres",
  title: "PostgreSQL",
  folder: "data",
  variables: () => serviceVariables("cnpg_collector_up"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Connections, of those allowed",
        unit: unit.ratio,
        thresholds: above({ warning: 0.75, critical: 0.9 }),
        queries: `max(sum by (pod) (cnpg_backends_total{${ofService}}) / on (pod) cnpg_pg_settings_setting{${ofService},name="max_connections"})`,
      }),
      stat({
        title: "Slowest replica",
        unit: unit.seconds,
        thresholds: above({ warning: 30, critical: 300 }),
        queries: `max(cnpg_pg_replication_lag{${ofService}})`,
      }),
      stat({
        title: "Changes not archived yet",
        unit: unit.count,
        thresholds: above({ warning: 10, critical: 50 }),
        queries: `max(cnpg_collector_pg_wal_archive_status{${ofService},value="ready"})`,
      }),
      stat({
        title: "Last base backup",
        description: "None is made in dev unless backups are on.",
        unit: unit.ago,
        queries: `1000 * max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp{${ofService}} > 0)`,
      }),
      volumeStat(PODS),
    ]),
    row("Work", [
      timeseries({
        title: "Transactions",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: perSecond("cnpg_pg_stat_database_xact_commit"), legend: "{{datname}} committed" },
          { expr: perSecond("cnpg_pg_stat_database_xact_rollback"), legend: "{{datname}} rolled back" },
        ],
      }),
      timeseries({
        title: "Connections",
        width: 8,
        unit: unit.count,
        stack: true,
        queries: { expr: `sum by (state) (cnpg_backends_total{${ofService}})`, legend: "{{state}}" },
      }),
      timeseries({
        title: "Longest transaction",
        width: 8,
        unit: unit.seconds,
        queries: { expr: `max by (pod) (cnpg_backends_max_tx_duration_seconds{${ofService}})`, legend: "{{pod}}" },
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "Deadlocks and conflicts",
        unit: unit.perSecond,
        queries: [
          { expr: perSecond("cnpg_pg_stat_database_deadlocks"), legend: "deadlocks in {{datname}}" },
          { expr: perSecond("cnpg_pg_stat_database_conflicts"), legend: "conflicts in {{datname}}" },
        ],
      }),
      timeseries({
        title: "Pooler: clients",
        unit: unit.count,
        queries: [
          { expr: `sum(cnpg_pgbouncer_pools_cl_active{${inNamespace}})`, legend: "served" },
          { expr: `sum(cnpg_pgbouncer_pools_cl_waiting{${inNamespace}})`, legend: "waiting" },
        ],
      }),
    ]),
    row("Copies and size", [
      timeseries({
        title: "Replicas behind",
        unit: unit.bytes,
        queries: {
          expr: `max by (application_name) (cnpg_pg_stat_replication_replay_diff_bytes{${ofService}})`,
          legend: "{{application_name}}",
        },
      }),
      timeseries({
        title: "Databases",
        unit: unit.bytes,
        stack: true,
        queries: {
          expr: `max by (datname) (cnpg_pg_database_size_bytes{${ofService}})`,
          legend: "{{datname}}",
        },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
