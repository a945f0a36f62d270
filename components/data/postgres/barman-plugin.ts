import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { Chart, type ChartSource, type ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, chartPods, exceptionAnnotations, type PodIdentity } from "../../kit/labels";
import { openApiServer, openPath } from "../../kit/network-policy";
import type { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { resources } from "../../kit/sizes";

/** The chart allows no other. */
const PLUGIN_PORT = 9090;
/** By this name clusters and backups ask for it. */
export const BARMAN_PLUGIN = "barman-cloud.cloudnative-pg.io";

export interface BarmanPluginArgs {
  readonly charts: ChartSource;
  /** The plugin has to be beside it. */
  readonly operator: Operator;
}

/** CloudNativePG's plugin for backups with Barman. Its certificates come from cert-manager. */
export class BarmanPlugin extends Component {
  constructor(name: string, args: BarmanPluginArgs, opts?: pulumi.ComponentResourceOptions) {
    const { operator } = args;
    const { namespace } = operator;
    super("orrery:data:BarmanPlugin", name, after(opts, operator));
    const chart = charts.barmanCloud;
    const owner = chartIdentity(chart, { instance: name, component: "backup", domain: namespace.name });
    const pods: PodIdentity = chartPods(chart, name, namespace.name);

    openApiServer(`${name}-api-server`, { pods, owner }, this.child());
    openPath(
      `${name}-operator`,
      { from: operator.pods, to: pods, ports: [{ name: "plugin", port: PLUGIN_PORT }], owner },
      this.child(),
    );
    new Chart(
      name,
      { chart, source: args.charts, namespace: namespace.name, values: barmanPluginValues() },
      this.child(),
    );

    this.registerOutputs({ namespace: namespace.name });
  }
}

/** Values of the plugin's chart. */
export function barmanPluginValues(): ChartValues {
  const token = { rule: "service-account-token", reason: "it follows clusters, backups and where they are kept" };
  return {
    resources: { ...resources(50, 64, 128) },
    priorityClassName: priorities.platform.name,
    podAnnotations: exceptionAnnotations([token]),
  };
}
