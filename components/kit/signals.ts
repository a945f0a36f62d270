/** Something that a service's metrics say is wrong: what an alert is made of. */
export interface Signal {
  /** UpperCamelCase, unique in the program, e.g. `KafkaUnderReplicated`. */
  readonly name: string;
  /** critical: a person must act now. none: it fires always, and shows that alerts arrive. */
  readonly severity: "critical" | "warning" | "none";
  /** PromQL that has a result while it is wrong. */
  readonly expression: string;
  /** How long it must be wrong before anybody is told, in minutes. */
  readonly forMinutes: number;
  /** One sentence for whoever is told. */
  readonly summary: string;
}

/** A query whose results are kept under a name of their own, because many ask it. */
export interface Recording {
  /** `level:metric:operations`, as Prometheus recommends. */
  readonly name: string;
  readonly expression: string;
}

/** What can be told from the metrics of a service. */
export interface Signals {
  /** Its runbook is docs/runbooks/<area>.md, with a section for each signal. */
  readonly area: string;
  /** The results name the service in trouble themselves, by their label `service`. @default false: it is the area */
  readonly namesService?: boolean;
  /** Names of the metrics that the expressions use, as the service exports them. */
  readonly metrics: readonly string[];
  /** @default - none */
  readonly recordings?: readonly Recording[];
  readonly signals: readonly Signal[];
}

/** Metrics that something exports, as far as dashboards and alerts ask for them. */
export interface MetricsSource {
  /** What exports them, with its version: `kube-state-metrics 2.20.0`. */
  readonly source: string;
  /** How the names are known: the real program in a test, or which page of its documentation. */
  readonly known: string;
  readonly metrics: readonly string[];
}
