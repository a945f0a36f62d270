import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { Chart, type ChartSource } from "../kit/chart";
import { charts } from "../kit/charts";
import type { Environment } from "../kit/sizes";
import type { Telemetry } from "../kit/telemetry";
import { declareCiliumMetrics } from "./cilium-metrics";
import { ciliumValues, type FlowLog } from "./cilium-values";

/** What the packets between nodes go through. */
export interface NodeNetwork {
  /** Largest packet, in bytes, that reaches every node unfragmented. */
  readonly mtuBytes: number;
  /** Whether the nodes encrypt all traffic to each other already; otherwise Cilium encrypts that of the pods. */
  readonly encrypted: boolean;
}

export interface CiliumArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  /** Number of nodes, control planes included; decides how many operators run. */
  readonly nodes: number;
  /** A change restarts the agents. */
  readonly network: NodeNetwork;
  /** Network flows that the agents write to their log. @default - none */
  readonly flowLog?: FlowLog;
  /** Whether Istio's mesh leads the pods' traffic. A change restarts the agents. @default false */
  readonly mesh?: boolean;
  /** Where it says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

/** The cluster's network: pods, Services in place of kube-proxy, network policies, and Hubble's view of all flows. */
export class Cilium extends Component {
  constructor(name: string, args: CiliumArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Cilium", name, opts);

    new Chart(
      name,
      { chart: charts.cilium, source: args.charts, namespace: "kube-system", values: ciliumValues(args) },
      this.child(),
    );

    if (args.telemetry !== undefined) declareCiliumMetrics(args.telemetry);
    this.registerOutputs({});
  }
}
