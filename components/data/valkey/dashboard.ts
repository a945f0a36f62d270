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
import { restartsStat, upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "valkey-.*", claims: ".*valkey.*" };

const rate = (metric: string) => `rate(${metric}{${ofService}}[$__rate_interval])`;

/** Whether Valkey answers, what it is asked, and how full it is. */
export const valkeyDashboard = dashboard({
  uid: "valkey",
  title: "Valkey",
  folder: "data",
  variables: () => serviceVariables("redis_up"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Servers that answer",
        unit: unit.ratio,
        thresholds: [
          { value: null, color: "red" },
          { value: 1, color: "green" },
        ],
        queries: `avg(redis_up{${ofService}})`,
      }),
      stat({
        title: "Memory, of what it may use",
        unit: unit.ratio,
        thresholds: above({ warning: 0.75, critical: 0.9 }),
        queries: `max(redis_memory_used_bytes{${ofService}} / (redis_memory_max_bytes{${ofService}} > 0))`,
      }),
      stat({
        title: "Replicas cut off",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `count(redis_master_link_up{${ofService}} == 0)`,
      }),
      stat({
        title: "Found, of what was asked for",
        unit: unit.ratio,
        queries: `sum(${rate("redis_keyspace_hits_total")}) / (sum(${rate("redis_keyspace_hits_total")}) + sum(${rate("redis_keyspace_misses_total")}))`,
      }),
      restartsStat(PODS),
    ]),
    row("Work", [
      timeseries({
        title: "Commands",
        width: 8,
        unit: unit.perSecond,
        queries: { expr: `topk(10, sum by (cmd) (${rate("redis_commands_total")}))`, legend: "{{cmd}}" },
      }),
      timeseries({
        title: "Mean time of a command",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `sum by (cmd) (${rate("redis_commands_duration_seconds_total")}) / (sum by (cmd) (${rate("redis_commands_total")}) > 0) and topk(10, sum by (cmd) (${rate("redis_commands_duration_seconds_total")}))`,
          legend: "{{cmd}}",
        },
      }),
      timeseries({
        title: "Clients",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `sum by (pod) (redis_connected_clients{${ofService}})`, legend: "{{pod}}" },
          { expr: `sum(redis_blocked_clients{${ofService}})`, legend: "waiting for data" },
        ],
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "Commands that fail, clients that are turned away",
        width: 24,
        height: 6,
        unit: unit.perSecond,
        queries: [
          { expr: `sum by (cmd) (${rate("redis_commands_failed_calls_total")}) > 0`, legend: "{{cmd}}" },
          { expr: `sum(${rate("redis_rejected_connections_total")})`, legend: "turned away" },
        ],
      }),
    ]),
    row("Memory", [
      timeseries({
        title: "Memory",
        width: 8,
        unit: unit.bytes,
        queries: [
          { expr: `max by (pod) (redis_memory_used_bytes{${ofService}})`, legend: "{{pod}}" },
          { expr: `max(redis_memory_max_bytes{${ofService}} > 0)`, legend: "most" },
        ],
      }),
      timeseries({
        title: "Keys",
        width: 8,
        unit: unit.count,
        queries: { expr: `max by (db) (redis_db_keys{${ofService}}) > 0`, legend: "{{db}}" },
      }),
      timeseries({
        title: "Keys that go",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: `sum(${rate("redis_evicted_keys_total")})`, legend: "for want of memory" },
          { expr: `sum(${rate("redis_expired_keys_total")})`, legend: "after their time" },
        ],
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
