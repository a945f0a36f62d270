import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { type Identity, metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Signals } from "../../kit/signals";
import { type RuleFacts, ruleGroup } from "./groups";

export interface PrometheusRulesArgs extends RuleFacts {
  readonly namespaces: Namespaces;
  /** Knows the kind of the objects: the Prometheus operator. */
  readonly operator: pulumi.Resource;
  /** What is on. */
  readonly signals: readonly Signals[];
}

/** The alerts and recording rules of what is on: one object for each area. */
export class PrometheusRules extends Component {
  constructor(name: string, args: PrometheusRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:PrometheusRules", name, after(opts, namespace, args.operator));
    for (const signals of args.signals) {
      const identity: Identity = {
        name: "rules",
        instance: `rules-${signals.area}`,
        component: "alerts",
        domain: namespace.name,
      };
      new k8s.apiextensions.CustomResource(
        `${name}-${signals.area}`,
        {
          apiVersion: "monitoring.coreos.com/v1",
          kind: "PrometheusRule",
          metadata: metadata(identity, { name: signals.area, namespace: namespace.name }),
          spec: { groups: [ruleGroup(signals, args)] },
        },
        this.child(),
      );
    }
    this.registerOutputs({});
  }
}
