import type { AlertCase, AreaCases, RecordingCase, Series } from "./case";

const envoy = (statusClass: number, route = "shop") =>
  `envoy_cluster_upstream_rq_xx{service="gateway",pod="p",envoy_cluster_name="httproute/apps/${route}/rule/0",envoy_response_code_class="${statusClass}"}`;
const nginx = (status: number) =>
  `nginx_ingress_controller_requests{service="gateway",ingress="shop",status="${status}"}`;
const istio = (code: number) =>
  `istio_requests_total{service="gateway",reporter="source",destination_service_name="shop",response_code="${code}"}`;

/** Each minute 6000 requests, so many of which fail, for as many minutes. */
const failing = (errors: number, minutes: number): Series => ({
  [envoy(2)]: `0+${6000 - errors}x${minutes}`,
  [envoy(5)]: `0+${errors}x${minutes}`,
});

const shop = { route: "shop" };
const sample = (value: number) => [{ labels: shop, value }];

/** Ten minutes with 12 errors in 6000 requests: two in a thousand. */
const steady = failing(12, 10);

const ratio = (window: string): RecordingCase => ({
  record: `route:error_ratio:rate${window}`,
  series: steady,
  minute: 10,
  samples: sample(0.002),
});

const bucket = (le: string) =>
  `envoy_cluster_upstream_rq_time_bucket{service="gateway",envoy_cluster_name="httproute/apps/shop/rule/0",le="${le}"}`;

const recordings: readonly RecordingCase[] = [
  { record: "route:objective:ratio", series: steady, minute: 5, samples: [{ labels: {}, value: 0.999 }] },
  { record: "route:requests:rate5m", series: steady, minute: 10, samples: sample(100) },
  { record: "route:errors:rate5m", series: { [envoy(2)]: "0+600x10" }, minute: 10, samples: sample(0) },
  { record: "route:errors:increase1h", series: steady, minute: 10, samples: sample(120) },
  ...["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map(ratio),
  {
    record: "route:latency_seconds:p99_rate5m",
    series: { [bucket("1000")]: "0+60x10", [bucket("2000")]: "0+120x10", [bucket("+Inf")]: "0+120x10" },
    minute: 10,
    samples: sample(1.98),
  },
];

/** Beside each other: a burn that goes on, one that is over, and one that is too small for the rate. */
const budgetCases: readonly AlertCase[] = [
  {
    alert: "RouteBurnsBudgetFast",
    // 2 of 100 fail: twenty times what 99.9 allows.
    fires: { series: failing(120, 20), minute: 15, labels: shop },
    quiet: [
      // 12 times.
      { series: failing(72, 20), minute: 15 },
      // All of five requests.
      { series: { [envoy(5)]: "0+1x5 5x10" }, minute: 8 },
    ],
  },
  {
    alert: "RouteBurnsBudget",
    fires: { series: failing(42, 40), minute: 35, labels: shop },
    // It was bad for ten minutes, and is over: the six hours still show it, the half an hour does not.
    quiet: { series: { [envoy(2)]: "0+6000x80", [envoy(5)]: "0+1200x10 12000x70" }, minute: 70 },
  },
  {
    alert: "RouteBurnsBudgetSlowly",
    fires: { series: failing(9, 90), minute: 80, labels: shop },
    quiet: { series: failing(5, 90), minute: 80 },
  },
];

const membership = (what: string) =>
  `envoy_cluster_membership_${what}{envoy_cluster_name="httproute/apps/shop/rule/0"}`;

export const gatewayCases: AreaCases = {
  area: "gateway",
  recordings,
  alerts: [
    ...budgetCases,
    {
      alert: "GatewayNotSeen",
      fires: { series: { 'up{service="gateway",pod="a"}': "0x10" }, minute: 8, labels: {} },
      quiet: {
        series: { 'up{service="gateway",pod="a"}': "0x10", 'up{service="gateway",pod="b"}': "1x10" },
        minute: 8,
      },
    },
    {
      alert: "GatewayErrors",
      fires: { series: { [nginx(200)]: "0+90x20", [nginx(502)]: "0+10x20" }, minute: 15, labels: {} },
      quiet: { series: { [istio(200)]: "0+97x20", [istio(503)]: "0+3x20" }, minute: 15 },
    },
    {
      alert: "RouteSlow",
      fires: {
        series: { [bucket("5000")]: "0+90x30", [bucket("10000")]: "0+100x30", [bucket("+Inf")]: "0+100x30" },
        minute: 25,
        labels: shop,
      },
      quiet: {
        series: { [bucket("1000")]: "0+90x30", [bucket("5000")]: "0+100x30", [bucket("+Inf")]: "0+100x30" },
        minute: 25,
      },
    },
    {
      alert: "RouteBackendsUnhealthy",
      fires: {
        series: { [membership("healthy")]: "0x10", [membership("total")]: "2x10" },
        minute: 8,
        labels: { envoy_cluster_name: "httproute/apps/shop/rule/0" },
      },
      quiet: { series: { [membership("healthy")]: "1x10", [membership("total")]: "2x10" }, minute: 8 },
    },
  ],
};
