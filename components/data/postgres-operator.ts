import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { Chart, type ChartSource, type ChartValues } from "../kit/chart";
import { charts } from "../kit/charts";
import { chartIdentity, chartPods, type Identity, type PodIdentity } from "../kit/labels";
import type { DomainNamespace } from "../kit/namespace";
import { openApiServer } from "../kit/network-policy";
import { after } from "../kit/options";
import { priorities } from "../kit/priorities";
import { type Environment, resources } from "../kit/sizes";

const WEBHOOK_PORT = 9443;

export interface PostgresOperatorArgs {
  readonly charts: ChartSource;
  /** The operator's own namespace. */
  readonly namespace: DomainNamespace;
}

/** CloudNativePG: makes PostgreSQL clusters, databases and roles from custom resources. */
export class PostgresOperator extends Component {
  readonly pods: PodIdentity;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;

  constructor(name: string, args: PostgresOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:data:PostgresOperator", name, after(opts, args.namespace));
    const chart = charts.cloudNativePg;
    this.namespace = args.namespace;
    this.identity = chartIdentity(chart, { instance: name, component: "operator", domain: args.namespace.name });
    this.pods = chartPods(chart, name, args.namespace.name);

    openApiServer(
      `${name}-api-server`,
      { pods: this.pods, owner: this.identity, webhookPorts: [WEBHOOK_PORT] },
      this.child(),
    );
    new Chart(
      name,
      {
        chart,
        source: args.charts,
        namespace: args.namespace.name,
        values: postgresOperatorValues(args.namespace.environment),
      },
      this.child(),
    );

    this.registerOutputs({ namespace: args.namespace.name });
  }
}

/** Values of the operator's chart. */
export function postgresOperatorValues(environment: Environment): ChartValues {
  return {
    replicaCount: environment === "prod" ? 2 : 1,
    webhook: { port: WEBHOOK_PORT },
    priorityClassName: priorities.platform.name,
    resources: { ...resources(100, 256, 512) },
  };
}
