/** Where the collector takes OTLP: known before it is made, because it comes after everything that sends to it. */
export const COLLECTOR = {
  name: "otel-collector",
  host: "otel-collector.observability.svc",
  grpcPort: 4317,
  httpPort: 4318,
} as const;

/** Pods outside the program with this label, in a namespace of applications, may send to the collector. */
export const TRACES_LABEL = { "orrery.dev/traces": "otlp" } as const;
