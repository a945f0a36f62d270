import type { MetricsSource } from "../../kit/signals";

/** The collector: what it took, passed on, and could not. */
export const otelCollectorSource: MetricsSource = {
  source: "OpenTelemetry collector 0.158.0",
  known: "the real program in test/real/traces.test.ts",
  metrics: [
    "otelcol_process_memory_rss_bytes",
    "otelcol_process_uptime_seconds_total",
    "otelcol_receiver_accepted_spans_total",
    "otelcol_receiver_accepted_metric_points_total",
    "otelcol_receiver_refused_spans_total",
    "otelcol_exporter_sent_spans_total",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_queue_capacity",
  ],
};
