import type { Signals } from "../../kit/signals";

/** Share of requests that end in an error of the server, by its own histogram of requests. */
const errors = (requests: string) =>
  `sum(rate(${requests}{status_code=~"5.."}[5m])) / sum(rate(${requests}[5m])) > 0.05`;

/** Where logs, traces and long-term metrics are kept, and what brings them there. */
export const storeSignals: Signals = {
  area: "telemetry",
  namesService: true,
  metrics: [
    "cortex_compactor_last_successful_run_timestamp_seconds",
    "cortex_discarded_samples_total",
    "cortex_request_duration_seconds_count",
    "fluentbit_output_dropped_records_total",
    "loki_discarded_samples_total",
    "loki_ingester_chunks_flush_failures_total",
    "loki_request_duration_seconds_count",
    "loki_write_dropped_entries_total",
    "otelcol_exporter_queue_capacity",
    "otelcol_exporter_queue_size",
    "otelcol_exporter_send_failed_log_records_total",
    "otelcol_exporter_send_failed_metric_points_total",
    "otelcol_exporter_send_failed_spans_total",
    "otelcol_receiver_refused_log_records_total",
    "otelcol_receiver_refused_spans_total",
    "tempo_discarded_spans_total",
    "tempo_request_duration_seconds_count",
    "tempodb_compaction_errors_total",
  ],
  signals: [
    {
      name: "LokiErrors",
      severity: "warning",
      expression: errors("loki_request_duration_seconds_count"),
      forMinutes: 15,
      summary: "More than 5 of 100 requests to Loki fail.",
    },
    {
      name: "LokiRefusesLogs",
      severity: "warning",
      expression: "sum by (reason) (rate(loki_discarded_samples_total[10m])) > 1",
      forMinutes: 15,
      summary: "Loki throws lines away: mostly more than the limits allow, or lines that are too old.",
    },
    {
      name: "LokiCannotFlush",
      severity: "critical",
      expression: "increase(loki_ingester_chunks_flush_failures_total[15m]) > 0",
      forMinutes: 30,
      summary: "Loki cannot write to its bucket or volume: logs pile up in memory.",
    },
    {
      name: "TempoErrors",
      severity: "warning",
      expression: errors("tempo_request_duration_seconds_count"),
      forMinutes: 15,
      summary: "More than 5 of 100 requests to Tempo fail.",
    },
    {
      name: "TempoRefusesSpans",
      severity: "warning",
      expression: "sum by (reason) (rate(tempo_discarded_spans_total[10m])) > 1",
      forMinutes: 15,
      summary: "Tempo throws spans away: more than the limits allow, or traces that are too large.",
    },
    {
      name: "TempoCannotCompact",
      severity: "warning",
      expression: "increase(tempodb_compaction_errors_total[1h]) > 3",
      forMinutes: 30,
      summary: "Tempo cannot compact its blocks: queries become slow, and old traces stay.",
    },
    {
      name: "MimirErrors",
      severity: "warning",
      expression: errors("cortex_request_duration_seconds_count"),
      forMinutes: 15,
      summary: "More than 5 of 100 requests to Mimir fail.",
    },
    {
      name: "MimirRefusesSamples",
      severity: "warning",
      expression: "sum by (reason) (rate(cortex_discarded_samples_total[10m])) > 1",
      forMinutes: 15,
      summary: "Mimir throws samples away: mostly more series than `maxSeries` allows.",
    },
    {
      name: "MimirCannotCompact",
      severity: "warning",
      expression: "time() - (max(cortex_compactor_last_successful_run_timestamp_seconds) > 0) > 86400",
      forMinutes: 60,
      summary: "Mimir has not compacted its blocks for a day.",
    },
    {
      name: "CollectorLosesData",
      severity: "warning",
      expression:
        "sum by (exporter) (rate(otelcol_exporter_send_failed_spans_total[10m])) > 0 or sum by (exporter) (rate(otelcol_exporter_send_failed_log_records_total[10m])) > 0 or sum by (exporter) (rate(otelcol_exporter_send_failed_metric_points_total[10m])) > 0",
      forMinutes: 15,
      summary: "The collector cannot pass on what it has taken, and has given up on some of it.",
    },
    {
      name: "CollectorRefusesData",
      severity: "warning",
      expression:
        "sum by (receiver) (rate(otelcol_receiver_refused_spans_total[10m])) > 0 or sum by (receiver) (rate(otelcol_receiver_refused_log_records_total[10m])) > 0",
      forMinutes: 15,
      summary: "The collector sends senders away: its memory is at its limit.",
    },
    {
      name: "CollectorQueueNearlyFull",
      severity: "warning",
      expression: "otelcol_exporter_queue_size / otelcol_exporter_queue_capacity > 0.8",
      forMinutes: 10,
      summary: "What the collector sends to is too slow, or down: soon it loses data.",
    },
    {
      name: "ShipperLosesLogs",
      severity: "warning",
      expression:
        "sum by (pod) (rate(loki_write_dropped_entries_total[10m])) > 0 or sum by (pod) (rate(fluentbit_output_dropped_records_total[10m])) > 0",
      forMinutes: 10,
      summary: "What reads the logs of a node has given up on some of them.",
    },
  ],
};
