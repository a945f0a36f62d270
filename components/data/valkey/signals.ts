import type { Signals } from "../../kit/signals";

/** What the exporter beside each server says is wrong. */
export const valkeySignals: Signals = {
  area: "valkey",
  metrics: [
    "redis_aof_last_write_status",
    "redis_connected_slaves",
    "redis_instance_info",
    "redis_master_link_up",
    "redis_memory_max_bytes",
    "redis_memory_used_bytes",
    "redis_rdb_last_bgsave_status",
    "redis_rejected_connections_total",
    "redis_up",
  ],
  signals: [
    {
      name: "ValkeyDown",
      severity: "critical",
      expression: "redis_up == 0",
      forMinutes: 2,
      summary: "A server of Valkey does not answer.",
    },
    {
      name: "ValkeyNoPrimary",
      severity: "critical",
      expression:
        'count by (namespace) (redis_instance_info) > 0 unless count by (namespace) (redis_instance_info{role="master"})',
      forMinutes: 2,
      summary: "No server of Valkey takes writes: the Sentinels have not agreed on a primary.",
    },
    {
      name: "ValkeyReplicaCutOff",
      severity: "warning",
      expression: "redis_master_link_up == 0",
      forMinutes: 10,
      summary: "A replica does not follow its primary: a failover to it would lose data.",
    },
    {
      name: "ValkeyWritesRefused",
      severity: "critical",
      expression:
        'redis_connected_slaves == 0 and on (namespace, pod) redis_instance_info{role="master"} and on (namespace) count by (namespace) (redis_instance_info) > 1',
      forMinutes: 2,
      summary: "The primary has no replica left, and so takes no writes.",
    },
    {
      name: "ValkeyMemoryNearlyFull",
      severity: "warning",
      expression: "redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9",
      forMinutes: 15,
      summary: "Nine tenths of Valkey's memory are used: soon it refuses writes, or evicts keys.",
    },
    {
      name: "ValkeyNotWritingToDisk",
      severity: "critical",
      expression: "redis_aof_last_write_status == 0",
      forMinutes: 1,
      summary: "A server cannot write its append-only file: its volume is full, or broken.",
    },
    {
      name: "ValkeyDumpFailed",
      severity: "warning",
      expression: "redis_rdb_last_bgsave_status == 0",
      forMinutes: 60,
      summary: "The hourly copy of the data, which backups rely on, is not written.",
    },
    {
      name: "ValkeyConnectionsRejected",
      severity: "warning",
      expression: "increase(redis_rejected_connections_total[10m]) > 0",
      forMinutes: 0,
      summary: "Clients were turned away: there are too many connections.",
    },
  ],
};
