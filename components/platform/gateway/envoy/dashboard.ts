import {
  above,
  below,
  dashboard,
  none,
  ofService,
  row,
  serviceLogs,
  serviceTraces,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../../kit/dashboards";
import { upStat, workloadRow } from "../../../kit/dashboards/workload-panels";

const PODS = { pods: "(gateway|envoy)-.*" };

/** Routes are clusters to Envoy: `httproute/<namespace>/<name>/rule/0`. */
const ROUTE = "{{envoy_cluster_name}}";

const requests = (matchers = "") =>
  `sum by (envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{${ofService}${matchers}}[$__rate_interval]))`;

const downstream = (matchers = "") =>
  `sum(rate(envoy_http_downstream_rq_xx{${ofService}${matchers}}[$__rate_interval]))`;

const slow = (share: number) =>
  `histogram_quantile(${share}, sum by (envoy_cluster_name, le) (rate(envoy_cluster_upstream_rq_time_bucket{${ofService}}[$__rate_interval])))`;

/** Requests, errors and time of every route through Envoy, and how Envoy itself is. */
export const envoyDashboard = dashboard({
  uid: "gateway",
  title: "Gateway (Envoy)",
  folder: "gateway",
  variables: () => serviceVariables("envoy_http_downstream_rq_xx"),
  rows: [
    top([
      upStat(ofService),
      stat({ title: "Requests", unit: unit.requestsPerSecond, trend: true, queries: downstream() }),
      stat({
        title: "Fail",
        description: "Share of answers of 500 and above.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        noValue: "0",
        queries: `${downstream(',envoy_response_code_class="5"')} / ${downstream()}`,
      }),
      stat({
        title: "99th percentile",
        unit: unit.milliseconds,
        thresholds: above({ warning: 1000, critical: 5000 }),
        queries: `histogram_quantile(0.99, sum by (le) (rate(envoy_http_downstream_rq_time_bucket{${ofService}}[$__rate_interval])))`,
      }),
      stat({
        title: "Backends away",
        unit: unit.count,
        thresholds: none,
        queries: `sum(max by (envoy_cluster_name) (envoy_cluster_membership_total{${ofService}} - envoy_cluster_membership_healthy{${ofService}}))`,
      }),
      stat({
        title: "Next certificate ends in",
        description: "Days.",
        unit: unit.none,
        thresholds: below({ warning: 21, critical: 7 }),
        queries: `min(envoy_server_days_until_first_cert_expiring{${ofService}})`,
      }),
    ]),
    row("Routes", [
      timeseries({
        title: "Requests",
        unit: unit.requestsPerSecond,
        queries: { expr: requests(), legend: ROUTE, exemplar: true },
      }),
      timeseries({
        title: "Failing, of all",
        unit: unit.ratio,
        queries: {
          expr: `${requests(',envoy_response_code_class="5"')} / (${requests()} > 0)`,
          legend: ROUTE,
        },
      }),
      timeseries({
        title: "95th percentile",
        unit: unit.milliseconds,
        queries: { expr: slow(0.95), legend: ROUTE },
      }),
      timeseries({
        title: "Answers, by class",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: {
          expr: `sum by (envoy_response_code_class) (rate(envoy_http_downstream_rq_xx{${ofService}}[$__rate_interval]))`,
          legend: "{{envoy_response_code_class}}xx",
        },
      }),
    ]),
    row("Backends", [
      timeseries({
        title: "Could not connect, timed out, tried again",
        width: 8,
        unit: unit.perSecond,
        queries: ["cx_connect_fail", "rq_timeout", "rq_retry"].map((what) => ({
          expr: `sum(rate(envoy_cluster_upstream_${what}{${ofService}}[$__rate_interval]))`,
          legend: what,
        })),
      }),
      timeseries({
        title: "Traffic with clients",
        width: 8,
        unit: unit.bytesPerSecond,
        queries: [
          { expr: `sum(rate(envoy_http_downstream_cx_rx_bytes_total{${ofService}}[$__rate_interval]))`, legend: "in" },
          { expr: `sum(rate(envoy_http_downstream_cx_tx_bytes_total{${ofService}}[$__rate_interval]))`, legend: "out" },
        ],
      }),
      timeseries({
        title: "TLS that fails",
        width: 8,
        unit: unit.perSecond,
        queries: `sum(rate(envoy_listener_ssl_connection_error{${ofService}}[$__rate_interval]))`,
      }),
    ]),
    workloadRow(PODS),
    row("Logs and traces", [serviceLogs(), serviceTraces()], { collapsed: true }),
  ],
});
