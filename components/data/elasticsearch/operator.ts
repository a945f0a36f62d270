import type * as pulumi from "@pulumi/pulumi";
import type { ChartSource, ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { exceptionAnnotations } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";

/** ECK, for the resources in `managed`, where the chart gives it its rights. */
export function createElasticOperator(
  name: string,
  { charts: source, namespaces }: { readonly charts: ChartSource; readonly namespaces: Namespaces },
  managed: DomainNamespace,
  opts: pulumi.ComponentResourceOptions,
): Operator {
  const namespace = namespaces.get("elastic-system");
  const values = elasticOperatorValues(namespace.environment, [managed.name]);
  const podLabels = operatorPodLabels(name);
  return new Operator(
    name,
    {
      chart: charts.elasticOperator,
      charts: source,
      namespace,
      values,
      podLabels,
      metrics: { port: OPERATOR_METRICS },
    },
    after(opts, managed),
  );
}

/** Where the operator says how it is. */
const OPERATOR_METRICS = { name: "metrics", port: 9090 } as const;

/** The chart labels its pods by a name of its own. */
function operatorPodLabels(release: string): Record<string, string> {
  return { "app.kubernetes.io/name": "elastic-operator", "app.kubernetes.io/instance": release };
}

/**
 * Values of ECK's chart. Its rights end at its own namespace and those that it manages: by default it may read and write
 * the Secrets of the whole cluster. The price is its webhook, which needs rights over all of them: what it would refuse,
 * the operator itself refuses to carry out, and the settings' rules before it.
 */
export function elasticOperatorValues(environment: Environment, namespaces: readonly string[]): ChartValues {
  const token = { rule: "service-account-token", reason: "it follows Elasticsearch and Kibana, and makes their pods" };
  const several = environment === "prod";
  return {
    managedNamespaces: [...namespaces],
    createClusterScopedResources: false,
    webhook: { enabled: false },
    config: { validateStorageClass: false, metrics: { port: String(OPERATOR_METRICS.port) } },
    telemetry: { disabled: true },
    replicaCount: several ? 2 : 1,
    podDisruptionBudget: { enabled: several, minAvailable: 1 },
    priorityClassName: priorities.platform.name,
    resources: { ...resources(100, 150, 512) },
    podAnnotations: exceptionAnnotations([token]),
    podSecurityContext: {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    affinity: several ? apart() : {},
  };
}

/** The two operators are not lost together. */
function apart(): ChartValues {
  const podAffinityTerm = {
    labelSelector: { matchLabels: { "app.kubernetes.io/name": "elastic-operator" } },
    topologyKey: "kubernetes.io/hostname",
  };
  return { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } };
}
