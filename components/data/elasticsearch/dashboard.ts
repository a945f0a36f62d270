import {
  above,
  dashboard,
  inNamespace,
  logs,
  none,
  ofService,
  row,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "elasticsearch-.*", claims: ".*elasticsearch.*" };

const perSecond = (metric: string) => `sum by (name) (rate(elasticsearch_${metric}{${ofService}}[$__rate_interval]))`;

const used = `1 - elasticsearch_filesystem_data_available_bytes{${ofService}} / elasticsearch_filesystem_data_size_bytes{${ofService}}`;

const heap = `elasticsearch_jvm_memory_used_bytes{${ofService},area="heap"} / elasticsearch_jvm_memory_max_bytes{${ofService},area="heap"}`;

/** Whether Elasticsearch's shards are there, what is written and searched, and how full its nodes are. */
export const elasticsearchDashboard = dashboard({
  uid: "elasticsearch",
  title: "Elasticsearch",
  folder: "data",
  variables: () => serviceVariables("elasticsearch_cluster_health_status"),
  rows: [
    top([
      stat({
        title: "Cluster",
        unit: unit.none,
        words: { 0: "green", 1: "yellow", 2: "red" },
        thresholds: above({ warning: 1, critical: 2 }),
        queries: `max(2 * elasticsearch_cluster_health_status{${ofService},color="red"}) + max(elasticsearch_cluster_health_status{${ofService},color="yellow"})`,
      }),
      stat({
        title: "Nodes",
        unit: unit.count,
        queries: `max(elasticsearch_cluster_health_number_of_nodes{${ofService}})`,
      }),
      stat({
        title: "Shards without a node",
        unit: unit.count,
        thresholds: none,
        queries: `max(elasticsearch_cluster_health_unassigned_shards{${ofService}})`,
      }),
      stat({
        title: "Fullest node",
        description: "From 85 % on it gets no new shards, from 95 % on it takes no writes.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.75, critical: 0.85 }),
        queries: `max(${used})`,
      }),
      stat({
        title: "Fullest heap",
        unit: unit.ratio,
        thresholds: above({ warning: 0.8, critical: 0.9 }),
        queries: `max(${heap})`,
      }),
      stat({
        title: "Last snapshot",
        unit: unit.ago,
        queries: `1000 * max(elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds{${ofService}})`,
      }),
    ]),
    row("Work", [
      timeseries({
        title: "Documents written",
        width: 8,
        unit: unit.writesPerSecond,
        queries: { expr: perSecond("indices_indexing_index_total"), legend: "{{name}}" },
      }),
      timeseries({
        title: "Searches",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: { expr: perSecond("indices_search_query_total"), legend: "{{name}}" },
      }),
      timeseries({
        title: "Time of a search",
        width: 8,
        description: "Mean.",
        unit: unit.seconds,
        queries: {
          expr: `${perSecond("indices_search_query_time_seconds")} / (${perSecond("indices_search_query_total")} > 0)`,
          legend: "{{name}}",
        },
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "Requests turned away",
        unit: unit.perSecond,
        queries: {
          expr: `sum by (name, type) (rate(elasticsearch_thread_pool_rejected_count{${ofService}}[$__rate_interval])) > 0`,
          legend: "{{type}} of {{name}}",
        },
      }),
      timeseries({
        title: "Requests that wait",
        unit: unit.count,
        queries: {
          expr: `sum by (type) (elasticsearch_thread_pool_queue_count{${ofService},type=~"write|search|get"})`,
          legend: "{{type}}",
        },
      }),
    ]),
    row("Size", [
      timeseries({
        title: "Disk, used",
        unit: unit.ratio,
        thresholds: above({ critical: 0.85 }),
        queries: { expr: `max by (name) (${used})`, legend: "{{name}}" },
      }),
      timeseries({
        title: "Heap, of its most",
        unit: unit.ratio,
        queries: { expr: `max by (name) (${heap})`, legend: "{{name}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [logs({ title: "Logs", query: `{${inNamespace},service=~"elasticsearch.*|kibana.*"}` })], {
      collapsed: true,
    }),
  ],
});
