import type { Signals } from "../../kit/signals";

/** Rate of failing requests in all of them, where there are enough to speak of a share. */
const failing = (of: string, failed: string, by: string, share = 0.05) =>
  `sum by (${by}) (rate(${failed}[10m])) / sum by (${by}) (rate(${of}[10m])) > ${share} and sum by (${by}) (rate(${of}[10m])) > 0.05`;

const firstToken = `histogram_quantile(0.95, sum by (service, model_name, le) (rate(vllm:time_to_first_token_seconds_bucket[10m])))`;

/** Models that answer: their servers, whoever runs them, and the queues of jobs beside them. */
export const inferenceSignals: Signals = {
  area: "inference",
  namesService: true,
  metrics: [
    "kube_deployment_spec_replicas",
    "kube_deployment_status_replicas_available",
    "litellm_proxy_failed_requests_metric_total",
    "litellm_proxy_total_requests_metric_total",
    "llamacpp:requests_deferred",
    "ray_serve_deployment_replica_healthy",
    "ray_serve_num_http_error_requests_total",
    "ray_serve_num_http_requests_total",
    "te_queue_size",
    "te_request_count",
    "te_request_failure",
    "vllm:kv_cache_usage_perc",
    "vllm:num_preemptions_total",
    "vllm:num_requests_waiting",
    "vllm:time_to_first_token_seconds_bucket",
    "volcano_unschedule_job_count",
  ],
  signals: [
    {
      name: "ModelServerDown",
      severity: "critical",
      expression:
        'label_replace(kube_deployment_status_replicas_available{namespace="ai-ml"} == 0 and kube_deployment_spec_replicas{namespace="ai-ml"} > 0, "service", "$1", "deployment", "(.+)")',
      // A large model loads for minutes, and on a GPU the old one ends before the new one starts.
      forMinutes: 20,
      summary: "No copy of a model server is ready: who asks for the model gets 503.",
    },
    {
      name: "ModelRequestsFail",
      severity: "critical",
      expression: failing(
        "litellm_proxy_total_requests_metric_total",
        "litellm_proxy_failed_requests_metric_total",
        "service, model_id",
        0.2,
      ),
      forMinutes: 15,
      summary: "More than a fifth of the requests for a model fail at the gateway.",
    },
    {
      name: "ModelQueueLong",
      severity: "warning",
      expression: "vllm:num_requests_waiting > 20 or llamacpp:requests_deferred > 5 or te_queue_size > 500",
      forMinutes: 10,
      summary: "Requests wait for a model: more come in than it can work on.",
    },
    {
      name: "ModelFirstTokenSlow",
      severity: "warning",
      expression: `${firstToken} > 10`,
      forMinutes: 15,
      summary: "One request in twenty waits longer than 10 seconds for its first token.",
    },
    {
      name: "ModelCacheFull",
      severity: "warning",
      expression: "vllm:kv_cache_usage_perc > 0.95 and rate(vllm:num_preemptions_total[10m]) > 0",
      forMinutes: 15,
      summary: "A model's cache of keys and values is full: requests are thrown out and computed again.",
    },
    {
      name: "EmbeddingsFailing",
      severity: "warning",
      expression: failing("te_request_count", "te_request_failure", "service"),
      forMinutes: 10,
      summary: "More than 5 % of the requests for embeddings or ranks fail.",
    },
    {
      name: "RayServeFailing",
      severity: "critical",
      expression: failing(
        "ray_serve_num_http_requests_total",
        "ray_serve_num_http_error_requests_total",
        "service, application",
      ),
      forMinutes: 10,
      summary: "More than 5 % of the requests to a Ray Serve application fail.",
    },
    {
      name: "RayServeReplicaUnhealthy",
      severity: "warning",
      expression: "min by (service, application, deployment) (ray_serve_deployment_replica_healthy) == 0",
      forMinutes: 10,
      summary: "A replica of a Ray Serve deployment does not come up, or does not answer.",
    },
    {
      name: "BatchJobsWait",
      severity: "warning",
      expression: "volcano_unschedule_job_count > 0",
      forMinutes: 120,
      summary: "Jobs in Volcano's queues have found no place for two hours.",
    },
  ],
};
