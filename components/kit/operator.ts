import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { Chart, type ChartSource, type ChartValues } from "./chart";
import type { ChartPin } from "./charts";
import { chartIdentity, chartPods, type Identity, type PodIdentity } from "./labels";
import type { DomainNamespace } from "./namespace";
import { openApiServer } from "./network-policy";
import { after } from "./options";
import type { PodTarget } from "./telemetry";

export interface OperatorArgs {
  /** Which chart, from the table in charts.ts. */
  readonly chart: ChartPin;
  readonly charts: ChartSource;
  /** Where the operator runs. */
  readonly namespace: DomainNamespace;
  readonly values: ChartValues;
  /** Labels of its pods, where the chart does not label them as Helm's own template of a chart does. */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** Ports of its webhooks, which the API server calls. @default - none */
  readonly webhookPorts?: readonly number[];
  /** Where its pods serve metrics. @default - nowhere */
  readonly metrics?: PodTarget;
  /** How long its pods may take to be ready, in seconds. @default 600 */
  readonly timeoutSeconds?: number;
}

/** An operator from its chart, named as the release, with its way to the Kubernetes API. */
export class Operator extends Component {
  readonly identity: Identity;
  readonly pods: PodIdentity;
  readonly namespace: DomainNamespace;

  constructor(name: string, args: OperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { chart, charts: source, namespace, values, webhookPorts, timeoutSeconds } = args;
    super("orrery:kit:Operator", name, after(opts, namespace));
    this.namespace = namespace;
    this.identity = chartIdentity(chart, { instance: name, component: "operator", domain: namespace.name });
    const usual = chartPods(chart, name, namespace.name);
    this.pods = args.podLabels === undefined ? usual : { ...usual, labels: args.podLabels };

    const path = openApiServer(
      `${name}-api-server`,
      { pods: this.pods, owner: this.identity, webhookPorts },
      this.child(),
    );
    // An operator that starts before its path is open fails, and waits longer each time.
    new Chart(
      name,
      { chart, source, namespace: namespace.name, values, timeoutSeconds },
      this.child({ dependsOn: [path] }),
    );

    if (args.metrics !== undefined) {
      namespace.telemetry.metrics({ identity: this.identity, pods: this.pods, ...args.metrics });
    }
    this.registerOutputs({ namespace: namespace.name });
  }
}
