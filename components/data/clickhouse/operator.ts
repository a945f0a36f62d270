import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { createOperatorRights } from "./operator-rights";
import { accessSecretName, clickhouseOperatorValues, OPERATOR_METRICS } from "./operator-values";

export interface ClickHouseOperatorArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Where the installations are; it looks nowhere else. */
  readonly watched: DomainNamespace;
}

/** Altinity's operator, with rights in one namespace and a password of its own. */
export class ClickHouseOperator extends Component {
  readonly pods: PodIdentity;
  readonly namespace: DomainNamespace;

  constructor(name: string, args: ClickHouseOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("clickhouse-system");
    super("orrery:data:ClickHouseOperator", name, after(opts, namespace, args.watched));
    this.namespace = namespace;
    const chart = charts.clickHouseOperator;
    const about = { instance: name, component: "operator", domain: namespace.name };
    const owner = chartIdentity(chart, about);

    const access = this.createAccess(name, owner);
    const where = { owner, namespace: namespace.name, serviceAccount: name, watched: args.watched.name };
    const rights = createOperatorRights(name, where, this.child());
    const values = clickhouseOperatorValues(name, args.watched.name);
    const operator = new Operator(
      `${name}-chart`,
      { chart, charts: args.charts, namespace, values, metrics: { port: OPERATOR_METRICS } },
      this.child({ dependsOn: [access, ...rights] }),
    );
    this.pods = operator.pods;

    this.registerOutputs({ namespace: namespace.name });
  }

  /** The chart's own password is the same everywhere. */
  private createAccess(name: string, owner: Identity): pulumi.Resource {
    const secretName = accessSecretName(name);
    const { result } = new random.RandomPassword(secretName, { length: 48, special: false }, { parent: this });
    return new k8s.core.v1.Secret(
      secretName,
      {
        metadata: metadata(owner, { name: secretName, namespace: this.namespace.name }),
        type: "Opaque",
        stringData: { username: "clickhouse_operator", password: result },
      },
      this.child(),
    );
  }
}
