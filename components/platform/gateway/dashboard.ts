import {
  above,
  below,
  clusterVariable,
  dashboard,
  inCluster,
  row,
  stat,
  table,
  timeseries,
  top,
  unit,
  variable,
} from "../../kit/dashboards";

/** By the recordings of the gateway's alerts, which are the same for each kind of gateway. */
const ROUTE = `${inCluster},route=~"$route"`;

const OBJECTIVE = `scalar(max(route:objective:ratio{${inCluster}}))`;

const LEFT = `1 - route:error_ratio:rate3d{${ROUTE}} / (1 - ${OBJECTIVE})`;

const byRoute = (recording: string) => ({ expr: `max by (route) (${recording}{${ROUTE}})`, legend: "{{route}}" });

/** What is promised of each route, and what becomes of it: the same for Envoy, nginx and Istio. */
export const routesDashboard = dashboard({
  uid: "routes",
  title: "Routes",
  folder: "gateway",
  range: "24h",
  variables: () => [
    clusterVariable("route:requests:rate5m"),
    variable("route", "route", `route:requests:rate5m{${inCluster}}`),
  ],
  rows: [
    top([
      stat({
        title: "Addresses that answer",
        description: "Asked from inside, through the gateway.",
        unit: unit.ratio,
        thresholds: below({ warning: 1, critical: 0.9 }),
        queries: `avg(probe_success{${inCluster}})`,
      }),
      stat({
        title: "Promised",
        unit: unit.ratio,
        decimals: 3,
        queries: `max(route:objective:ratio{${inCluster}})`,
      }),
      stat({
        title: "Requests",
        unit: unit.requestsPerSecond,
        trend: true,
        queries: `sum(route:requests:rate5m{${ROUTE}})`,
      }),
      stat({
        title: "Fail",
        unit: unit.ratio,
        decimals: 2,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        noValue: "0",
        queries: `sum(route:errors:rate5m{${ROUTE}}) / sum(route:requests:rate5m{${ROUTE}})`,
      }),
      stat({
        title: "Slowest route, 99th percentile",
        unit: unit.seconds,
        thresholds: above({ warning: 1, critical: 5 }),
        queries: `max(route:latency_seconds:p99_rate5m{${ROUTE}})`,
      }),
      stat({
        title: "Next certificate ends",
        unit: unit.ago,
        queries: `1000 * min(probe_ssl_earliest_cert_expiry{${inCluster}} > 0)`,
      }),
    ]),
    row("What is left of what may fail", [
      table({
        title: "Routes",
        height: 9,
        by: { route: "Route" },
        columns: [
          { title: "Requests", expr: byRoute("route:requests:rate5m").expr, unit: unit.requestsPerSecond },
          { title: "Fail, 5 min", expr: byRoute("route:error_ratio:rate5m").expr, unit: unit.ratio, decimals: 3 },
          { title: "Fail, 3 days", expr: byRoute("route:error_ratio:rate3d").expr, unit: unit.ratio, decimals: 3 },
          {
            title: "Left, of 3 days",
            expr: `max by (route) (${LEFT})`,
            unit: unit.ratio,
            decimals: 1,
            thresholds: below({ warning: 0.5, critical: 0.1 }),
          },
          { title: "99th percentile", expr: byRoute("route:latency_seconds:p99_rate5m").expr, unit: unit.seconds },
        ],
        sortBy: "Fail, 3 days",
      }),
      timeseries({
        title: "How fast it is used up",
        description: "1 is as fast as may be in 30 days; the alerts begin at 14.4 in an hour and 6 in six.",
        unit: unit.count,
        thresholds: above({ warning: 6, critical: 14.4 }),
        queries: {
          expr: `max by (route) (route:error_ratio:rate1h{${ROUTE}}) / (1 - ${OBJECTIVE})`,
          legend: "{{route}}",
        },
      }),
      timeseries({
        title: "Failing, of all",
        unit: unit.ratio,
        queries: byRoute("route:error_ratio:rate5m"),
      }),
    ]),
    row("Load and time", [
      timeseries({ title: "Requests", unit: unit.requestsPerSecond, queries: byRoute("route:requests:rate5m") }),
      timeseries({
        title: "99th percentile",
        unit: unit.seconds,
        queries: byRoute("route:latency_seconds:p99_rate5m"),
      }),
    ]),
    row("Seen from outside", [
      timeseries({
        title: "Addresses that do not answer",
        width: 8,
        unit: unit.count,
        queries: { expr: `count by (instance) (probe_success{${inCluster}} == 0)`, legend: "{{instance}}" },
      }),
      timeseries({
        title: "Time of an answer",
        width: 8,
        unit: unit.seconds,
        queries: { expr: `max by (instance) (probe_duration_seconds{${inCluster}})`, legend: "{{instance}}" },
      }),
      timeseries({
        title: "Where the time goes",
        description: "Mean of all addresses.",
        width: 8,
        unit: unit.seconds,
        stack: true,
        queries: {
          expr: `avg by (phase) (probe_http_duration_seconds{${inCluster}})`,
          legend: "{{phase}}",
        },
      }),
    ]),
  ],
});
