import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext } from "../../kit/security";
import { resources } from "../../kit/sizes";

/** What the operator says of itself. Its exporter beside it only repeats what the servers say of themselves. */
export const OPERATOR_METRICS = { name: "op-metrics", port: 9999 } as const;

/** Name of the Secret with the operator's own password. */
export function accessSecretName(operator: string): string {
  return `${operator}-access`;
}

/**
 * Values of Altinity's chart. Its rights are the program's own (operator-rights.ts): the chart's let it read and write
 * the Secrets of the whole cluster.
 */
export function clickhouseOperatorValues(name: string, watched: string): ChartValues {
  const token = { rule: "service-account-token", reason: "it makes what ClickHouse installations ask for" };
  const probes = {
    rule: "probes",
    reason: "the chart has none for the operator and its exporter, and no values for them",
  };
  return {
    fullnameOverride: name,
    // The definitions come from the chart's own folder; the hook's image is not pinned, and not there any more.
    crdHook: { enabled: false },
    rbac: { create: false },
    secret: { create: false },
    podAnnotations: exceptionAnnotations([token, probes]),
    podLabels: { "orrery.dev/metrics-port": OPERATOR_METRICS.name },
    podSecurityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    },
    operator: {
      priorityClassName: priorities.platform.name,
      resources: { ...resources(100, 128, 256) },
      containerSecurityContext: containerSecurityContext(true),
    },
    metrics: { resources: { ...resources(50, 64, 128) }, containerSecurityContext: containerSecurityContext(true) },
    configs: {
      files: {
        "config.yaml": {
          watch: { namespaces: [watched] },
          clickhouse: { access: { secret: { name: accessSecretName(name) } } },
        },
      },
    },
  };
}
