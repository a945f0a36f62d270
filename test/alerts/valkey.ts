import type { AreaCases } from "./case";

const pod = { namespace: "db", pod: "valkey-0" };
const at = '{namespace="db",pod="valkey-0"}';
const role = (name: string, server: number) =>
  `redis_instance_info{namespace="db",pod="valkey-${server}",role="${name}"}`;
const slaves = `redis_connected_slaves${at}`;
const link = { ...pod, master_host: "valkey-1" };
const linkUp = 'redis_master_link_up{namespace="db",pod="valkey-0",master_host="valkey-1"}';
const used = `redis_memory_used_bytes${at}`;
const most = `redis_memory_max_bytes${at}`;
const rejected = `redis_rejected_connections_total${at}`;

export const valkeyCases: AreaCases = {
  area: "valkey",
  alerts: [
    {
      alert: "ValkeyDown",
      fires: { series: { [`redis_up${at}`]: "0x10" }, minute: 3, labels: pod },
      quiet: { series: { [`redis_up${at}`]: "0 0 1x10" }, minute: 3 },
    },
    {
      alert: "ValkeyNoPrimary",
      fires: {
        series: { [role("slave", 0)]: "1x10", [role("slave", 1)]: "1x10" },
        minute: 3,
        labels: { namespace: "db" },
      },
      quiet: { series: { [role("slave", 0)]: "1x10", [role("master", 1)]: "1x10" }, minute: 3 },
    },
    {
      alert: "ValkeyReplicaCutOff",
      fires: { series: { [linkUp]: "0x15" }, minute: 11, labels: link },
      quiet: { series: { [linkUp]: "0x5 1 0x9" }, minute: 11 },
    },
    {
      alert: "ValkeyWritesRefused",
      fires: {
        series: { [slaves]: "0x10", [role("master", 0)]: "1x10", [role("slave", 1)]: "1x10" },
        minute: 3,
        labels: pod,
      },
      // A single server has no replica, and takes writes.
      quiet: { series: { [slaves]: "0x10", [role("master", 0)]: "1x10" }, minute: 3 },
    },
    {
      alert: "ValkeyMemoryNearlyFull",
      fires: { series: { [used]: "91x20", [most]: "100x20" }, minute: 16, labels: pod },
      quiet: { series: { [used]: "90x20", [most]: "100x20" }, minute: 16 },
    },
    {
      alert: "ValkeyNotWritingToDisk",
      fires: { series: { [`redis_aof_last_write_status${at}`]: "0x5" }, minute: 2, labels: pod },
      quiet: { series: { [`redis_aof_last_write_status${at}`]: "0 1x5" }, minute: 2 },
    },
    {
      alert: "ValkeyDumpFailed",
      fires: { series: { [`redis_rdb_last_bgsave_status${at}`]: "0x70" }, minute: 61, labels: pod },
      quiet: { series: { [`redis_rdb_last_bgsave_status${at}`]: "0x40 1x30" }, minute: 61 },
    },
    {
      alert: "ValkeyConnectionsRejected",
      fires: { series: { [rejected]: "0x5 3x10" }, minute: 8, labels: pod },
      quiet: { series: { [rejected]: "3x30" }, minute: 20 },
    },
  ],
};
