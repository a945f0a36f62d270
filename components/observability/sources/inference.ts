import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** vLLM, which runs language models. */
export const vllmSource: MetricsSource = {
  source: "vLLM, engine V1",
  known:
    "source of vLLM in the images' version, vllm/v1/metrics/loggers.py, in test/real/vllm.test.ts; counters end in _total as its Prometheus client writes them",
  metrics: [
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:kv_cache_usage_perc",
    "vllm:num_preemptions_total",
    "vllm:prefix_cache_queries_total",
    "vllm:prefix_cache_hits_total",
    "vllm:prompt_tokens_total",
    "vllm:generation_tokens_total",
    "vllm:request_success_total",
    ...histogram("vllm:time_to_first_token_seconds"),
    ...histogram("vllm:inter_token_latency_seconds"),
    ...histogram("vllm:e2e_request_latency_seconds"),
    ...histogram("vllm:request_queue_time_seconds"),
    ...histogram("vllm:request_prefill_time_seconds"),
    ...histogram("vllm:request_decode_time_seconds"),
    ...histogram("vllm:request_prompt_tokens"),
    ...histogram("vllm:request_generation_tokens"),
  ],
};

/** Ray Serve, which spreads models over machines. */
export const raySource: MetricsSource = {
  source: "Ray Serve",
  known:
    "source of github.com/ray-project/ray: python/ray/dashboard/modules/metrics/dashboards/serve_deployment_dashboard_panels.py",
  metrics: [
    "ray_serve_num_http_requests_total",
    "ray_serve_num_http_error_requests_total",
    "ray_serve_deployment_request_counter_total",
    "ray_serve_deployment_error_counter_total",
    "ray_serve_deployment_replica_starts_total",
    "ray_serve_deployment_replica_healthy",
    "ray_serve_deployment_queued_queries",
    "ray_serve_replica_processing_queries",
    ...histogram("ray_serve_deployment_processing_latency_ms"),
  ],
};

/** Text Embeddings Inference. */
export const embeddingsSource: MetricsSource = {
  source: "text-embeddings-inference",
  known: "source of github.com/huggingface/text-embeddings-inference: router/src, core/src, where the names stand",
  metrics: [
    "te_request_count",
    "te_request_success",
    "te_request_failure",
    ...histogram("te_request_duration"),
    ...histogram("te_request_queue_duration"),
    ...histogram("te_request_inference_duration"),
    ...histogram("te_request_tokenization_duration"),
    ...histogram("te_request_input_length"),
    "te_queue_size",
    ...histogram("te_batch_next_size"),
    ...histogram("te_batch_next_tokens"),
    "te_embed_count",
    "te_embed_success",
  ],
};

/** llama.cpp. */
export const llamaSource: MetricsSource = {
  source: "llama-server",
  known: "the real program in test/real/llamacpp.test.ts",
  metrics: [
    "llamacpp:prompt_tokens_total",
    "llamacpp:prompt_seconds_total",
    "llamacpp:prompt_tokens_seconds",
    "llamacpp:tokens_predicted_total",
    "llamacpp:tokens_predicted_seconds_total",
    "llamacpp:predicted_tokens_seconds",
    "llamacpp:requests_processing",
    "llamacpp:requests_deferred",
    "llamacpp:n_decode_total",
    "llamacpp:n_busy_slots_per_decode",
  ],
};

/** Volcano's scheduler: the queues of jobs. */
export const volcanoSource: MetricsSource = {
  source: "Volcano 1.15.1, the scheduler",
  known: "source of github.com/volcano-sh/volcano v1.15.1: pkg/scheduler/metrics",
  metrics: [
    "volcano_queue_allocated_scalar_resources",
    "volcano_queue_request_scalar_resources",
    "volcano_queue_share",
    "volcano_unschedule_job_count",
    "volcano_unschedule_task_count",
  ],
};

/**
 * LiteLLM, the gateway before all models. Labels: `api_key_alias` is the consumer, `model_id` the service. Alerts that
 * suggest themselves: much 5xx of one model_id; 429 of one consumer for long; seconds to the first token; no success of a
 * model_id with requests for it.
 */
export const gatewaySource: MetricsSource = {
  source: "LiteLLM 1.108.7",
  known: "the real program: test/real/litellm.test.ts",
  metrics: [
    "litellm_proxy_total_requests_metric_total",
    "litellm_proxy_failed_requests_metric_total",
    "litellm_input_tokens_metric_total",
    "litellm_output_tokens_metric_total",
    ...histogram("litellm_request_total_latency_metric"),
    ...histogram("litellm_llm_api_latency_metric"),
    ...histogram("litellm_llm_api_time_to_first_token_metric"),
  ],
};
