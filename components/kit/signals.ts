/** Something that a service's metrics say is wrong: raw material of an alert. */
export interface Signal {
  /** UpperCamelCase, unique in the program, e.g. `KafkaUnderReplicated`. */
  readonly name: string;
  readonly severity: "critical" | "warning";
  /** PromQL that has a result while it is wrong. */
  readonly expression: string;
  /** How long it must be wrong before anybody is told, in minutes. */
  readonly forMinutes: number;
  /** One sentence for whoever is told. */
  readonly summary: string;
}

/** What can be told from the metrics of a service. */
export interface Signals {
  /** Names of the metrics that the expressions use, as the service exports them. */
  readonly metrics: readonly string[];
  readonly signals: readonly Signal[];
}
