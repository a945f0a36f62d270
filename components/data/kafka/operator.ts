import type { ChartValues } from "../../kit/chart";
import { exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { podSecurityContext } from "../../kit/security";
import { type Environment, resources } from "../../kit/sizes";

/** By these, and not by Helm's usual labels, the chart's pods are found. */
export const OPERATOR_POD_LABELS = { name: "strimzi-cluster-operator", "strimzi.io/kind": "cluster-operator" } as const;

/** Health and metrics; the chart's own. */
export const OPERATOR_METRICS = { name: "http", port: 8080 } as const;

const apart = {
  maxSkew: 1,
  topologyKey: "kubernetes.io/hostname",
  whenUnsatisfiable: "DoNotSchedule",
  nodeTaintsPolicy: "Honor",
  labelSelector: { matchLabels: OPERATOR_POD_LABELS },
};

/** Values of Strimzi's chart: it makes Kafka clusters from custom resources of one namespace. */
export function kafkaOperatorValues(environment: Environment, watched: string): ChartValues {
  const token = { rule: "service-account-token", reason: "it makes what the Kafka resources ask for" };
  const several = environment === "prod";
  return {
    replicas: several ? 2 : 1,
    ...(several ? { podDisruptionBudget: { enabled: true }, topologySpreadConstraints: [apart] } : {}),
    watchNamespaces: [watched],
    // Its own policies would let every pod of the cluster at the clients' ports.
    generateNetworkPolicy: false,
    annotations: exceptionAnnotations([token]),
    priorityClassName: priorities.platform.name,
    enableServiceLinks: false,
    podSecurityContext: podSecurityContext({ user: 1001, group: 1001 }),
    resources: { ...resources(100, 384) },
    extraEnvs: [{ name: "STRIMZI_POD_SECURITY_PROVIDER_CLASS", value: "restricted" }],
  };
}
