import {
  above,
  dashboard,
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

const PODS = { pods: "authentik-.*" };

const requests = (by: string) =>
  `sum by (${by}) (rate(authentik_main_request_duration_seconds_count{${ofService}}[$__rate_interval]))`;

const mean = (metric: string, by: string) =>
  `sum by (${by}) (rate(${metric}_sum{${ofService}}[$__rate_interval])) / (sum by (${by}) (rate(${metric}_count{${ofService}}[$__rate_interval])) > 0)`;

const statuses = (matchers = "") =>
  `sum(rate(django_http_responses_total_by_status_total{${ofService}${matchers}}[$__rate_interval]))`;

/** Whether people can sign in with authentik, and how hard it works. */
export const authentikDashboard = dashboard({
  uid: "identity-authentik",
  title: "Identity (authentik)",
  folder: "platform",
  variables: () => serviceVariables("authentik_main_request_duration_seconds_count"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Requests",
        unit: unit.requestsPerSecond,
        trend: true,
        queries: `sum(rate(authentik_main_request_duration_seconds_count{${ofService}}[$__rate_interval]))`,
      }),
      stat({
        title: "Fail",
        description: "Share of answers of 500 and above.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        noValue: "0",
        queries: `${statuses(',status=~"5.."')} / ${statuses()}`,
      }),
      stat({
        title: "99th percentile",
        unit: unit.seconds,
        thresholds: above({ warning: 1, critical: 5 }),
        queries: `histogram_quantile(0.99, sum by (le) (rate(authentik_main_request_duration_seconds_bucket{${ofService}}[$__rate_interval])))`,
      }),
      stat({
        title: "Exceptions, 1 h",
        unit: unit.count,
        decimals: 0,
        thresholds: above({ warning: 1, critical: 50 }),
        noValue: "0",
        queries: `sum(increase(django_http_exceptions_total_by_type_total{${ofService}}[1h]))`,
      }),
      restartsStat(PODS),
    ]),
    row("Requests", [
      timeseries({
        title: "Requests, by what they are for",
        unit: unit.requestsPerSecond,
        queries: { expr: requests("dest"), legend: "{{dest}}" },
      }),
      timeseries({
        title: "Answers, by status",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: {
          expr: `sum by (status) (rate(django_http_responses_total_by_status_total{${ofService}}[$__rate_interval]))`,
          legend: "{{status}}",
        },
      }),
      timeseries({
        title: "Time of a step of signing in",
        description: "Mean.",
        unit: unit.seconds,
        queries: { expr: mean("authentik_flows_execution_stage_time", "stage_type"), legend: "{{stage_type}}" },
      }),
      timeseries({
        title: "Time of a policy",
        description: "Mean.",
        unit: unit.seconds,
        queries: { expr: mean("authentik_policies_execution_time", "mode"), legend: "{{mode}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
