import {
  above,
  clusterVariable,
  dashboard,
  healthy,
  inCluster,
  none,
  type Panel,
  row,
  stat,
  timeseries,
  top,
  type Unit,
  unit,
} from "../../kit/dashboards";

const rate = (metric: string, by: string, matchers = inCluster) =>
  `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;

/** A line for each pod of what is asked. */
const line = (title: string, measured: Unit, expr: string, legend = "{{pod}}", description?: string): Panel =>
  timeseries({ title, description, width: 8, unit: measured, queries: { expr, legend } });

/** Requests that ended in an error of the server. */
const errors = (requests: string) =>
  `${rate(requests, "service", `${inCluster},status_code=~"5.."`)} / ${rate(requests, "service")}`;

/** Whether metrics are taken and alerts sent; what watches everything else must be watched as well. */
export const observabilityDashboard = dashboard({
  uid: "observability",
  title: "Metrics and alerts",
  folder: "observability",
  variables: () => [clusterVariable("prometheus_build_info")],
  links: [{ title: "Stores and agents", to: "telemetry" }],
  rows: [
    top([
      stat({ title: "Targets", queries: `count(up{${inCluster}})`, unit: unit.none }),
      stat({
        title: "Targets that do not answer",
        queries: `count(up{${inCluster}} == 0) or vector(0)`,
        unit: unit.none,
        thresholds: above({ warning: 1, critical: 5 }),
      }),
      stat({ title: "Series", queries: `max(prometheus_tsdb_head_series{${inCluster}})`, unit: unit.count }),
      stat({
        title: "Configuration loaded",
        queries: `min(prometheus_config_last_reload_successful{${inCluster}})`,
        unit: unit.yesNo,
        thresholds: healthy,
      }),
      stat({
        title: "Rules that fail",
        queries: `sum(increase(prometheus_rule_evaluation_failures_total{${inCluster}}[1h]))`,
        unit: unit.none,
        decimals: 0,
        thresholds: none,
      }),
      stat({
        title: "Notifications that fail",
        queries: `sum(increase(alertmanager_notifications_failed_total{${inCluster}}[1h]))`,
        unit: unit.none,
        decimals: 0,
        thresholds: none,
      }),
    ]),
    row("Prometheus", [
      line("Samples taken", unit.perSecond, rate("prometheus_tsdb_head_samples_appended_total", "pod")),
      line("Series", unit.count, `max by (pod) (prometheus_tsdb_head_series{${inCluster}})`),
      line("Blocks on the volume", unit.bytes, `max by (pod) (prometheus_tsdb_storage_blocks_bytes{${inCluster}})`),
      line(
        "Samples by service",
        unit.count,
        `topk(10, sum by (service) (scrape_samples_post_metric_relabeling{${inCluster}}))`,
        "{{service}}",
        "Who has most: a label with too many values shows here.",
      ),
      line(
        "Slowest scrapes",
        unit.seconds,
        `topk(10, max by (service) (scrape_duration_seconds{${inCluster}}))`,
        "{{service}}",
      ),
      line(
        "Written to the long-term store, behind by",
        unit.seconds,
        `max by (pod) (prometheus_remote_storage_highest_timestamp_in_seconds{${inCluster}} - ignoring (remote_name, url) group_right () prometheus_remote_storage_queue_highest_sent_timestamp_seconds{${inCluster}})`,
      ),
    ]),
    row("Mimir", [
      line("Samples taken", unit.perSecond, rate("cortex_distributor_received_samples_total", "pod")),
      line("Series", unit.count, `max by (pod) (cortex_ingester_memory_series{${inCluster}})`),
      line("Requests that fail", unit.ratio, errors("cortex_request_duration_seconds_count"), "{{service}}"),
    ]),
    row("Alertmanager", [
      line("Alerts", unit.none, `max by (state) (alertmanager_alerts{${inCluster}})`, "{{state}}"),
      line("Notifications", unit.perSecond, rate("alertmanager_notifications_total", "integration"), "{{integration}}"),
      line(
        "Notifications that fail",
        unit.perSecond,
        rate("alertmanager_notifications_failed_total", "integration"),
        "{{integration}}",
      ),
    ]),
    row("Grafana", [
      line(
        "Requests",
        unit.requestsPerSecond,
        rate("grafana_http_request_duration_seconds_count", "status_code"),
        "{{status_code}}",
      ),
      line(
        "Queries, by data source",
        unit.requestsPerSecond,
        rate("grafana_datasource_request_total", "datasource"),
        "{{datasource}}",
      ),
      line("Memory", unit.bytes, `max by (pod) (process_resident_memory_bytes{${inCluster},service="grafana"})`),
    ]),
  ],
});

const bytesIn = (title: string, metric: string): Panel => line(title, unit.bytesPerSecond, rate(metric, "pod"));
const memory = (service: string): Panel =>
  line("Memory", unit.bytes, `max by (pod) (process_resident_memory_bytes{${inCluster},service="${service}"})`);

/** Where logs and traces are kept, and what brings them there. */
export const telemetryDashboard = dashboard({
  uid: "telemetry",
  title: "Stores and agents",
  folder: "observability",
  variables: () => [clusterVariable("up")],
  links: [{ title: "Metrics and alerts", to: "observability" }],
  rows: [
    row("Loki", [
      bytesIn("Bytes taken", "loki_distributor_bytes_received_total"),
      line("Refused lines, by reason", unit.perSecond, rate("loki_discarded_samples_total", "reason"), "{{reason}}"),
      line("Streams", unit.count, `max by (pod) (loki_ingester_memory_streams{${inCluster}})`),
      line("Requests that fail", unit.ratio, errors("loki_request_duration_seconds_count"), "{{service}}"),
      line(
        "Chunks that could not be written",
        unit.perSecond,
        rate("loki_ingester_chunks_flush_failures_total", "pod"),
      ),
      memory("loki"),
    ]),
    row("Tempo", [
      line("Spans taken", unit.perSecond, rate("tempo_distributor_spans_received_total", "pod")),
      line("Traces that are open", unit.count, `max by (pod) (tempo_ingester_live_traces{${inCluster}})`),
      line(
        "Series made of spans",
        unit.count,
        `max by (pod) (tempo_metrics_generator_registry_active_series{${inCluster}})`,
      ),
      line("Blocks that were written", unit.perSecond, rate("tempo_ingester_blocks_flushed_total", "pod")),
      line("Requests that fail", unit.ratio, errors("tempo_request_duration_seconds_count"), "{{service}}"),
      memory("tempo"),
    ]),
    row("Collector", [
      line(
        "Spans taken and refused",
        unit.perSecond,
        `${rate("otelcol_receiver_accepted_spans_total", "pod")} + ${rate("otelcol_receiver_refused_spans_total", "pod")}`,
      ),
      line("Spans refused", unit.perSecond, rate("otelcol_receiver_refused_spans_total", "pod")),
      line(
        "Queue, of what it may hold",
        unit.ratio,
        `max by (pod, exporter) (otelcol_exporter_queue_size{${inCluster}} / otelcol_exporter_queue_capacity{${inCluster}})`,
        "{{pod}} {{exporter}}",
      ),
    ]),
    row("What reads logs", [
      line("Lines sent by Alloy", unit.perSecond, rate("loki_write_sent_entries_total", "pod")),
      line("Lines lost by Alloy", unit.perSecond, rate("loki_write_dropped_entries_total", "pod")),
      line("Lines sent by Fluent Bit", unit.perSecond, rate("fluentbit_output_proc_records_total", "pod")),
    ]),
  ],
});
