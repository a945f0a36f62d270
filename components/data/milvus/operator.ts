import type { ChartValues } from "../../kit/chart";
import { resources } from "../../kit/sizes";

/** Where the operator says how it is; the chart's own. */
export const OPERATOR_METRICS = { name: "metrics", port: 8080 } as const;

/** Values of the Milvus operator's chart: it makes the pods of a Milvus from a custom resource. */
export function milvusOperatorValues(): ChartValues {
  return {
    // The mutating webhook only fills in defaults, which the operator does itself when it has none.
    enableWebhook: false,
    podSecurityContext: {
      runAsUser: 65532,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    // The chart's own limit on CPU stays: Helm merges these into its defaults.
    resources: { ...resources(100, 256, 512) },
  };
}
