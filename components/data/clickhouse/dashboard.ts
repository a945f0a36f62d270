import {
  above,
  dashboard,
  none,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: ".*clickhouse.*", claims: ".*clickhouse.*" };

const events = (what: string) => `sum(rate(ClickHouseProfileEvents_${what}{${ofService}}[$__rate_interval]))`;

const byPod = (metric: string) => ({ expr: `max by (pod) (${metric}{${ofService}})`, legend: "{{pod}}" });

/** Whether ClickHouse's replicas take inserts and keep up, what is asked of them, and how full they are. */
export const clickhouseDashboard = dashboard({
  uid: "clickhouse",
  title: "ClickHouse",
  folder: "data",
  variables: () => serviceVariables("ClickHouseMetrics_Query"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Tables that take no inserts",
        unit: unit.count,
        thresholds: none,
        queries: `sum(ClickHouseMetrics_ReadonlyReplica{${ofService}})`,
      }),
      stat({
        title: "Replica furthest behind",
        unit: unit.seconds,
        thresholds: above({ warning: 60, critical: 300 }),
        queries: `max(ClickHouseAsyncMetrics_ReplicasMaxAbsoluteDelay{${ofService}})`,
      }),
      stat({
        title: "Most parts in a partition",
        unit: unit.count,
        thresholds: above({ warning: 300, critical: 1000 }),
        queries: `max(ClickHouseAsyncMetrics_MaxPartCountForPartition{${ofService}})`,
      }),
      stat({
        title: "Memory, of its limit",
        unit: unit.ratio,
        thresholds: above({ warning: 0.6, critical: 0.75 }),
        queries: `max(ClickHouseMetrics_MemoryTracking{${ofService}} / ClickHouseAsyncMetrics_CGroupMemoryTotal{${ofService}})`,
      }),
      stat({
        title: "Fullest disk",
        unit: unit.ratio,
        thresholds: above({ warning: 0.75, critical: 0.85 }),
        queries: `max(1 - ClickHouseAsyncMetrics_DiskAvailable_default{${ofService}} / ClickHouseAsyncMetrics_DiskTotal_default{${ofService}})`,
      }),
    ]),
    row("Work", [
      timeseries({
        title: "Queries",
        unit: unit.requestsPerSecond,
        queries: [
          { expr: events("SelectQuery"), legend: "select" },
          { expr: events("InsertQuery"), legend: "insert" },
        ],
      }),
      timeseries({
        title: "Mean time of a query",
        unit: unit.seconds,
        queries: `${events("QueryTimeMicroseconds")} / 1e6 / (${events("Query")} > 0)`,
      }),
      timeseries({
        title: "Rows",
        unit: unit.perSecond,
        queries: [
          { expr: events("SelectedRows"), legend: "read" },
          { expr: events("InsertedRows"), legend: "inserted" },
        ],
      }),
      timeseries({
        title: "Queries and merges now",
        unit: unit.count,
        queries: [
          { expr: `sum(ClickHouseMetrics_Query{${ofService}})`, legend: "queries" },
          { expr: `sum(ClickHouseMetrics_Merge{${ofService}})`, legend: "merges" },
        ],
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "Queries that fail",
        unit: unit.perSecond,
        queries: [
          { expr: events("FailedSelectQuery"), legend: "select" },
          { expr: events("FailedInsertQuery"), legend: "insert" },
        ],
      }),
      timeseries({
        title: "Inserts slowed down and refused",
        unit: unit.count,
        queries: [
          { expr: `sum(ClickHouseMetrics_DelayedInserts{${ofService}})`, legend: "slowed down now" },
          { expr: events("RejectedInserts"), legend: "refused, each second" },
        ],
      }),
    ]),
    row("Size", [
      timeseries({
        title: "Tables",
        width: 24,
        height: 6,
        unit: unit.bytes,
        queries: byPod("ClickHouseAsyncMetrics_TotalBytesOfMergeTreeTables"),
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
