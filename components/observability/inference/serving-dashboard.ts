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

const ray = (metric: string, by: string) =>
  `sum by (${by}) (rate(ray_serve_${metric}{${inCluster}}[$__rate_interval]))`;

const te = (metric: string) => `sum by (service) (rate(te_${metric}{${inCluster}}[$__rate_interval]))`;

const llama = (metric: string) => `sum by (service) (rate(llamacpp:${metric}{${inCluster}}[$__rate_interval]))`;

/** Ray Serve, embeddings and llama.cpp: requests, errors, time and queues. */
export const servingDashboard = dashboard({
  uid: "inference-serving",
  title: "Ray Serve, embeddings, llama.cpp",
  folder: "inference",
  variables: () => [clusterVariable("kube_node_status_capacity")],
  rows: [
    top([
      stat({
        title: "Ray: requests",
        unit: unit.requestsPerSecond,
        trend: true,
        noValue: "none",
        queries: `sum(rate(ray_serve_num_http_requests_total{${inCluster}}[$__rate_interval]))`,
      }),
      stat({
        title: "Ray: errors, of all",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "none",
        queries: `sum(rate(ray_serve_num_http_error_requests_total{${inCluster}}[$__rate_interval])) / sum(rate(ray_serve_num_http_requests_total{${inCluster}}[$__rate_interval]))`,
      }),
      stat({
        title: "Embeddings: requests",
        unit: unit.requestsPerSecond,
        trend: true,
        noValue: "none",
        queries: `sum(rate(te_request_count{${inCluster}}[$__rate_interval]))`,
      }),
      stat({
        title: "Embeddings: errors, of all",
        unit: unit.ratio,
        thresholds: above({ warning: 0.01, critical: 0.05 }),
        noValue: "none",
        queries: `sum(rate(te_request_failure{${inCluster}}[$__rate_interval])) / sum(rate(te_request_count{${inCluster}}[$__rate_interval]))`,
      }),
      stat({
        title: "llama.cpp: tokens",
        unit: unit.perSecond,
        trend: true,
        noValue: "none",
        queries: `sum(rate(llamacpp:tokens_predicted_total{${inCluster}}[$__rate_interval]))`,
      }),
      stat({
        title: "llama.cpp: requests that wait",
        unit: unit.count,
        thresholds: above({ warning: 1, critical: 10 }),
        noValue: "none",
        queries: `sum(llamacpp:requests_deferred{${inCluster}})`,
      }),
    ]),
    row("Ray Serve", [
      timeseries({
        title: "Requests, by deployment",
        unit: unit.requestsPerSecond,
        queries: { expr: ray("deployment_request_counter_total", "deployment"), legend: "{{deployment}}" },
      }),
      timeseries({
        title: "Errors, by deployment",
        unit: unit.requestsPerSecond,
        queries: { expr: ray("deployment_error_counter_total", "deployment"), legend: "{{deployment}}" },
      }),
      timeseries({
        title: "Time of a request, 95th percentile",
        unit: unit.milliseconds,
        queries: {
          expr: `histogram_quantile(0.95, ${ray("deployment_processing_latency_ms_bucket", "deployment, le")})`,
          legend: "{{deployment}}",
        },
      }),
      timeseries({
        title: "Queue",
        unit: unit.count,
        queries: [
          {
            expr: `sum by (deployment) (ray_serve_deployment_queued_queries{${inCluster}})`,
            legend: "{{deployment}}: waiting",
          },
          {
            expr: `sum by (deployment) (ray_serve_replica_processing_queries{${inCluster}})`,
            legend: "{{deployment}}: running",
          },
        ],
      }),
    ]),
    row("Embeddings", [
      timeseries({
        title: "Requests",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: [
          { expr: te("request_success"), legend: "{{service}}: answered" },
          { expr: te("request_failure"), legend: "{{service}}: failing" },
        ],
      }),
      timeseries({
        title: "Queue",
        width: 8,
        unit: unit.count,
        queries: { expr: `sum by (service) (te_queue_size{${inCluster}})`, legend: "{{service}}" },
      }),
      timeseries({
        title: "Time of a request",
        description: "Mean.",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `${te("request_duration_sum")} / (${te("request_duration_count")} > 0)`,
          legend: "{{service}}",
        },
      }),
    ]),
    row("llama.cpp", [
      timeseries({
        title: "Tokens",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: llama("tokens_predicted_total"), legend: "{{service}}: written" },
          { expr: llama("prompt_tokens_total"), legend: "{{service}}: read" },
        ],
      }),
      timeseries({
        title: "Tokens of one request, in a second",
        width: 8,
        unit: unit.perSecond,
        queries: {
          expr: `${llama("tokens_predicted_total")} / (${llama("tokens_predicted_seconds_total")} > 0)`,
          legend: "{{service}}",
        },
      }),
      timeseries({
        title: "Queue",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `sum by (service) (llamacpp:requests_processing{${inCluster}})`, legend: "{{service}}: running" },
          { expr: `sum by (service) (llamacpp:requests_deferred{${inCluster}})`, legend: "{{service}}: waiting" },
        ],
      }),
    ]),
    row("Logs", [logs({ title: "Logs", query: `{${inCluster},namespace=~"ai|ai-ml|ml"}` })], { collapsed: true }),
  ],
});
