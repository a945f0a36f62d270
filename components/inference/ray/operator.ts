import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { NOBODY, podSecurityContext } from "../../kit/security";
import { resources } from "../../kit/sizes";

/** Where the operator says how it is; the chart's own. */
export const OPERATOR_METRICS = { name: "http", port: 8080 } as const;

/**
 * Values of KubeRay's chart: it makes Ray clusters from custom resources of one namespace. Without a batch scheduler: with
 * one, every cluster of the operator starts with all its pods or not at all, and a service should go on without a machine.
 */
export function rayOperatorValues(watched: string): ChartValues {
  const token = { rule: "service-account-token", reason: "it makes the pods and Services of Ray clusters" };
  return {
    // Rights in the watched namespace, and nowhere else.
    singleNamespaceInstall: true,
    watchNamespace: [watched],
    metrics: { enabled: true },
    annotations: exceptionAnnotations([token]),
    priorityClassName: priorities.platform.name,
    // The chart asks both questions with the same patience: busy would be dead.
    livenessProbe: { failureThreshold: 12 },
    podSecurityContext: podSecurityContext(NOBODY),
    // The chart's own limit on CPU stays: Helm merges these into its defaults.
    resources: { ...resources(100, 256, 512) },
  };
}
