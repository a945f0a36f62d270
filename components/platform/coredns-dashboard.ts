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
} from "../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../kit/dashboards/workload-panels";

const PODS = { pods: "coredns-.*" };

const answers = (by: string, matchers = "") =>
  `sum by (${by}) (rate(coredns_dns_responses_total{${ofService}${matchers}}[$__rate_interval]))`;

const all = (matchers = "") => `sum(rate(coredns_dns_responses_total{${ofService}${matchers}}[$__rate_interval]))`;

const cache = (what: string) => `sum(rate(coredns_cache_${what}_total{${ofService}}[$__rate_interval]))`;

const slow = (share: number) => ({
  expr: `histogram_quantile(${share}, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket{${ofService}}[$__rate_interval])))`,
  legend: `${share}`,
});

/** Whether names are found, how fast, and how often they are not. */
export const corednsDashboard = dashboard({
  uid: "name-servers",
  title: "Name servers",
  folder: "cluster",
  variables: () => serviceVariables("coredns_dns_requests_total"),
  rows: [
    top([
      upStat(ofService),
      stat({ title: "Questions", unit: unit.perSecond, trend: true, queries: all() }),
      stat({
        title: "Fail",
        description: "Share of answers SERVFAIL.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "0",
        queries: `${all(',rcode="SERVFAIL"')} / ${all()}`,
      }),
      stat({
        title: "99th percentile",
        unit: unit.seconds,
        thresholds: above({ warning: 0.1, critical: 1 }),
        queries: slow(0.99).expr,
      }),
      stat({
        title: "From the cache",
        unit: unit.ratio,
        queries: `${cache("hits")} / (${cache("hits")} + ${cache("misses")})`,
      }),
      restartsStat(PODS),
    ]),
    row("Questions", [
      timeseries({
        title: "Questions, by type",
        unit: unit.perSecond,
        queries: {
          expr: `sum by (type) (rate(coredns_dns_requests_total{${ofService}}[$__rate_interval]))`,
          legend: "{{type}}",
        },
      }),
      timeseries({ title: "Answers", unit: unit.perSecond, queries: { expr: answers("rcode"), legend: "{{rcode}}" } }),
      timeseries({ title: "Time of an answer", unit: unit.seconds, queries: [slow(0.5), slow(0.95), slow(0.99)] }),
      timeseries({
        title: "Upstream servers that do not answer, panics",
        unit: unit.perSecond,
        queries: [
          {
            expr: `sum(rate(coredns_forward_healthcheck_broken_total{${ofService}}[$__rate_interval]))`,
            legend: "no upstream",
          },
          { expr: `sum(rate(coredns_panics_total{${ofService}}[$__rate_interval]))`, legend: "panics" },
        ],
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
