import type { ChartValues } from "../../kit/chart";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";

export const WEBHOOK_PORT = 9443;
/** Where the operator says how it is; the chart's own. */
export const OPERATOR_METRICS = { name: "metrics", port: 8080 } as const;

/** Values of CloudNativePG's chart: it makes PostgreSQL clusters, databases and roles from custom resources. */
export function postgresOperatorValues(environment: Environment): ChartValues {
  return {
    replicaCount: environment === "prod" ? 2 : 1,
    webhook: { port: WEBHOOK_PORT },
    priorityClassName: priorities.platform.name,
    resources: { ...resources(100, 256, 512) },
  };
}
