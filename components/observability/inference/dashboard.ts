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
  variable,
} from "../../kit/dashboards";
import { upStat } from "../../kit/dashboards/workload-panels";

const MODEL = `${ofService},model_name=~"$model"`;

const sum = (metric: string) => `sum by (model_name) (rate(vllm:${metric}{${MODEL}}[$__rate_interval]))`;

const quantile = (share: number, metric: string) => ({
  expr: `histogram_quantile(${share}, sum by (model_name, le) (rate(vllm:${metric}_bucket{${MODEL}}[$__rate_interval])))`,
  legend: `{{model_name}} ${share * 100} %`,
});

const gauge = (metric: string) => `sum by (model_name) (vllm:${metric}{${MODEL}})`;

/** How fast models answer, what waits, and how full their caches are: vLLM. */
export const inferenceDashboard = dashboard({
  uid: "inference",
  title: "Language models (vLLM)",
  folder: "inference",
  variables: () => [
    ...serviceVariables("vllm:num_requests_running"),
    variable("model", "model_name", `vllm:num_requests_running{${ofService}}`),
  ],
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Tokens",
        unit: unit.perSecond,
        trend: true,
        queries: `sum(rate(vllm:generation_tokens_total{${MODEL}}[$__rate_interval]))`,
      }),
      stat({
        title: "Requests now",
        unit: unit.count,
        queries: `sum(vllm:num_requests_running{${MODEL}})`,
      }),
      stat({
        title: "Requests that wait",
        unit: unit.count,
        thresholds: above({ warning: 5, critical: 50 }),
        queries: `sum(vllm:num_requests_waiting{${MODEL}})`,
      }),
      stat({
        title: "First token, 95th percentile",
        unit: unit.seconds,
        thresholds: above({ warning: 2, critical: 10 }),
        queries: `histogram_quantile(0.95, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{${MODEL}}[$__rate_interval])))`,
      }),
      stat({
        title: "Fullest KV cache",
        unit: unit.ratio,
        thresholds: above({ warning: 0.85, critical: 0.95 }),
        queries: `max(vllm:kv_cache_usage_perc{${MODEL}})`,
      }),
    ]),
    row("Work", [
      timeseries({
        title: "Tokens",
        unit: unit.perSecond,
        queries: [
          { expr: sum("generation_tokens_total"), legend: "{{model_name}}: written" },
          { expr: sum("prompt_tokens_total"), legend: "{{model_name}}: read" },
        ],
      }),
      timeseries({
        title: "Requests, by how they ended",
        unit: unit.requestsPerSecond,
        stack: true,
        queries: {
          expr: `sum by (finished_reason) (rate(vllm:request_success_total{${MODEL}}[$__rate_interval]))`,
          legend: "{{finished_reason}}",
        },
      }),
      timeseries({
        title: "Queue",
        unit: unit.count,
        queries: [
          { expr: gauge("num_requests_running"), legend: "{{model_name}}: running" },
          { expr: gauge("num_requests_waiting"), legend: "{{model_name}}: waiting" },
        ],
      }),
      timeseries({
        title: "Wait in the queue, 95th percentile",
        unit: unit.seconds,
        queries: quantile(0.95, "request_queue_time_seconds"),
      }),
    ]),
    row("Time", [
      timeseries({
        title: "Time to the first token",
        width: 8,
        unit: unit.seconds,
        queries: [quantile(0.5, "time_to_first_token_seconds"), quantile(0.95, "time_to_first_token_seconds")],
      }),
      timeseries({
        title: "Time between tokens",
        width: 8,
        unit: unit.seconds,
        queries: [quantile(0.5, "inter_token_latency_seconds"), quantile(0.95, "inter_token_latency_seconds")],
      }),
      timeseries({
        title: "Time of a request, 95th percentile",
        width: 8,
        unit: unit.seconds,
        queries: quantile(0.95, "e2e_request_latency_seconds"),
      }),
    ]),
    row("KV cache", [
      timeseries({
        title: "Full",
        unit: unit.ratio,
        max: 1,
        queries: {
          expr: `max by (model_name, pod) (vllm:kv_cache_usage_perc{${MODEL}})`,
          legend: "{{model_name}} {{pod}}",
        },
      }),
      timeseries({
        title: "Beginnings found in the cache",
        unit: unit.ratio,
        max: 1,
        queries: {
          expr: `${sum("prefix_cache_hits_total")} / (${sum("prefix_cache_queries_total")} > 0)`,
          legend: "{{model_name}}",
        },
      }),
    ]),
    row("Logs and traces", [serviceLogs(), serviceTraces()], { collapsed: true }),
  ],
});
