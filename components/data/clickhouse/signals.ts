import type { Signals } from "../../kit/signals";

/** What the metrics of ClickHouse and its Keepers say is wrong. */
export const clickhouseSignals: Signals = {
  area: "clickhouse",
  metrics: [
    "ClickHouseAsyncMetrics_Uptime",
    "ClickHouseMetrics_ReadonlyReplica",
    "ClickHouseAsyncMetrics_ReplicasMaxAbsoluteDelay",
    "ClickHouseAsyncMetrics_MaxPartCountForPartition",
    "ClickHouseMetrics_MemoryTracking",
    "ClickHouseAsyncMetrics_CGroupMemoryTotal",
    "ClickHouseAsyncMetrics_DiskAvailable_default",
    "ClickHouseAsyncMetrics_DiskTotal_default",
    "ClickHouseProfileEvents_RejectedInserts",
    "ClickHouseProfileEvents_ZooKeeperHardwareExceptions",
  ],
  signals: [
    {
      name: "ClickHouseDown",
      severity: "critical",
      expression: "absent(ClickHouseAsyncMetrics_Uptime)",
      forMinutes: 5,
      summary: "No ClickHouse server answers.",
    },
    {
      name: "ClickHouseReplicaReadOnly",
      severity: "critical",
      expression: "ClickHouseMetrics_ReadonlyReplica > 0",
      forMinutes: 10,
      summary:
        "Tables of a ClickHouse replica take no inserts: it has lost its Keepers, or its data differs from theirs.",
    },
    {
      name: "ClickHouseReplicaLags",
      severity: "warning",
      expression: "ClickHouseAsyncMetrics_ReplicasMaxAbsoluteDelay > 300",
      forMinutes: 10,
      summary: "A ClickHouse replica is more than five minutes behind the others.",
    },
    {
      name: "ClickHouseKeeperUnreachable",
      severity: "critical",
      expression: "increase(ClickHouseProfileEvents_ZooKeeperHardwareExceptions[10m]) > 10",
      forMinutes: 5,
      summary: "ClickHouse keeps losing its Keepers: with too few of them there are no inserts.",
    },
    {
      name: "ClickHouseTooManyParts",
      severity: "warning",
      expression: "ClickHouseAsyncMetrics_MaxPartCountForPartition > 1000",
      forMinutes: 15,
      summary: "A table has more parts than are merged: inserts are too small or too many, and will be slowed down.",
    },
    {
      name: "ClickHouseInsertsRejected",
      severity: "critical",
      expression: "increase(ClickHouseProfileEvents_RejectedInserts[10m]) > 0",
      forMinutes: 0,
      summary: "ClickHouse refuses inserts because a table has too many parts.",
    },
    {
      name: "ClickHouseMemoryFull",
      severity: "warning",
      expression: "ClickHouseMetrics_MemoryTracking / ClickHouseAsyncMetrics_CGroupMemoryTotal > 0.75",
      forMinutes: 10,
      summary: "A ClickHouse server has used nearly all the memory that it may use: queries will fail.",
    },
    {
      name: "ClickHouseDiskFull",
      severity: "critical",
      expression: "ClickHouseAsyncMetrics_DiskAvailable_default / ClickHouseAsyncMetrics_DiskTotal_default < 0.15",
      forMinutes: 10,
      summary: "A ClickHouse volume is nearly full: raise services.clickhouse.storageGiB.",
    },
  ],
};
