import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** n8n. */
export const n8nSource: MetricsSource = {
  source: "n8n 2.35.7",
  known:
    "its npm package: dist/metrics/prometheus/*.service.js, with the prefix n8n_: those that are there with the variables in components/apps/n8n.ts",
  metrics: [
    "n8n_version_info",
    "n8n_active_workflow_count",
    ...histogram("n8n_workflow_execution_duration_seconds"),
    "n8n_workflow_started_total",
    "n8n_workflow_success_total",
    "n8n_workflow_failed_total",
    "n8n_db_pool_connections_active",
    "n8n_db_pool_connections_max",
    "n8n_db_pool_requests_pending",
    "n8n_process_cpu_seconds_total",
    "n8n_process_resident_memory_bytes",
    "n8n_process_heap_bytes",
    "n8n_process_open_fds",
    "n8n_nodejs_eventloop_lag_seconds",
    "n8n_nodejs_eventloop_lag_p99_seconds",
    "n8n_nodejs_heap_size_total_bytes",
    "n8n_nodejs_heap_size_used_bytes",
  ],
};
