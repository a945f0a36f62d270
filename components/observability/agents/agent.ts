import type { ChartValues } from "../../kit/chart";
import type { ChartPin } from "../../kit/charts";
import type { NetworkPort } from "../../kit/network-policy";

/** What an agent is told. */
export interface ShipperFacts {
  readonly cluster: string;
  /** Loki's push API. */
  readonly pushUrl: string;
}

/** What the chart's values are made from. */
export interface AgentValuesFacts {
  /** ConfigMap with the configuration. */
  readonly configMap: string;
  /** Changes when, and only when, the configuration does: the chart's pods roll by it. */
  readonly configHash: string;
}

/** An agent: its chart, its configuration, and what it serves. */
export interface Agent {
  readonly chart: ChartPin;
  readonly metrics: { readonly port: NetworkPort; readonly path: string };
  files(facts: ShipperFacts): Readonly<Record<string, string>>;
  values(facts: AgentValuesFacts): ChartValues;
}
