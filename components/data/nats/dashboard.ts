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
import { upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "nats-.*", claims: ".*nats.*" };

const traffic = (what: string) => `sum(rate(nats_varz_${what}{${ofService}}[$__rate_interval]))`;

/** Whether NATS's servers agree, what goes through them, and who is behind. */
export const natsDashboard = dashboard({
  uid: "nats",
  title: "NATS",
  folder: "data",
  variables: () => serviceVariables("nats_varz_connections"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Leaders of JetStream",
        unit: unit.count,
        thresholds: [
          { value: null, color: "red" },
          { value: 1, color: "green" },
          { value: 2, color: "red" },
        ],
        noValue: "0",
        queries: `count(nats_server_jetstream_disabled{${ofService},is_meta_leader="true"} == 0)`,
      }),
      stat({
        title: "Servers without JetStream",
        unit: unit.count,
        thresholds: none,
        queries: `sum(nats_server_jetstream_disabled{${ofService}})`,
      }),
      stat({
        title: "Room on file, used",
        unit: unit.ratio,
        thresholds: above({ warning: 0.7, critical: 0.85 }),
        queries: `max(nats_varz_jetstream_stats_storage{${ofService}} / nats_varz_jetstream_config_max_storage{${ofService}})`,
      }),
      stat({
        title: "Furthest behind",
        unit: unit.count,
        thresholds: above({ warning: 1000, critical: 10000 }),
        noValue: "0",
        queries: `max(nats_consumer_num_pending{${ofService},is_consumer_leader="true"})`,
      }),
      volumeStat(PODS),
    ]),
    row("Traffic", [
      timeseries({
        title: "Messages",
        unit: unit.messagesPerSecond,
        queries: [
          { expr: traffic("in_msgs"), legend: "in" },
          { expr: traffic("out_msgs"), legend: "out" },
        ],
      }),
      timeseries({
        title: "Bytes",
        unit: unit.bytesPerSecond,
        queries: [
          { expr: traffic("in_bytes"), legend: "in" },
          { expr: traffic("out_bytes"), legend: "out" },
        ],
      }),
      timeseries({
        title: "Connections",
        unit: unit.count,
        queries: { expr: `sum by (pod) (nats_varz_connections{${ofService}})`, legend: "{{pod}}" },
      }),
      timeseries({
        title: "Clients that were too slow",
        unit: unit.count,
        queries: {
          expr: `sum by (pod) (increase(nats_varz_slow_consumers{${ofService}}[$__rate_interval]))`,
          legend: "{{pod}}",
        },
      }),
    ]),
    row("Streams", [
      timeseries({
        title: "Size",
        unit: unit.bytes,
        queries: {
          expr: `topk(10, max by (stream_name) (nats_stream_total_bytes{${ofService}}))`,
          legend: "{{stream_name}}",
        },
      }),
      timeseries({
        title: "Messages",
        unit: unit.count,
        queries: {
          expr: `topk(10, max by (stream_name) (nats_stream_total_messages{${ofService}}))`,
          legend: "{{stream_name}}",
        },
      }),
      timeseries({
        title: "Not sent yet, by client",
        unit: unit.count,
        queries: {
          expr: `topk(10, max by (stream_name, consumer_name) (nats_consumer_num_pending{${ofService},is_consumer_leader="true"}))`,
          legend: "{{consumer_name}} of {{stream_name}}",
        },
      }),
      timeseries({
        title: "Sent again and again, by client",
        unit: unit.count,
        queries: {
          expr: `topk(10, max by (stream_name, consumer_name) (nats_consumer_num_redelivered{${ofService},is_consumer_leader="true"}))`,
          legend: "{{consumer_name}} of {{stream_name}}",
        },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
