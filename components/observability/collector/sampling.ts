import type { Settings } from "./part";

/** A trace is decided upon when nothing has come for it during this time. */
const DECISION_SECONDS = 10;
/** A trace that takes longer is always kept. */
export const SLOW_MILLISECONDS = 2000;

/** Between collectors: spans of one trace meet at the one that decides upon it. */
export const PEER_PORT = 4320;

export interface SamplingFacts {
  /** 0.01 to 100. */
  readonly percent: number;
  readonly replicas: number;
  /** Traces that may wait for their decision. */
  readonly pendingTraces: number;
  /** The collector's own Service, `name.namespace`. */
  readonly service: string;
}

/** How traces are kept or let go: parts of the configuration. Nothing of it is there while all are kept. */
export interface Sampling {
  readonly receivers: Settings;
  readonly processors: Settings;
  readonly connectors: Settings;
  readonly exporters: Settings;
  /** Where everybody's traces go first. */
  readonly entrance: string;
  /** The pipeline that decides; its exporter is the store's. */
  readonly pipeline: { readonly receivers: string[]; readonly processors: string[] };
}

/**
 * Tail sampling: the decision is made when the trace is whole, so that errors and slow ones can be kept. With several
 * collectors the one that takes a span need not be the one that decides: each passes it on by the trace's id, over the
 * ring of all of them, and every span of a trace comes to the same one.
 */
export function sampling(facts: SamplingFacts): Sampling | undefined {
  if (facts.percent >= 100) return undefined;
  const processors = { tail_sampling: tailSampling(facts) };
  if (facts.replicas === 1) {
    const entrance = "forward/sampling";
    return {
      receivers: {},
      processors,
      connectors: { [entrance]: {} },
      exporters: {},
      entrance,
      pipeline: { receivers: [entrance], processors: ["tail_sampling"] },
    };
  }
  return {
    receivers: { "otlp/peers": { protocols: { grpc: { endpoint: `0.0.0.0:${PEER_PORT}` } } } },
    processors,
    connectors: {},
    exporters: { load_balancing: loadBalancing(facts.service) },
    entrance: "load_balancing",
    pipeline: { receivers: ["otlp/peers"], processors: ["memory_limiter", "tail_sampling"] },
  };
}

function tailSampling({ percent, pendingTraces }: SamplingFacts): Settings {
  return {
    decision_wait: `${DECISION_SECONDS}s`,
    num_traces: pendingTraces,
    // Spans that come late go the way of their trace.
    decision_cache: { sampled_cache_size: pendingTraces * 4, non_sampled_cache_size: pendingTraces * 4 },
    policies: [
      { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
      { name: "slow", type: "latency", latency: { threshold_ms: SLOW_MILLISECONDS } },
      { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: percent } },
    ],
  };
}

function loadBalancing(service: string): Settings {
  return {
    routing_key: "traceID",
    protocol: { otlp: { tls: { insecure: true }, timeout: "5s" } },
    resolver: { k8s: { service, ports: [PEER_PORT] } },
    // A collector that goes away leaves its share to the others.
    retry_on_failure: { enabled: true, max_elapsed_time: "60s" },
    sending_queue: { enabled: true },
  };
}

/** Rights for the resolver: who is behind the Service. */
export const resolverRules = [
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
];
