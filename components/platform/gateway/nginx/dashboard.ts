import {
  above,
  dashboard,
  healthy,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../../kit/dashboards";
import { upStat, workloadRow } from "../../../kit/dashboards/workload-panels";

const PODS = { pods: "(gateway|ingress-nginx)-.*" };

const requests = (by: string, matchers = "") =>
  `sum by (${by}) (rate(nginx_ingress_controller_requests{${ofService}${matchers}}[$__rate_interval]))`;

const all = (matchers = "") =>
  `sum(rate(nginx_ingress_controller_requests{${ofService}${matchers}}[$__rate_interval]))`;

const slow = (share: number, by = "") =>
  `histogram_quantile(${share}, sum by (${by}le) (rate(nginx_ingress_controller_request_duration_seconds_bucket{${ofService}}[$__rate_interval])))`;

/** Requests, errors and time of every route through nginx, and how nginx itself is. */
export const nginxDashboard = dashboard({
  uid: "gateway-nginx",
  title: "Gateway (nginx)",
  folder: "gateway",
  variables: () => serviceVariables("nginx_ingress_controller_config_last_reload_successful"),
  rows: [
    top([
      upStat(ofService),
      stat({ title: "Requests", unit: unit.requestsPerSecond, trend: true, queries: all() }),
      stat({
        title: "Fail",
        description: "Share of answers of 500 and above.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        noValue: "0",
        queries: `${all(',status=~"5.."')} / ${all()}`,
      }),
      stat({
        title: "99th percentile",
        unit: unit.seconds,
        thresholds: above({ warning: 1, critical: 5 }),
        queries: slow(0.99),
      }),
      stat({
        title: "Configuration",
        unit: unit.none,
        words: { 0: "refused", 1: "taken" },
        thresholds: healthy,
        queries: `min(nginx_ingress_controller_config_last_reload_successful{${ofService}})`,
      }),
      stat({
        title: "Next certificate ends",
        unit: unit.ago,
        queries: `1000 * min(nginx_ingress_controller_ssl_expire_time_seconds{${ofService}} > 0)`,
      }),
    ]),
    row("Routes", [
      timeseries({
        title: "Requests",
        unit: unit.requestsPerSecond,
        queries: { expr: requests("host, ingress"), legend: "{{host}}" },
      }),
      timeseries({
        title: "Failing, of all",
        unit: unit.ratio,
        queries: {
          expr: `${requests("host", ',status=~"5.."')} / (${requests("host")} > 0)`,
          legend: "{{host}}",
        },
      }),
      timeseries({
        title: "95th percentile",
        unit: unit.seconds,
        queries: { expr: slow(0.95, "host, "), legend: "{{host}}" },
      }),
      timeseries({
        title: "Answers, by status",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: { expr: requests("status"), legend: "{{status}}" },
      }),
    ]),
    row("nginx", [
      timeseries({
        title: "Wait for the service behind it, 95th percentile",
        unit: unit.seconds,
        queries: {
          expr: `histogram_quantile(0.95, sum by (host, le) (rate(nginx_ingress_controller_response_duration_seconds_bucket{${ofService}}[$__rate_interval])))`,
          legend: "{{host}}",
        },
      }),
      timeseries({
        title: "Connections",
        unit: unit.count,
        queries: {
          expr: `sum by (state) (nginx_ingress_controller_nginx_process_connections{${ofService}})`,
          legend: "{{state}}",
        },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
