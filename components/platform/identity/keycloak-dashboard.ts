import {
  above,
  dashboard,
  ofService,
  row,
  serviceLogs,
  serviceTraces,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "keycloak-.*" };

const requests = (matchers = "") =>
  `sum(rate(http_server_requests_seconds_count{${ofService}${matchers}}[$__rate_interval]))`;

const byPod = (metric: string) => ({ expr: `sum by (pod) (${metric}{${ofService}})`, legend: "{{pod}}" });

/** Whether people can sign in with Keycloak, and how hard it works. */
export const keycloakDashboard = dashboard({
  uid: "identity-keycloak",
  title: "Identity (Keycloak)",
  folder: "platform",
  variables: () => serviceVariables("keycloak_credentials_password_hashing_validations_total"),
  rows: [
    top([
      upStat(ofService),
      stat({ title: "Requests", unit: unit.requestsPerSecond, trend: true, queries: requests() }),
      stat({
        title: "Fail",
        description: "Share of answers of 500 and above.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        noValue: "0",
        queries: `${requests(',status=~"5.."')} / ${requests()}`,
      }),
      stat({
        title: "Wrong passwords, 1 h",
        unit: unit.count,
        decimals: 0,
        thresholds: above({ warning: 50, critical: 500 }),
        noValue: "0",
        queries: `sum(increase(keycloak_credentials_password_hashing_validations_total{${ofService},outcome="invalid"}[1h]))`,
      }),
      stat({
        title: "Waiting for the database",
        unit: unit.count,
        thresholds: above({ warning: 1, critical: 10 }),
        queries: `sum(agroal_awaiting_count{${ofService}})`,
      }),
      restartsStat(PODS),
    ]),
    row("Requests", [
      timeseries({
        title: "Requests",
        unit: unit.requestsPerSecond,
        queries: {
          expr: `topk(10, sum by (uri) (rate(http_server_requests_seconds_count{${ofService}}[$__rate_interval])))`,
          legend: "{{uri}}",
        },
      }),
      timeseries({
        title: "Time of an answer",
        description: "Mean.",
        unit: unit.seconds,
        queries: {
          expr: `topk(10, sum by (uri) (rate(http_server_requests_seconds_sum{${ofService}}[$__rate_interval])) / (sum by (uri) (rate(http_server_requests_seconds_count{${ofService}}[$__rate_interval])) > 0))`,
          legend: "{{uri}}",
        },
      }),
      timeseries({
        title: "Answers",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: {
          expr: `sum by (outcome) (rate(http_server_requests_seconds_count{${ofService}}[$__rate_interval]))`,
          legend: "{{outcome}}",
        },
      }),
      timeseries({
        title: "Passwords",
        unit: unit.perSecond,
        queries: {
          expr: `sum by (realm, outcome) (rate(keycloak_credentials_password_hashing_validations_total{${ofService}}[$__rate_interval]))`,
          legend: "{{realm}}: {{outcome}}",
        },
      }),
    ]),
    row("Inside", [
      timeseries({ title: "Requests now", width: 8, unit: unit.count, queries: byPod("http_server_active_requests") }),
      timeseries({
        title: "Connections to the database",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `sum(agroal_active_count{${ofService}})`, legend: "in use" },
          { expr: `sum(agroal_available_count{${ofService}})`, legend: "at rest" },
          { expr: `sum(agroal_awaiting_count{${ofService}})`, legend: "waited for" },
        ],
      }),
      timeseries({
        title: "Heap, of its most",
        width: 8,
        unit: unit.ratio,
        queries: {
          expr: `sum by (pod) (jvm_memory_used_bytes{${ofService},area="heap"}) / sum by (pod) (jvm_memory_max_bytes{${ofService},area="heap"} > 0)`,
          legend: "{{pod}}",
        },
      }),
    ]),
    workloadRow(PODS),
    row("Logs and traces", [serviceLogs(), serviceTraces()], { collapsed: true }),
  ],
});
