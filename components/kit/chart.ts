import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { ChartDefinitions } from "./chart-definitions";
import { type ChartLocation, type ChartSource, locateChart } from "./chart-location";
import type { ChartPin } from "./charts";

export { type ChartLocation, type ChartSource, locateChart } from "./chart-location";

/** A chart's values: plain data, so that a preview shows them and the policy pack can render the chart. */
export type ChartValue = string | number | boolean | null | readonly ChartValue[] | ChartValues;
export interface ChartValues {
  readonly [key: string]: ChartValue;
}

export interface ChartArgs {
  /** Which chart, from the table in charts.ts. A new version upgrades the release in place. */
  readonly chart: ChartPin;
  readonly source: ChartSource;
  /** Namespace of the release. Changing it replaces the release. */
  readonly namespace: string;
  readonly values: ChartValues;
  /** How long its workloads may take to be ready, in seconds. @default 600 */
  readonly timeoutSeconds?: number;
}

/**
 * A Helm release of a pinned chart, named as the component. Its objects and its CRDs are Helm's: they never enter the
 * state, which is written as a whole at every step.
 */
export class Chart extends Component {
  readonly releaseName: string;
  readonly namespace: string;

  constructor(name: string, args: ChartArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:kit:Chart", name, opts);
    this.releaseName = name;
    this.namespace = args.namespace;

    const location = locateChart(args.chart, args.source);
    const definitions = this.createDefinitions(name, args, location);
    new k8s.helm.v3.Release(
      name,
      {
        name,
        namespace: args.namespace,
        ...location,
        values: args.values as Record<string, unknown>,
        timeout: args.timeoutSeconds ?? 600,
        // A failed first install is removed, so that the next `up` starts clean instead of finding a broken release.
        atomic: true,
        maxHistory: 3,
        ...(definitions ? { skipCrds: true } : {}),
      },
      this.child(definitions ? { dependsOn: [definitions] } : {}),
    );

    this.registerOutputs({ releaseName: this.releaseName, namespace: this.namespace, version: args.chart.version });
  }

  /** Upgrades what Helm would leave as it is; nothing for charts that bring their definitions with their templates. */
  private createDefinitions(
    name: string,
    { chart, source: { kubeconfig } }: ChartArgs,
    location: ChartLocation,
  ): ChartDefinitions | undefined {
    if (chart.crds !== "folder" || kubeconfig === undefined) return undefined;
    return new ChartDefinitions(`${name}-definitions`, { location, kubeconfig }, { parent: this });
  }
}
