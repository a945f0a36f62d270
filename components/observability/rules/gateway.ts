import type { Recording, Signal, Signals } from "../../kit/signals";

/** What the settings promise of each route: the one recording whose expression depends on them. */
export const ROUTE_OBJECTIVE = "route:objective:ratio";

/** The expression of the recording above. */
export function objectiveExpression(objectivePercent: number): string {
  // Not 0.9990000000000001: a percentage of three decimals has five as a ratio.
  return `vector(${Number((objectivePercent / 100).toFixed(5))})`;
}

/** Each gateway names a route in its own way; here it is the route's name. */
const named = (rate: string, label: string, pattern: string) =>
  `label_replace(${rate}, "route", "$1", "${label}", "${pattern}")`;

interface Counters {
  readonly envoy: string;
  readonly nginx: string;
  readonly istio: string;
}

/** The counters of all three kinds of gateway; of the two that are not there, there is nothing. */
function byRoute({ envoy, nginx, istio }: Counters, of: (counter: string) => string): string {
  const each = [
    named(of(envoy), "envoy_cluster_name", "[^/]+/[^/]+/([^/]+)/.*"),
    named(of(nginx), "ingress", "(.+)"),
    named(of(istio), "destination_service_name", "(.+)"),
  ];
  return `sum by (route) (${each.join(" or ")})`;
}

const rate = (counter: string) => `rate(${counter}[5m])`;

const ENVOY_ROUTES = 'envoy_cluster_name=~"(http|grpc)route/.+"';
const ISTIO_GATEWAY = 'reporter="source",service="gateway"';

const requests: Counters = {
  envoy: `envoy_cluster_upstream_rq_xx{${ENVOY_ROUTES}}`,
  nginx: 'nginx_ingress_controller_requests{ingress!=""}',
  istio: `istio_requests_total{${ISTIO_GATEWAY}}`,
};
const errors: Counters = {
  envoy: `envoy_cluster_upstream_rq_xx{${ENVOY_ROUTES},envoy_response_code_class="5"}`,
  nginx: 'nginx_ingress_controller_requests{ingress!="",status=~"5.."}',
  istio: `istio_requests_total{${ISTIO_GATEWAY},response_code=~"5.."}`,
};

const quantile = (buckets: string) => `histogram_quantile(0.99, sum by (route, le) (${buckets}))`;

/** Seconds in which 99 of 100 requests are answered: Envoy and Istio count milliseconds. */
const latency = [
  `${quantile(named(`rate(envoy_cluster_upstream_rq_time_bucket{${ENVOY_ROUTES}}[5m])`, "envoy_cluster_name", "[^/]+/[^/]+/([^/]+)/.*"))} / 1000`,
  quantile(named('rate(nginx_ingress_controller_request_duration_seconds_bucket{ingress!=""}[5m])', "ingress", "(.+)")),
  `${quantile(named(`rate(istio_request_duration_milliseconds_bucket{${ISTIO_GATEWAY}}[5m])`, "destination_service_name", "(.+)"))} / 1000`,
].join(" or ");

const WINDOWS = ["30m", "1h", "2h", "6h", "1d", "3d"] as const;

const recordings: readonly Recording[] = [
  { name: ROUTE_OBJECTIVE, expression: objectiveExpression(99.9) },
  { name: "route:requests:rate5m", expression: byRoute(requests, rate) },
  // A route that never failed has no series of errors: it has none of them, and not an unknown number.
  { name: "route:errors:rate5m", expression: `${byRoute(errors, rate)} or route:requests:rate5m * 0` },
  { name: "route:errors:increase1h", expression: byRoute(errors, (counter) => `increase(${counter}[1h])`) },
  { name: "route:error_ratio:rate5m", expression: "route:errors:rate5m / (route:requests:rate5m > 0)" },
  ...WINDOWS.map((window) => ({
    name: `route:error_ratio:rate${window}`,
    expression: `avg_over_time(route:errors:rate5m[${window}]) / (avg_over_time(route:requests:rate5m[${window}]) > 0)`,
  })),
  { name: "route:latency_seconds:p99_rate5m", expression: latency },
];

/** A burn rate of 1 spends the budget of 30 days in 30 days. Both windows: it is much, and it is so still. */
function burns(rate: number, long: string, short: string): string {
  const limit = `${rate} * (1 - scalar(${ROUTE_OBJECTIVE}))`;
  return `route:error_ratio:rate${long} > ${limit} and route:error_ratio:rate${short} > ${limit}`;
}

/** With a handful of requests one error is a large share: fewer than ten errors in an hour wake nobody. */
const ENOUGH = "and route:errors:increase1h > 10";

const budgetSignals: readonly Signal[] = [
  {
    name: "RouteBurnsBudgetFast",
    severity: "critical",
    expression: `(${burns(14.4, "1h", "5m")}) ${ENOUGH}`,
    forMinutes: 2,
    summary: "A route fails so often that its errors of a month are spent within two days.",
  },
  {
    name: "RouteBurnsBudget",
    severity: "critical",
    expression: `(${burns(6, "6h", "30m")}) ${ENOUGH}`,
    forMinutes: 15,
    summary: "A route fails so often that its errors of a month are spent within five days.",
  },
  {
    name: "RouteBurnsBudgetSlowly",
    severity: "warning",
    expression: `(${burns(3, "1d", "2h")}) or (${burns(1, "3d", "6h")})`,
    forMinutes: 60,
    summary: "A route fails more often than its objective allows, if it goes on.",
  },
];

/** The way in: what each route answers, and how long that takes. */
export const gatewaySignals: Signals = {
  area: "gateway",
  metrics: [
    "envoy_cluster_membership_healthy",
    "envoy_cluster_membership_total",
    "envoy_cluster_upstream_rq_time_bucket",
    "envoy_cluster_upstream_rq_xx",
    "istio_request_duration_milliseconds_bucket",
    "istio_requests_total",
    "nginx_ingress_controller_request_duration_seconds_bucket",
    "nginx_ingress_controller_requests",
    "up",
  ],
  recordings,
  signals: [
    ...budgetSignals,
    {
      name: "GatewayNotSeen",
      severity: "critical",
      expression: 'absent(up{service="gateway"} == 1)',
      forMinutes: 5,
      summary: "No pod of the gateway answers: nothing in the cluster is reached from outside.",
    },
    {
      name: "GatewayErrors",
      severity: "warning",
      expression: "sum(route:errors:rate5m) / sum(route:requests:rate5m) > 0.05 and sum(route:errors:rate5m) > 0.1",
      forMinutes: 5,
      summary: "More than 5 of 100 requests through the gateway fail, over all routes.",
    },
    {
      name: "RouteSlow",
      severity: "warning",
      expression: "route:latency_seconds:p99_rate5m > 5",
      forMinutes: 15,
      summary: "One in a hundred requests of a route takes longer than five seconds.",
    },
    {
      name: "RouteBackendsUnhealthy",
      severity: "warning",
      expression: `envoy_cluster_membership_healthy{${ENVOY_ROUTES}} == 0 and envoy_cluster_membership_total{${ENVOY_ROUTES}} > 0`,
      forMinutes: 5,
      summary: "Envoy holds none of a route's pods for healthy.",
    },
  ],
};
