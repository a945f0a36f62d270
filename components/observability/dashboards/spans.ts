import { ofService, type Panel, timeseries, unit } from "../../kit/dashboards";

/** What Tempo makes of spans: of servers and of those that take messages, not of callers. */
const SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"';
const FAILED = 'status_code="STATUS_CODE_ERROR"';

export const spanRate = (by: string, matchers: string) =>
  `sum by (${by}) (rate(traces_spanmetrics_calls_total{${matchers},${SERVED}}[$__rate_interval]))`;

export const spanErrors = (by: string, matchers: string) =>
  `sum by (${by}) (rate(traces_spanmetrics_calls_total{${matchers},${SERVED},${FAILED}}[$__rate_interval])) / ${spanRate(by, matchers)}`;

export const spanLatency = (by: string, matchers: string, quantile = 0.95) =>
  `histogram_quantile(${quantile}, sum by (le, ${by}) (rate(traces_spanmetrics_latency_bucket{${matchers},${SERVED}}[$__rate_interval])))`;

/** Requests, errors and time, as traces have them; points in the last one lead to a trace. */
export const requestPanels = (by: string, matchers = ofService): Panel[] => [
  timeseries({
    title: "Requests",
    width: 8,
    unit: unit.requestsPerSecond,
    queries: { expr: spanRate(by, matchers), legend: `{{${by}}}` },
  }),
  timeseries({
    title: "Errors",
    width: 8,
    unit: unit.ratio,
    queries: { expr: spanErrors(by, matchers), legend: `{{${by}}}` },
  }),
  timeseries({
    title: "Time of 95 of 100 requests",
    width: 8,
    unit: unit.seconds,
    queries: { expr: spanLatency(by, matchers), legend: `{{${by}}}`, exemplar: true },
  }),
];
