import type { AreaCases } from "./case";

const pod = { namespace: "elastic", pod: "elasticsearch-exporter-a", cluster: "elasticsearch" };
const own = 'namespace="elastic",pod="elasticsearch-exporter-a",cluster="elasticsearch"';
const health = (color: string) => `elasticsearch_cluster_health_status{${own},color="${color}"}`;
const nodes = `elasticsearch_cluster_health_number_of_nodes{${own}}`;
const node = { ...pod, name: "elasticsearch-es-node-0" };
const ofNode = (metric: string, more = "") => `elasticsearch_${metric}{${own},name="elasticsearch-es-node-0"${more}}`;
const available = ofNode("filesystem_data_available_bytes");
const size = ofNode("filesystem_data_size_bytes");
const heap = (name: string) => ofNode(`jvm_memory_${name}_bytes`, ',area="heap"');
const rejected = (type: string) => ofNode("thread_pool_rejected_count", `,type="${type}"`);
const failed = `elasticsearch_slm_stats_snapshots_failed_total{${own}}`;
const latest = `elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds{${own}}`;

export const elasticsearchCases: AreaCases = {
  area: "elasticsearch",
  alerts: [
    {
      alert: "ElasticsearchRed",
      fires: {
        series: { [health("red")]: "1x5", [health("green")]: "0x5" },
        minute: 3,
        labels: { ...pod, color: "red" },
      },
      quiet: { series: { [health("red")]: "0x5", [health("yellow")]: "1x5" }, minute: 3 },
    },
    {
      alert: "ElasticsearchYellow",
      fires: { series: { [health("yellow")]: "1x40" }, minute: 31, labels: { ...pod, color: "yellow" } },
      quiet: { series: { [health("yellow")]: "1x20 0x20" }, minute: 31 },
    },
    {
      alert: "ElasticsearchNodeMissing",
      fires: { series: { [nodes]: "3x5 2x30" }, minute: 22, labels: pod },
      quiet: { series: { [nodes]: "2x5 3x30" }, minute: 22 },
    },
    {
      alert: "ElasticsearchDiskFilling",
      fires: { series: { [available]: "14x20", [size]: "100x20" }, minute: 11, labels: node },
      quiet: { series: { [available]: "15x20", [size]: "100x20" }, minute: 11 },
    },
    {
      alert: "ElasticsearchHeapFull",
      // The rule's own label `area` takes the place of the exporter's.
      fires: {
        series: { [heap("used")]: "91x20", [heap("max")]: "100x20" },
        minute: 16,
        labels: node,
      },
      quiet: { series: { [heap("used")]: "90x20", [heap("max")]: "100x20" }, minute: 16 },
    },
    {
      alert: "ElasticsearchWritesRejected",
      fires: { series: { [rejected("write")]: "0x3 4x20" }, minute: 11, labels: { ...node, type: "write" } },
      quiet: { series: { [rejected("write")]: "4x20", [rejected("search")]: "0x3 4x20" }, minute: 11 },
    },
    {
      alert: "ElasticsearchSnapshotFailed",
      fires: { series: { [failed]: "0x5 1x20" }, minute: 12, labels: pod },
      quiet: { series: { [failed]: "1x30" }, minute: 12 },
    },
    {
      alert: "ElasticsearchSnapshotOld",
      fires: { series: { [latest]: "-172800x100" }, minute: 65, labels: pod },
      quiet: { series: { [latest]: "-160000x100" }, minute: 65 },
    },
  ],
};
