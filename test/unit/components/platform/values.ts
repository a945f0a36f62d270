import { postgresOperatorValues } from "../../../../components/data/postgres-operator";
import type { ChartValues } from "../../../../components/kit/chart";
import type { ChartPin } from "../../../../components/kit/charts";
import { charts } from "../../../../components/kit/charts";
import type { Environment } from "../../../../components/kit/sizes";
import { ciliumValues } from "../../../../components/platform/cilium-values";
import { cloudControllerValues } from "../../../../components/platform/cloud-controller";
import { cloudVolumesValues } from "../../../../components/platform/cloud-volumes";
import { nodeMtuBytes } from "../../../../components/talos/config/network";

export interface ValuesCase {
  readonly title: string;
  readonly chart: ChartPin;
  readonly values: ChartValues;
  /** Maps of the chart into which anything may be put, although they are not empty by default. */
  readonly open: readonly string[];
}

const environments: readonly Environment[] = ["dev", "prod"];

/** The values of every chart that the program installs, in the variants that it can produce. */
export const valuesCases: readonly ValuesCase[] = environments.flatMap((environment) => [
  ...[true, false].map((kubespan) => ({
    title: `cilium, ${environment}, ${kubespan ? "with" : "without"} KubeSpan`,
    chart: charts.cilium,
    values: ciliumValues({
      environment,
      nodes: environment === "prod" ? 7 : 1,
      network: { mtuBytes: nodeMtuBytes(kubespan), encrypted: kubespan },
    }),
    open: [],
  })),
  {
    title: `cloud controller, ${environment}`,
    chart: charts.cloudController,
    values: cloudControllerValues({
      podCidr: "10.244.0.0/16",
      hcloud: environment === "prod" ? { location: "fsn1", endpoint: "https://api.test/v1", robot: {} } : {},
    }),
    // The chart writes its resources out as they are.
    open: ["env", "resources"],
  },
  {
    title: `volumes, ${environment}`,
    chart: charts.cloudVolumes,
    values: cloudVolumesValues({ environment, endpoint: environment === "prod" ? "https://api.test/v1" : undefined }),
    open: [],
  },
  {
    title: `PostgreSQL operator, ${environment}`,
    chart: charts.cloudNativePg,
    values: postgresOperatorValues(environment),
    open: [],
  },
]);
