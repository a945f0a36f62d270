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
import { restartsStat, upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "qdrant-.*", claims: ".*qdrant.*" };

const perSecond = (metric: string, by: string, matchers = "") =>
  `sum by (${by}) (rate(${metric}{${ofService}${matchers}}[$__rate_interval]))`;

/** Of the slowest five. */
const slow = (metric: string, by: string) =>
  `topk(5, histogram_quantile(0.95, ${perSecond(`${metric}_bucket`, `${by}, le`)}))`;

/** Whether Qdrant's members agree, what they are asked, and how much they hold. */
export const qdrantDashboard = dashboard({
  uid: "qdrant",
  title: "Qdrant",
  folder: "data",
  variables: () => serviceVariables("app_status_recovery_mode"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Members away",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `max(cluster_peers_total{${ofService}}) - count(app_info{${ofService}})`,
      }),
      stat({
        title: "Changes that wait",
        unit: unit.count,
        thresholds: above({ warning: 1, critical: 10 }),
        noValue: "0",
        queries: `max(cluster_pending_operations_total{${ofService}})`,
      }),
      stat({
        title: "Requests that fail",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "0",
        queries: `sum(rate(rest_responses_total{${ofService},status=~"5.."}[$__rate_interval])) / sum(rate(rest_responses_total{${ofService}}[$__rate_interval]))`,
      }),
      restartsStat(PODS),
      volumeStat(PODS),
    ]),
    row("Work", [
      timeseries({
        title: "REST",
        unit: unit.requestsPerSecond,
        queries: {
          expr: `topk(10, ${perSecond("rest_responses_total", "method, endpoint")})`,
          legend: "{{method}} {{endpoint}}",
        },
      }),
      timeseries({
        title: "gRPC",
        unit: unit.requestsPerSecond,
        queries: { expr: `topk(10, ${perSecond("grpc_responses_total", "endpoint")})`, legend: "{{endpoint}}" },
      }),
      timeseries({
        title: "REST: time of an answer, 95th percentile",
        unit: unit.seconds,
        queries: {
          expr: slow("rest_responses_duration_seconds", "method, endpoint"),
          legend: "{{method}} {{endpoint}}",
        },
      }),
      timeseries({
        title: "gRPC: time of an answer, 95th percentile",
        unit: unit.seconds,
        queries: {
          expr: slow("grpc_responses_duration_seconds", "endpoint"),
          legend: "{{endpoint}}",
        },
      }),
    ]),
    row("What it holds", [
      timeseries({
        title: "Requests that fail",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: perSecond("rest_responses_total", "endpoint", ',status=~"5.."'), legend: "{{endpoint}}" },
          { expr: perSecond("grpc_responses_total", "endpoint", ',status!="0"'), legend: "gRPC {{endpoint}}" },
        ],
      }),
      timeseries({
        title: "Vectors",
        width: 8,
        unit: unit.count,
        queries: { expr: `max by (pod) (collections_vector_total{${ofService}})`, legend: "{{pod}}" },
      }),
      timeseries({
        title: "Memory of the process",
        width: 8,
        unit: unit.bytes,
        queries: { expr: `max by (pod) (memory_resident_bytes{${ofService}})`, legend: "{{pod}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
