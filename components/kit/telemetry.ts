import type { Consumer } from "./capability";
import type { Identity, PodIdentity } from "./labels";
import type { NetworkPort } from "./network-policy";

/** Labels that metrics, logs and traces have in common: by these one leads to the other. */
export const TELEMETRY_LABELS = ["cluster", "namespace", "service", "version", "pod"] as const;

/** Pods that serve metrics over HTTP, and how they are asked. */
export interface MetricsTarget {
  /** Whose metrics: the instance becomes the label `service`. */
  readonly identity: Identity;
  readonly pods: PodIdentity;
  /** The container port, by name and number. */
  readonly port: NetworkPort;
  /** The containers say nothing of their ports, so that the port is known by its number alone. @default false */
  readonly undeclaredPort?: boolean;
  /** @default /metrics */
  readonly path?: string;
  /** HTTPS: the name that the certificate bears, and the authority behind it. @default - plain HTTP */
  readonly tls?: MetricsTls;
  /** Secret in the pods' namespace whose key holds a bearer token. @default - none is asked for */
  readonly token?: { readonly secret: string; readonly key: string };
  /** Metrics that are kept, as a regular expression over their names. @default - all */
  readonly keep?: string;
  /** Query parameters. @default - none */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** How often, in seconds. @default - as the settings say for all */
  readonly intervalSeconds?: number;
  /**
   * The pods are in the host's network: they answer at the nodes' addresses, and policies speak of nodes instead of
   * them. The machines' own firewall has to let the port in (components/talos/config/ingress.ts). @default false
   */
  readonly hostNetwork?: boolean;
  /** One pod on each node, which speaks of it: its metrics get the label `node`. @default as `hostNetwork` */
  readonly perNode?: boolean;
  /**
   * The metrics speak of others: where they bear labels such as `namespace` and `pod` themselves, those stay.
   * @default false
   */
  readonly honorLabels?: boolean;
}

/** A target whose pods somebody else knows. */
export type PodTarget = Omit<MetricsTarget, "identity" | "pods">;

export interface MetricsTls {
  readonly serverName: string;
  /** ConfigMap with the key `ca.crt` in the pods' namespace. @default - the certificate is not verified */
  readonly caConfigMap?: string;
}

/** Where a consumer sends traces, metrics and logs over OTLP. */
export interface TraceEndpoint {
  /** Variables that every OpenTelemetry SDK reads. */
  readonly environment: Readonly<Record<string, string>>;
  /** For software that has settings of its own for the same: where to, as what, and what every span says besides. */
  readonly receiver: OtlpReceiver;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where OTLP is taken; known before the collector is made, which comes after everything that sends to it. */
export interface OtlpReceiver {
  readonly host: string;
  readonly grpcPort: number;
  readonly httpPort: number;
  /** The cluster's name: part of what every span says about its origin. */
  readonly cluster: string;
}

/**
 * What is there to be observed. Whoever serves metrics or sends traces says so here, while it is made; the
 * observability layer, which comes last, makes the monitors and opens the network paths, one for each.
 */
export class Telemetry {
  private readonly targets: MetricsTarget[] = [];
  private readonly senders: Consumer[] = [];

  /** @param receiver where OTLP goes; undefined: nobody takes traces */
  constructor(private readonly receiver?: OtlpReceiver) {}

  /** These pods serve metrics: they will be scraped. */
  metrics(target: MetricsTarget): void {
    this.targets.push(target);
  }

  /** The consumer will send traces: a path to the collector, and variables that say where it is. */
  traces(consumer: Consumer): TraceEndpoint | undefined {
    if (this.receiver === undefined) return undefined;
    this.senders.push(consumer);
    return traceEndpoint(this.receiver, consumer.identity);
  }

  /** Everything that serves metrics, in the order in which it was made. */
  get scraped(): readonly MetricsTarget[] {
    return this.targets;
  }

  /** Everybody who sends traces. */
  get tracing(): readonly Consumer[] {
    return this.senders;
  }
}

/** Variables after the OpenTelemetry specification, "SDK environment variables". */
function traceEndpoint(receiver: OtlpReceiver, identity: Identity): TraceEndpoint {
  const attributes = {
    "k8s.cluster.name": receiver.cluster,
    "service.namespace": identity.domain,
    ...(identity.version === undefined ? {} : { "service.version": identity.version }),
  };
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${receiver.host}:${receiver.httpPort}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_SERVICE_NAME: identity.instance,
    OTEL_RESOURCE_ATTRIBUTES: attributeList(attributes),
  };
  return { environment, receiver, service: identity.instance, attributes };
}

/** Attributes as the variable OTEL_RESOURCE_ATTRIBUTES lists them. */
export function attributeList(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
