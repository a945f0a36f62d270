import type { AreaCases } from "./case";

const vllm = (metric: string) => `vllm:${metric}{service="llm",model_name="llm",pod="llm-0"}`;
const bucket = (le: string) => `vllm:time_to_first_token_seconds_bucket{service="llm",model_name="llm",le="${le}"}`;
const replicas = (what: string) => `kube_deployment_${what}{namespace="ai-ml",deployment="llm"}`;
const te = (metric: string) => `te_request_${metric}{service="embeddings"}`;
const gateway = (what: string) =>
  `litellm_proxy_${what}_requests_metric_total{service="model-gateway",model_id="llm",api_key_alias="shop"}`;
const ray = (metric: string) => `ray_serve_num_http_${metric}{service="ai-inference",application="llm"}`;
const healthy = (replica: string) =>
  `ray_serve_deployment_replica_healthy{service="ai-inference",application="llm",deployment="Llm",replica="${replica}"}`;

export const inferenceCases: AreaCases = {
  area: "inference",
  alerts: [
    {
      alert: "ModelServerDown",
      fires: {
        series: { [replicas("status_replicas_available")]: "0x30", [replicas("spec_replicas")]: "1x30" },
        minute: 25,
        labels: { service: "llm", deployment: "llm", namespace: "ai-ml" },
      },
      quiet: [
        // Scaled to zero: nobody asks for it.
        {
          series: { [replicas("status_replicas_available")]: "0x30", [replicas("spec_replicas")]: "0x30" },
          minute: 25,
        },
        // It loads.
        {
          series: { [replicas("status_replicas_available")]: "1x5 0x15 1x20", [replicas("spec_replicas")]: "1x40" },
          minute: 30,
        },
      ],
    },
    {
      alert: "ModelRequestsFail",
      fires: {
        series: { [gateway("total")]: "0+100x40", [gateway("failed")]: "0+25x40" },
        minute: 30,
        labels: { service: "model-gateway", model_id: "llm" },
      },
      quiet: [
        { series: { [gateway("total")]: "0+100x40", [gateway("failed")]: "0+19x40" }, minute: 30 },
        // Somebody tries the first time, and is refused.
        { series: { [gateway("total")]: "0x10 1x30", [gateway("failed")]: "0x10 1x30" }, minute: 30 },
      ],
    },
    {
      alert: "ModelQueueLong",
      fires: {
        series: { [vllm("num_requests_waiting")]: "25x20" },
        minute: 15,
        labels: { service: "llm", model_name: "llm", pod: "llm-0" },
      },
      quiet: {
        series: {
          [vllm("num_requests_waiting")]: "20x20",
          'llamacpp:requests_deferred{service="small"}': "5x20",
          'te_queue_size{service="embeddings"}': "500x20",
        },
        minute: 15,
      },
    },
    {
      alert: "ModelFirstTokenSlow",
      fires: {
        series: { [bucket("10")]: "0+9x40", [bucket("20")]: "0+10x40", [bucket("+Inf")]: "0+10x40" },
        minute: 30,
        labels: { service: "llm", model_name: "llm" },
      },
      quiet: {
        series: { [bucket("10")]: "0+96x40", [bucket("20")]: "0+100x40", [bucket("+Inf")]: "0+100x40" },
        minute: 30,
      },
    },
    {
      alert: "ModelCacheFull",
      fires: {
        series: { [vllm("kv_cache_usage_perc")]: "0.99x40", [vllm("num_preemptions_total")]: "0+3x40" },
        minute: 30,
        labels: { service: "llm", model_name: "llm", pod: "llm-0" },
      },
      // Full of beginnings that may be asked again, and nobody is thrown out.
      quiet: {
        series: { [vllm("kv_cache_usage_perc")]: "0.99x40", [vllm("num_preemptions_total")]: "7x40" },
        minute: 30,
      },
    },
    {
      alert: "EmbeddingsFailing",
      fires: {
        series: { [te("count")]: "0+100x40", [te("failure")]: "0+6x40" },
        minute: 30,
        labels: { service: "embeddings" },
      },
      quiet: [
        { series: { [te("count")]: "0+100x40", [te("failure")]: "0+4x40" }, minute: 30 },
        // One in half an hour is no share.
        { series: { [te("count")]: "0x10 1x30", [te("failure")]: "0x10 1x30" }, minute: 15 },
      ],
    },
    {
      alert: "RayServeFailing",
      fires: {
        series: { [ray("requests_total")]: "0+100x40", [ray("error_requests_total")]: "0+6x40" },
        minute: 30,
        labels: { service: "ai-inference", application: "llm" },
      },
      quiet: {
        series: { [ray("requests_total")]: "0+100x40", [ray("error_requests_total")]: "0+4x40" },
        minute: 30,
      },
    },
    {
      alert: "RayServeReplicaUnhealthy",
      fires: {
        series: { [healthy("a")]: "1x20", [healthy("b")]: "0x20" },
        minute: 15,
        labels: { service: "ai-inference", application: "llm", deployment: "Llm" },
      },
      quiet: { series: { [healthy("a")]: "1x20", [healthy("b")]: "0x8 1x12" }, minute: 15 },
    },
    {
      alert: "BatchJobsWait",
      fires: {
        series: { 'volcano_unschedule_job_count{service="volcano"}': "3x150" },
        minute: 130,
        labels: { service: "volcano" },
      },
      quiet: { series: { 'volcano_unschedule_job_count{service="volcano"}': "3x60 0x5 2x85" }, minute: 150 },
    },
  ],
};
