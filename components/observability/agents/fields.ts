/** What both agents look for in a line, and in a pod's labels. */

/** Names under which programs say their level and the trace in JSON; the first one that is there counts. */
export const JSON_FIELDS = {
  level: ["level", "severity", "lvl", "log.level", "log_level", "levelname", "SeverityText"],
  trace_id: ["trace_id", "traceId", "traceID", "trace.id", "traceid", "otelTraceID", "TraceId"],
  span_id: ["span_id", "spanId", "spanID", "span.id", "spanid", "otelSpanID", "SpanId"],
} as const;

/** Levels as numbers (Bunyan, pino), as the one letter of Kubernetes' own programs, and abbreviated. */
export const LEVEL_NAMES: Readonly<Record<string, string>> = {
  "10": "trace",
  "20": "debug",
  "30": "info",
  "40": "warn",
  "50": "error",
  "60": "fatal",
  i: "info",
  w: "warn",
  e: "error",
  f: "fatal",
  warning: "warn",
  err: "error",
};

/** Labels that say what service a pod is of, from the weakest to the strongest. */
export const SERVICE_LABELS = ["k8s-app", "app", "app.kubernetes.io/name", "app.kubernetes.io/instance"] as const;
