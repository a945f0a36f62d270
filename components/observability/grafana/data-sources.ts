import { DATA_SOURCES, type DataSource, dataSourceTypes } from "../../kit/dashboards";
import { LABELS, spanToLabels } from "../labels";

/** Where the data sources read from; those that are not there are not provisioned. */
export interface DataSourceFacts {
  readonly metrics: {
    readonly url: string;
    /** Mimir keeps no rules here: Prometheus evaluates them. */
    readonly kind: "prometheus" | "mimir";
    readonly scrapeIntervalSeconds: number;
  };
  readonly logs?: { readonly url: string };
  readonly traces?: { readonly url: string };
  readonly alerts?: { readonly url: string };
}

interface ProvisionedDataSource {
  readonly name: string;
  readonly uid: string;
  readonly type: string;
  readonly access: "proxy";
  readonly url: string;
  readonly isDefault?: true;
  readonly editable: false;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

/** Grafana expands `$name` in its own files: what it shall see as `$` is written twice. */
const interpolated = (text: string) => text.replaceAll("$", "$$$$");

/** The file that Grafana reads at its start; it removes what is not in it any more. JSON is YAML. */
export function dataSourcesFile(facts: DataSourceFacts): string {
  return JSON.stringify({ apiVersion: 1, prune: true, datasources: dataSources(facts) }, undefined, 2);
}

/** Each leads to the others: one service, one moment, in metrics, logs and traces. */
export function dataSources(facts: DataSourceFacts): ProvisionedDataSource[] {
  const { metrics, logs, traces, alerts } = facts;
  const hasTraces = traces !== undefined;
  const found: ProvisionedDataSource[] = [
    { ...common("metrics", "Metrics", metrics.url), isDefault: true, jsonData: metricsOptions(metrics, hasTraces) },
  ];
  if (logs) found.push({ ...common("logs", "Logs", logs.url), jsonData: logsOptions(hasTraces) });
  if (traces) found.push({ ...common("traces", "Traces", traces.url), jsonData: tracesOptions(logs !== undefined) });
  if (alerts) found.push({ ...common("alerts", "Alerts", alerts.url), jsonData: alertsOptions });
  return found;
}

/** The names of those that are provisioned, for dashboards. */
export function sourceNames(facts: DataSourceFacts): DataSource[] {
  return (Object.keys(DATA_SOURCES) as DataSource[]).filter((name) => facts[name] !== undefined);
}

const common = (source: DataSource, name: string, url: string) => ({
  name,
  uid: DATA_SOURCES[source],
  type: dataSourceTypes[source],
  access: "proxy" as const,
  url,
  editable: false as const,
});

function metricsOptions({ kind, scrapeIntervalSeconds }: DataSourceFacts["metrics"], hasTraces: boolean) {
  return {
    httpMethod: "POST",
    prometheusType: kind === "mimir" ? "Mimir" : "Prometheus",
    // The least step of a graph, and by it $__rate_interval: four times that.
    timeInterval: `${scrapeIntervalSeconds}s`,
    manageAlerts: kind === "prometheus",
    // SDKs and Tempo say `trace_id`; some exporters still say `traceID`.
    ...(hasTraces && {
      exemplarTraceIdDestinations: ["trace_id", "traceID"].map((name) => ({
        name,
        datasourceUid: DATA_SOURCES.traces,
        urlDisplayLabel: "Trace",
      })),
    }),
  };
}

function logsOptions(hasTraces: boolean) {
  const trace = { datasourceUid: DATA_SOURCES.traces, url: interpolated("${__value.raw}"), urlDisplayLabel: "Trace" };
  const toTraces = [
    // Structured metadata, and fields of parsed JSON.
    { name: "trace_id", matcherType: "label", matcherRegex: "^(trace_?id|traceID)$", ...trace },
    // Anything else that names a trace in the line: JSON that nobody parsed, logfmt, text.
    { name: "Trace in line", matcherRegex: '[tT]race[_-]?[iI][dD]"?\\s*[=:]\\s*"?([0-9a-f]{32})', ...trace },
  ];
  return {
    maxLines: 1000,
    derivedFields: [
      ...(hasTraces ? toTraces : []),
      {
        name: "Metrics of the service",
        matcherType: "label",
        matcherRegex: "^service$",
        url: interpolated("/d/services?var-service=${__value.raw}"),
        urlDisplayLabel: "Metrics",
      },
    ],
  };
}

function tracesOptions(hasLogs: boolean) {
  return {
    ...(hasLogs && { tracesToLogsV2: tracesToLogs }),
    tracesToMetrics,
    serviceMap: { datasourceUid: DATA_SOURCES.metrics },
    nodeGraph: { enabled: true },
    search: {
      hide: false,
      filters: [
        { id: "service-name", tag: LABELS.service.attribute, operator: "=", scope: "resource" },
        { id: "namespace", tag: LABELS.namespace.attribute, operator: "=", scope: "resource" },
        { id: "span-name", tag: "name", operator: "=", scope: "span" },
      ],
    },
    spanBar: { type: "Tag", tag: "http.route" },
    traceQuery: { timeShiftEnabled: true, spanStartTimeShift: "-30m", spanEndTimeShift: "30m" },
    streamingEnabled: { search: true, metrics: true },
  };
}

/** Some logs come late, and some before the span that they belong to. */
const AROUND = { spanStartTimeShift: "-5m", spanEndTimeShift: "5m" };

const tracesToLogs = {
  ...AROUND,
  datasourceUid: DATA_SOURCES.logs,
  tags: spanToLabels(["cluster", "namespace", "service"]),
  filterByTraceID: false,
  filterBySpanID: false,
  customQuery: true,
  query: interpolated('{${__tags}} | trace_id="${__trace.traceId}"'),
};

const RATE = "[$__rate_interval]";

/** What Tempo makes of spans, and what every program says of its own process; both bear the label `service`. */
const tracesToMetrics = {
  ...AROUND,
  datasourceUid: DATA_SOURCES.metrics,
  tags: spanToLabels(["service"]),
  queries: [
    { name: "Requests", query: `sum by (span_name) (rate(traces_spanmetrics_calls_total{$__tags}${RATE}))` },
    {
      name: "Errors",
      query: `sum by (span_name) (rate(traces_spanmetrics_calls_total{$__tags,status_code="STATUS_CODE_ERROR"}${RATE}))`,
    },
    {
      name: "Latency, 95%",
      query: `histogram_quantile(0.95, sum by (le, span_name) (rate(traces_spanmetrics_latency_bucket{$__tags}${RATE})))`,
    },
    { name: "CPU", query: `sum by (pod) (rate(process_cpu_seconds_total{$__tags}${RATE}))` },
    { name: "Memory", query: "sum by (pod) (process_resident_memory_bytes{$__tags})" },
  ].map(({ name, query }) => ({ name, query: interpolated(query) })),
};

/** Silences and what fires; Grafana has no alerts of its own to send. */
const alertsOptions = { implementation: "prometheus", handleGrafanaManagedAlerts: false };
