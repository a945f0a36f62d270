import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { ChartPin } from "./charts";

/** A chart's values: plain data, so that a preview shows them and the policy pack can render the chart. */
export type ChartValue = string | number | boolean | null | readonly ChartValue[] | ChartValues;
export interface ChartValues {
  readonly [key: string]: ChartValue;
}

/** Where charts come from. */
export interface ChartSource {
  /**
   * Directory, HTTP(S) URL or `oci://` path that stands in for every chart's repository.
   * @default - each chart's own repository
   */
  readonly mirror?: string;
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

    new k8s.helm.v3.Release(
      name,
      {
        name,
        namespace: args.namespace,
        ...locateChart(args.chart, args.source),
        values: args.values as Record<string, unknown>,
        timeout: args.timeoutSeconds ?? 600,
        // A failed first install is removed, so that the next `up` starts clean instead of finding a broken release.
        atomic: true,
        maxHistory: 3,
      },
      this.child(),
    );

    this.registerOutputs({ releaseName: this.releaseName, namespace: this.namespace, version: args.chart.version });
  }
}

export interface ChartLocation {
  readonly chart: string;
  readonly version?: string;
  readonly repositoryOpts?: { readonly repo: string };
}

/** The Release's chart, version and repository for a pin: from its repository, or from the mirror. */
export function locateChart(pin: ChartPin, source: ChartSource): ChartLocation {
  const place = (source.mirror ?? pin.repository).replace(/\/+$/, "");
  if (place.startsWith("oci://")) {
    return { chart: `${place}/${pin.name}`, version: pin.version };
  }
  if (/^https?:\/\//.test(place)) {
    return { chart: pin.name, version: pin.version, repositoryOpts: { repo: place } };
  }
  // A file has one version: naming it a second time would only let the two disagree.
  return { chart: `${place.replace(/^file:\/\//, "")}/${pin.name}-${pin.version}.tgz` };
}
