import { stringify } from "yaml";
import { COLLECTOR } from "./address";
import { lokiStatements, metricStatements, originStatements, podAttributes } from "./origin";
import type { CollectorPart, Settings, Signal } from "./part";
import { type Sampling, sampling } from "./sampling";

/** Its own metrics, and whether it is well. */
export const METRICS_PORT = 8888;
export const HEALTH_PORT = 13133;

export interface CollectorConfigFacts {
  readonly cluster: string;
  readonly replicas: number;
  readonly namespace: string;
  /** Traces that are kept, of those without errors that are not slow. */
  readonly samplingPercent: number;
  /** Traces that may wait for their decision. */
  readonly pendingTraces: number;
  /** MiB that may wait for each store. */
  readonly queueMiB: number;
  /** `host:port` of Tempo. @default - traces are not taken */
  readonly tracesGrpc?: string;
  /** Loki's OTLP. @default - logs are not taken */
  readonly logsUrl?: string;
  readonly remoteWriteUrl: string;
  readonly parts: readonly CollectorPart[];
}

const TRACES = "otlp_grpc/tempo";
const LOGS = "otlp_http/loki";
const METRICS = "prometheus_remote_write";
const PODS = ["k8s_attributes", "transform/origin"];

/** The file collector.yaml. */
export function collectorConfig(facts: CollectorConfigFacts): string {
  const { cluster, replicas, parts } = facts;
  const service = `${COLLECTOR.name}.${facts.namespace}`;
  // Without a store of traces there is nothing to choose from.
  const percent = facts.tracesGrpc === undefined ? 100 : facts.samplingPercent;
  const kept = sampling({ percent, replicas, pendingTraces: facts.pendingTraces, service });
  const logs = facts.logsUrl !== undefined;
  return stringify(
    {
      receivers: { otlp: otlpReceiver(), ...kept?.receivers, ...merged(parts, "receivers") },
      processors: {
        memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
        k8s_attributes: podAttributes,
        "transform/origin": everywhere(originStatements(cluster)),
        ...(logs ? { "transform/loki": { error_mode: "ignore", log_statements: lokiStatements() } } : {}),
        "transform/labels": { error_mode: "ignore", metric_statements: metricStatements() },
        ...kept?.processors,
        ...merged(parts, "processors"),
      },
      ...(kept === undefined || Object.keys(kept.connectors).length === 0 ? {} : { connectors: kept.connectors }),
      exporters: { ...exporters(facts), ...kept?.exporters },
      extensions: { health_check: { endpoint: `0.0.0.0:${HEALTH_PORT}` }, ...merged(parts, "extensions") },
      service: {
        extensions: ["health_check", ...Object.keys(merged(parts, "extensions"))],
        telemetry: telemetry(),
        pipelines: pipelines(facts, kept),
      },
    },
    { lineWidth: 0 },
  );
}

function otlpReceiver(): Settings {
  const { grpcPort, httpPort } = COLLECTOR;
  return {
    protocols: {
      grpc: { endpoint: `0.0.0.0:${grpcPort}`, max_recv_msg_size_mib: 8 },
      http: { endpoint: `0.0.0.0:${httpPort}` },
    },
  };
}

/** The same statements for all signals: what they say of the resource. */
function everywhere(statements: readonly string[]): Settings {
  return {
    error_mode: "ignore",
    trace_statements: statements,
    metric_statements: statements,
    log_statements: statements,
  };
}

function exporters({ tracesGrpc, logsUrl, remoteWriteUrl, queueMiB }: CollectorConfigFacts): Settings {
  const resilient = {
    // A store that restarts is waited for; then what is oldest is lost, and the metrics say so.
    retry_on_failure: { enabled: true, initial_interval: "1s", max_interval: "30s", max_elapsed_time: "300s" },
    sending_queue: {
      enabled: true,
      sizer: "bytes",
      queue_size: queueMiB * 1024 * 1024,
      num_consumers: 4,
      batch: { sizer: "bytes", flush_timeout: "1s", min_size: 256 * 1024, max_size: 2 * 1024 * 1024 },
    },
  };
  return {
    ...(tracesGrpc === undefined ? {} : { [TRACES]: { endpoint: tracesGrpc, tls: { insecure: true }, ...resilient } }),
    ...(logsUrl === undefined ? {} : { [LOGS]: { endpoint: logsUrl, ...resilient } }),
    [METRICS]: {
      endpoint: remoteWriteUrl,
      // Our labels are on the samples themselves.
      target_info: { enabled: false },
      retry_on_failure: resilient.retry_on_failure,
      remote_write_queue: { enabled: true, queue_size: 1000, num_consumers: 2 },
    },
  };
}

function pipelines(facts: CollectorConfigFacts, kept: Sampling | undefined) {
  const signals = takenSignals(facts);
  const ways = [
    { suffix: "", of: () => ({ receivers: ["otlp"], processors: PODS }) },
    ...facts.parts.map(({ name, pipelines }) => ({ suffix: `/${name}`, of: (signal: Signal) => pipelines[signal] })),
  ];
  const own = ways.flatMap(({ suffix, of }) =>
    signals.flatMap((signal) => {
      const way = of(signal);
      return way === undefined ? [] : [[`${signal}${suffix}`, pipeline(signal, way, kept)] as const];
    }),
  );
  const last = kept === undefined ? [] : [["traces/sampling", { ...kept.pipeline, exporters: [TRACES] }] as const];
  return Object.fromEntries([...own, ...last]);
}

function takenSignals({ tracesGrpc, logsUrl }: CollectorConfigFacts): Signal[] {
  const traces = tracesGrpc === undefined ? [] : (["traces"] as const);
  const logs = logsUrl === undefined ? [] : (["logs"] as const);
  return [...traces, "metrics", ...logs];
}

function pipeline(
  signal: Signal,
  { receivers, processors = [] }: { readonly receivers: readonly string[]; readonly processors?: readonly string[] },
  kept: Sampling | undefined,
) {
  const ends = {
    traces: { processors: [], exporter: kept?.entrance ?? TRACES },
    metrics: { processors: ["transform/labels"], exporter: METRICS },
    logs: { processors: ["transform/loki"], exporter: LOGS },
  };
  const end = ends[signal];
  return {
    receivers: [...receivers],
    // First: what is refused must not cost anything.
    processors: ["memory_limiter", ...processors, ...end.processors],
    exporters: [end.exporter],
  };
}

function telemetry(): Settings {
  // Names as everywhere: with their units, and `_total` where something is counted.
  const named = { without_type_suffix: false, without_units: false };
  const prometheus = { host: "0.0.0.0", port: METRICS_PORT, ...named };
  return {
    logs: { encoding: "json", level: "info" },
    metrics: { level: "normal", readers: [{ pull: { exporter: { prometheus } } }] },
  };
}

function merged(parts: readonly CollectorPart[], what: "receivers" | "processors" | "extensions"): Settings {
  return Object.assign({}, ...parts.map((part) => part[what] ?? {}));
}
