import type { AlertCase, AreaCases } from "./case";

/** Of a hundred requests each minute, so many fail. */
const requests = (metric: string, errors: number) => ({
  [`${metric}{pod="a",status_code="200"}`]: `0+${100 - errors}x30`,
  [`${metric}{pod="a",status_code="500"}`]: `0+${errors}x30`,
});

function errorCase(alert: string, metric: string): AlertCase {
  return {
    alert,
    fires: { series: requests(metric, 10), minute: 25, labels: {} },
    quiet: { series: requests(metric, 4), minute: 25 },
  };
}

/** More than one each second is thrown away, for a reason. */
function refusalCase(alert: string, metric: string): AlertCase {
  return {
    alert,
    fires: {
      series: { [`${metric}{pod="a",reason="rate_limited"}`]: "0+120x40" },
      minute: 30,
      labels: { reason: "rate_limited" },
    },
    quiet: { series: { [`${metric}{pod="a",reason="rate_limited"}`]: "0+30x40" }, minute: 30 },
  };
}

const sent = (what: string) => `otelcol_exporter_send_failed_${what}_total{pod="a",exporter="otlp/tempo"}`;
const refused = 'otelcol_receiver_refused_spans_total{pod="a",receiver="otlp"}';
const queue = (what: string) => `otelcol_exporter_queue_${what}{pod="a",exporter="otlp/tempo"}`;
const dropped = 'loki_write_dropped_entries_total{pod="a",reason="ingester_error"}';
const compacted = 'cortex_compactor_last_successful_run_timestamp_seconds{pod="a"}';

export const storeCases: AreaCases = {
  area: "telemetry",
  alerts: [
    errorCase("LokiErrors", "loki_request_duration_seconds_count"),
    refusalCase("LokiRefusesLogs", "loki_discarded_samples_total"),
    {
      alert: "LokiCannotFlush",
      fires: {
        series: { 'loki_ingester_chunks_flush_failures_total{pod="a"}': "0+1x60" },
        minute: 50,
        labels: { pod: "a" },
      },
      quiet: { series: { 'loki_ingester_chunks_flush_failures_total{pod="a"}': "0x5 1x60" }, minute: 50 },
    },
    errorCase("TempoErrors", "tempo_request_duration_seconds_count"),
    refusalCase("TempoRefusesSpans", "tempo_discarded_spans_total"),
    {
      alert: "TempoCannotCompact",
      fires: { series: { 'tempodb_compaction_errors_total{pod="a"}': "0+1x60" }, minute: 50, labels: { pod: "a" } },
      quiet: { series: { 'tempodb_compaction_errors_total{pod="a"}': "0x5 2x60" }, minute: 50 },
    },
    errorCase("MimirErrors", "cortex_request_duration_seconds_count"),
    refusalCase("MimirRefusesSamples", "cortex_discarded_samples_total"),
    {
      alert: "MimirCannotCompact",
      fires: { series: { [compacted]: "1x1520" }, minute: 1515, labels: {} },
      // One of three compacts.
      quiet: {
        series: {
          [compacted]: "1x1520",
          'cortex_compactor_last_successful_run_timestamp_seconds{pod="b"}': "1+60x1520",
        },
        minute: 1515,
      },
    },
    {
      alert: "CollectorLosesData",
      fires: { series: { [sent("spans")]: "0+10x40" }, minute: 30, labels: { exporter: "otlp/tempo" } },
      quiet: { series: { [sent("spans")]: "50x40", [sent("log_records")]: "0x40" }, minute: 30 },
    },
    {
      alert: "CollectorRefusesData",
      fires: { series: { [refused]: "0+10x40" }, minute: 30, labels: { receiver: "otlp" } },
      quiet: { series: { [refused]: "0x5 20x40" }, minute: 30 },
    },
    {
      alert: "CollectorQueueNearlyFull",
      fires: {
        series: { [queue("size")]: "900x15", [queue("capacity")]: "1000x15" },
        minute: 12,
        labels: { pod: "a", exporter: "otlp/tempo" },
      },
      quiet: { series: { [queue("size")]: "700x15", [queue("capacity")]: "1000x15" }, minute: 12 },
    },
    {
      alert: "ShipperLosesLogs",
      fires: { series: { [dropped]: "0+10x40" }, minute: 25, labels: { pod: "a" } },
      quiet: { series: { [dropped]: "50x40" }, minute: 25 },
    },
  ],
};
