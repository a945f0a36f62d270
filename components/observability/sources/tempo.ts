import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Tempo itself, and what it makes of spans. */
export const tempoSource: MetricsSource = {
  source: "Tempo 2.8, as 2.10",
  known: "the real program in test/real/traces.test.ts",
  metrics: [
    "tempo_build_info",
    "tempo_distributor_spans_received_total",
    "tempo_distributor_bytes_received_total",
    "tempo_ingester_live_traces",
    "tempo_ingester_traces_created_total",
    "tempo_ingester_blocks_flushed_total",
    "tempo_metrics_generator_registry_active_series",
    ...histogram("tempo_request_duration_seconds"),
    "tempodb_blocklist_length",
    "tempodb_compaction_errors_total",
    "tempodb_retention_deleted_total",
    "tempodb_retention_errors_total",
    "traces_service_graph_request_total",
    "traces_service_graph_request_failed_total",
    ...histogram("traces_service_graph_request_server_seconds"),
    "traces_spanmetrics_calls_total",
    "traces_spanmetrics_size_total",
    ...histogram("traces_spanmetrics_latency"),
  ],
};
