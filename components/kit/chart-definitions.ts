import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { ChartLocation } from "./chart-location";

export interface ChartDefinitionsArgs {
  /** Where the chart is. Another version or repository applies its definitions anew, in place. */
  readonly location: ChartLocation;
  /** Administrator's kubeconfig of the cluster. Another one applies the definitions anew. */
  readonly kubeconfig: pulumi.Input<string>;
}

/**
 * The CustomResourceDefinitions of a chart's `crds/` folder, which Helm installs once and never upgrades. They are
 * applied server-side with the chart and with each change of its version, and none of them enters the state: they are
 * megabytes. Deleting this component deletes no definition, because with a definition goes everything that it defines.
 * It wants `helm` on PATH.
 */
export class ChartDefinitions extends Component {
  constructor(name: string, args: ChartDefinitionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:kit:ChartDefinitions", name, opts);
    const { chart, version = "", repositoryOpts } = args.location;
    const repository = repositoryOpts?.repo ?? "";
    new local.Command(
      name,
      {
        // On every change too: of the chart, and of the kubeconfig, which may be that of a cluster made anew.
        create: "node --require tsx/cjs components/kit/chart-definitions-apply.ts",
        delete: ":",
        environment: {
          CHART: chart,
          CHART_VERSION: version,
          CHART_REPOSITORY: repository,
          KUBECONFIG_CONTENT: pulumi.secret(args.kubeconfig),
        },
        logging: local.Logging.None,
      },
      this.child({ customTimeouts: { create: "10m", update: "10m" } }),
    );
    this.registerOutputs({});
  }
}
