import {
  above,
  dashboard,
  inCluster,
  ofService,
  row,
  serviceLogs,
  serviceTraces,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../kit/dashboards/workload-panels";

const PODS = { pods: "n8n-.*" };

/** What the gateway calls its routes. */
const ROUTE = `${inCluster},route=~"n8n.*"`;

const executions = (by: string, matchers = "") =>
  `sum by (${by}) (rate(n8n_workflow_execution_duration_seconds_count{${ofService}${matchers}}[$__rate_interval]))`;

const day = (matchers = "") =>
  `sum(increase(n8n_workflow_execution_duration_seconds_count{${ofService}${matchers}}[24h]))`;

const slow = (share: number) => ({
  expr: `histogram_quantile(${share}, sum by (mode, le) (rate(n8n_workflow_execution_duration_seconds_bucket{${ofService}}[$__rate_interval])))`,
  legend: `{{mode}} ${share * 100} %`,
});

/** Whether workflows run and succeed, and how hard n8n works. */
export const n8nDashboard = dashboard({
  uid: "n8n",
  title: "n8n",
  folder: "applications",
  variables: () => serviceVariables("n8n_version_info"),
  rows: [
    top([
      upStat(ofService),
      stat({ title: "Active workflows", unit: unit.count, queries: `max(n8n_active_workflow_count{${ofService}})` }),
      stat({ title: "Executions, 24 h", unit: unit.count, decimals: 0, noValue: "0", queries: day() }),
      stat({
        title: "Failed, of all, 24 h",
        unit: unit.ratio,
        thresholds: above({ warning: 0.05, critical: 0.25 }),
        noValue: "0",
        queries: `${day(',status="failed"')} / ${day()}`,
      }),
      stat({
        title: "Event loop late",
        description: "Above a second, n8n hardly answers.",
        unit: unit.seconds,
        thresholds: above({ warning: 0.2, critical: 1 }),
        queries: `max(n8n_nodejs_eventloop_lag_p99_seconds{${ofService}})`,
      }),
      restartsStat(PODS),
    ]),
    row("Requests", [
      timeseries({
        title: "Requests",
        description: "Through the gateway, by route.",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: { expr: `sum by (route) (route:requests:rate5m{${ROUTE}})`, legend: "{{route}}" },
      }),
      timeseries({
        title: "Failing, of all",
        width: 8,
        unit: unit.ratio,
        queries: { expr: `max by (route) (route:error_ratio:rate5m{${ROUTE}})`, legend: "{{route}}" },
      }),
      timeseries({
        title: "99th percentile",
        width: 8,
        unit: unit.seconds,
        queries: { expr: `max by (route) (route:latency_seconds:p99_rate5m{${ROUTE}})`, legend: "{{route}}" },
      }),
    ]),
    row("Workflows", [
      timeseries({
        title: "Executions",
        width: 8,
        unit: unit.perSecond,
        queries: { expr: executions("mode"), legend: "{{mode}}" },
      }),
      timeseries({
        title: "Executions that fail",
        width: 8,
        unit: unit.perSecond,
        queries: { expr: executions("mode", ',status="failed"'), legend: "{{mode}}" },
      }),
      timeseries({
        title: "Time of an execution",
        width: 8,
        unit: unit.seconds,
        queries: [slow(0.5), slow(0.95)],
      }),
    ]),
    row("Process", [
      timeseries({
        title: "Event loop late, 99th percentile",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `max by (pod) (n8n_nodejs_eventloop_lag_p99_seconds{${ofService}})`,
          legend: "{{pod}}",
        },
      }),
      timeseries({
        title: "Heap",
        width: 8,
        unit: unit.bytes,
        queries: [
          { expr: `sum by (pod) (n8n_nodejs_heap_size_used_bytes{${ofService}})`, legend: "{{pod}}: used" },
          { expr: `sum by (pod) (n8n_nodejs_heap_size_total_bytes{${ofService}})`, legend: "{{pod}}: all" },
        ],
      }),
      timeseries({
        title: "Connections to the database",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `sum(n8n_db_pool_connections_active{${ofService}})`, legend: "in use" },
          { expr: `sum(n8n_db_pool_requests_pending{${ofService}})`, legend: "waited for" },
        ],
      }),
    ]),
    workloadRow(PODS),
    row("Logs and traces", [serviceLogs(), serviceTraces()], { collapsed: true }),
  ],
});
