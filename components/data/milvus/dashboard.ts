import {
  above,
  dashboard,
  healthy,
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
import { restartsStat, upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "milvus-.*", claims: ".*milvus.*" };
const ETCD = `${inNamespace},pod=~"milvus-etcd-.*"`;

const requests = (matcher: string) => `sum(rate(milvus_proxy_req_count{${ofService}${matcher}}[$__rate_interval]))`;

const quantile = (share: number, metric: string, by: string, matchers = ofService) =>
  `histogram_quantile(${share}, sum by (${by}, le) (rate(${metric}_bucket{${matchers}}[$__rate_interval])))`;

/** Whether Milvus and its etcd work, what they are asked, and how much they hold. */
export const milvusDashboard = dashboard({
  uid: "milvus",
  title: "Milvus",
  folder: "data",
  variables: () => serviceVariables("milvus_num_node"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "etcd has a leader",
        unit: unit.none,
        words: { 0: "no", 1: "yes" },
        thresholds: healthy,
        queries: `min(etcd_server_has_leader{${ETCD}})`,
      }),
      stat({
        title: "Requests that fail",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "0",
        queries: `${requests(',status="fail"')} / ${requests(',status="total"')}`,
      }),
      stat({
        title: "etcd, used of its quota",
        unit: unit.ratio,
        thresholds: above({ warning: 0.6, critical: 0.8 }),
        queries: `max(etcd_mvcc_db_total_size_in_bytes{${ETCD}} / etcd_server_quota_backend_bytes{${ETCD}})`,
      }),
      restartsStat(PODS),
      volumeStat(PODS),
    ]),
    row("Work", [
      timeseries({
        title: "Requests",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: {
          expr: `topk(10, sum by (function_name) (rate(milvus_proxy_req_count{${ofService},status="total"}[$__rate_interval])))`,
          legend: "{{function_name}}",
        },
      }),
      timeseries({
        title: "Time of a search or query, 95th percentile",
        width: 8,
        unit: unit.milliseconds,
        queries: { expr: quantile(0.95, "milvus_proxy_sq_latency", "query_type"), legend: "{{query_type}}" },
      }),
      timeseries({
        title: "Vectors",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: `sum(rate(milvus_proxy_insert_vectors_count{${ofService}}[$__rate_interval]))`, legend: "inserted" },
          {
            expr: `sum(rate(milvus_proxy_search_vectors_count{${ofService}}[$__rate_interval]))`,
            legend: "searched for",
          },
        ],
      }),
    ]),
    row("Query nodes", [
      timeseries({
        title: "Searches that wait",
        unit: unit.count,
        queries: { expr: `sum by (pod) (milvus_querynode_read_task_unsolved_len{${ofService}})`, legend: "{{pod}}" },
      }),
      timeseries({
        title: "Stored",
        unit: unit.bytes,
        queries: `sum(milvus_datacoord_stored_binlog_size{${ofService}})`,
      }),
    ]),
    row("etcd", [
      timeseries({
        title: "Wait for the disk, 99th percentile",
        width: 24,
        height: 6,
        unit: unit.seconds,
        thresholds: above({ critical: 0.5 }),
        queries: { expr: quantile(0.99, "etcd_disk_wal_fsync_duration_seconds", "pod", ETCD), legend: "{{pod}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
