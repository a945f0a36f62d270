import {
  above,
  clusterVariable,
  dashboard,
  inCluster,
  logs,
  row,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";

const rate = (metric: string) => `rate(litellm_${metric}{${inCluster}}[$__rate_interval])`;

const by = (label: string, metric: string) => ({
  expr: `sum by (${label}) (${rate(metric)})`,
  legend: `{{${label}}}`,
});

const failed = "proxy_failed_requests_metric_total";
const all = "proxy_total_requests_metric_total";

const quantile = (metric: string) => ({
  expr: `histogram_quantile(0.95, sum by (model_id, le) (${rate(`${metric}_bucket`)}))`,
  legend: "{{model_id}}",
});

/** Volcano counts devices in thousandths. */
const queue = (what: string) => ({
  expr: `sum by (queue_name, resource) (volcano_queue_${what}_scalar_resources{${inCluster},resource=~".*gpu.*"}) / 1000`,
  legend: "{{queue_name}}: {{resource}}",
});

const waiting = `sum(volcano_unschedule_job_count{${inCluster}})`;

/** Who asks which model for how much, what fails, and the jobs beside them: LiteLLM and Volcano. */
export const modelGatewayDashboard = dashboard({
  uid: "inference-gateway",
  title: "Models: gateway and queues",
  folder: "inference",
  variables: () => [clusterVariable("kube_node_status_capacity")],
  rows: [
    top([
      stat({
        title: "Requests",
        unit: unit.requestsPerSecond,
        trend: true,
        noValue: "none",
        queries: `sum(${rate(all)})`,
      }),
      stat({
        title: "Requests that fail, of all",
        unit: unit.ratio,
        thresholds: above({ warning: 0.05, critical: 0.2 }),
        noValue: "none",
        queries: `sum(${rate(failed)}) / sum(${rate(all)})`,
      }),
      stat({
        title: "Tokens written",
        unit: unit.perSecond,
        trend: true,
        noValue: "none",
        queries: `sum(${rate("output_tokens_metric_total")})`,
      }),
      stat({
        title: "Tokens read",
        unit: unit.perSecond,
        trend: true,
        noValue: "none",
        queries: `sum(${rate("input_tokens_metric_total")})`,
      }),
      stat({
        title: "Time of a request, mean",
        unit: unit.seconds,
        noValue: "none",
        queries: `sum(${rate("request_total_latency_metric_sum")}) / sum(${rate("request_total_latency_metric_count")})`,
      }),
      stat({
        title: "Jobs without a place",
        unit: unit.count,
        thresholds: above({ warning: 1, critical: 20 }),
        noValue: "none",
        queries: waiting,
      }),
    ]),
    row("Consumers", [
      timeseries({ title: "Requests", width: 8, unit: unit.requestsPerSecond, queries: by("api_key_alias", all) }),
      timeseries({
        title: "Requests that fail",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: by("api_key_alias", failed),
      }),
      timeseries({
        title: "Tokens read",
        width: 8,
        unit: unit.perSecond,
        queries: by("api_key_alias", "input_tokens_metric_total"),
      }),
    ]),
    row("Models", [
      timeseries({
        title: "Requests that fail",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: by("model_id", failed),
      }),
      timeseries({
        title: "Time of a request, 95th percentile",
        width: 8,
        unit: unit.seconds,
        queries: quantile("request_total_latency_metric"),
      }),
      timeseries({
        title: "Time to the first token, 95th percentile",
        width: 8,
        unit: unit.seconds,
        queries: quantile("llm_api_time_to_first_token_metric"),
      }),
    ]),
    row("Queues of jobs (Volcano)", [
      timeseries({ title: "GPUs in use, by queue", width: 8, unit: unit.count, queries: queue("allocated") }),
      timeseries({ title: "GPUs asked for, by queue", width: 8, unit: unit.count, queries: queue("request") }),
      timeseries({
        title: "Jobs without a place",
        width: 8,
        unit: unit.count,
        queries: { expr: waiting, legend: "jobs" },
      }),
    ]),
    row("Logs", [logs({ title: "Logs", query: `{${inCluster},namespace="ai-ml",service="model-gateway"}` })], {
      collapsed: true,
    }),
  ],
});
