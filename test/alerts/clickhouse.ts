import type { AreaCases } from "./case";

const pod = { namespace: "db", pod: "chi-clickhouse-main-0-0-0" };
const of = (metric: string) => `${metric}{namespace="db",pod="chi-clickhouse-main-0-0-0"}`;
const uptime = of("ClickHouseAsyncMetrics_Uptime");
const readOnly = of("ClickHouseMetrics_ReadonlyReplica");
const delay = of("ClickHouseAsyncMetrics_ReplicasMaxAbsoluteDelay");
const keeper = of("ClickHouseProfileEvents_ZooKeeperHardwareExceptions");
const parts = of("ClickHouseAsyncMetrics_MaxPartCountForPartition");
const rejected = of("ClickHouseProfileEvents_RejectedInserts");
const memory = of("ClickHouseMetrics_MemoryTracking");
const limit = of("ClickHouseAsyncMetrics_CGroupMemoryTotal");
const free = of("ClickHouseAsyncMetrics_DiskAvailable_default");
const disk = of("ClickHouseAsyncMetrics_DiskTotal_default");

export const clickhouseCases: AreaCases = {
  area: "clickhouse",
  alerts: [
    {
      alert: "ClickHouseDown",
      fires: { series: { [uptime]: "60 stale" }, minute: 8, labels: {} },
      quiet: { series: { [uptime]: "60+60x10" }, minute: 8 },
    },
    {
      alert: "ClickHouseReplicaReadOnly",
      fires: { series: { [readOnly]: "1x15" }, minute: 11, labels: pod },
      quiet: { series: { [readOnly]: "1x5 0x10" }, minute: 11 },
    },
    {
      alert: "ClickHouseReplicaLags",
      fires: { series: { [delay]: "301x15" }, minute: 11, labels: pod },
      quiet: { series: { [delay]: "300x15" }, minute: 11 },
    },
    {
      alert: "ClickHouseKeeperUnreachable",
      fires: { series: { [keeper]: "0+2x30" }, minute: 20, labels: pod },
      quiet: { series: { [keeper]: "0x10 5x20" }, minute: 20 },
    },
    {
      alert: "ClickHouseTooManyParts",
      fires: { series: { [parts]: "1001x20" }, minute: 16, labels: pod },
      quiet: { series: { [parts]: "1000x20" }, minute: 16 },
    },
    {
      alert: "ClickHouseInsertsRejected",
      fires: { series: { [rejected]: "0x3 1x10" }, minute: 5, labels: pod },
      quiet: { series: { [rejected]: "1x30" }, minute: 20 },
    },
    {
      alert: "ClickHouseMemoryFull",
      fires: { series: { [memory]: "76x15", [limit]: "100x15" }, minute: 11, labels: pod },
      quiet: { series: { [memory]: "75x15", [limit]: "100x15" }, minute: 11 },
    },
    {
      alert: "ClickHouseDiskFull",
      fires: { series: { [free]: "14x15", [disk]: "100x15" }, minute: 11, labels: pod },
      quiet: { series: { [free]: "15x15", [disk]: "100x15" }, minute: 11 },
    },
  ],
};
