import {
  above,
  dashboard,
  inCluster,
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

const PODS = { pods: "gateway-.*" };

const requests = (by: string, matchers = "") =>
  `sum by (${by}) (rate(istio_requests_total{${ofService}${matchers}}[$__rate_interval]))`;

const all = (matchers = "") => `sum(rate(istio_requests_total{${ofService}${matchers}}[$__rate_interval]))`;

const slow = (share: number, by = "") =>
  `histogram_quantile(${share}, sum by (${by}le) (rate(istio_request_duration_milliseconds_bucket{${ofService}}[$__rate_interval])))`;

const TO = "destination_service_name";

/** Requests, errors and time of every service behind Istio's gateway, and how Istio itself is. */
export const istioDashboard = dashboard({
  uid: "gateway-istio",
  title: "Gateway (Istio)",
  folder: "gateway",
  variables: () => serviceVariables("istio_requests_total"),
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
        queries: `${all(',response_code=~"5.."')} / ${all()}`,
      }),
      stat({
        title: "99th percentile",
        unit: unit.milliseconds,
        thresholds: above({ warning: 1000, critical: 5000 }),
        queries: slow(0.99),
      }),
      stat({
        title: "Proxies that are told",
        unit: unit.count,
        queries: `sum(pilot_xds{${inCluster}})`,
      }),
      stat({
        title: "Configuration refused",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `sum(increase(pilot_total_xds_rejects{${inCluster}}[1h]))`,
      }),
    ]),
    row("Services behind it", [
      timeseries({
        title: "Requests",
        unit: unit.requestsPerSecond,
        queries: { expr: requests(TO), legend: `{{${TO}}}` },
      }),
      timeseries({
        title: "Failing, of all",
        unit: unit.ratio,
        queries: {
          expr: `${requests(TO, ',response_code=~"5.."')} / (${requests(TO)} > 0)`,
          legend: `{{${TO}}}`,
        },
      }),
      timeseries({
        title: "95th percentile",
        unit: unit.milliseconds,
        queries: { expr: slow(0.95, `${TO}, `), legend: `{{${TO}}}` },
      }),
      timeseries({
        title: "Answers, by code and flags",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: { expr: requests("response_code, response_flags"), legend: "{{response_code}} {{response_flags}}" },
      }),
    ]),
    row("Control plane", [
      timeseries({
        title: "Until a change has reached the proxies, 99th percentile",
        unit: unit.seconds,
        queries: `histogram_quantile(0.99, sum by (le) (rate(pilot_proxy_convergence_time_bucket{${inCluster}}[$__rate_interval])))`,
      }),
      timeseries({
        title: "Changes sent",
        unit: unit.perSecond,
        queries: { expr: `sum by (type) (rate(pilot_xds_pushes{${inCluster}}[$__rate_interval]))`, legend: "{{type}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs and traces", [serviceLogs(), serviceTraces()], { collapsed: true }),
  ],
});
