import type * as pulumi from "@pulumi/pulumi";
import type { ChartSource, ChartValues } from "../../kit/chart";
import { charts } from "../../kit/charts";
import type { Domain } from "../../kit/domains";
import { exceptionAnnotations, type Identity } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { spreadConstraints } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext } from "../../kit/security";
import { type Environment, resources } from "../../kit/sizes";

const WEBHOOK_PORT = 9443;
const METRICS = { name: "metrics", port: 8080 } as const;

export interface InstrumentationOperatorArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Namespaces whose pods it may instrument: of the others it is not even asked. */
  readonly instrumented: readonly Domain[];
}

/** The OpenTelemetry operator. It puts agents into pods that ask for them, before they start. */
export function createInstrumentationOperator(
  name: string,
  { charts: source, namespaces, instrumented }: InstrumentationOperatorArgs,
  opts: pulumi.ComponentResourceOptions,
): Operator {
  const namespace = namespaces.get("opentelemetry-system");
  const values = instrumentationOperatorValues(namespace.environment, name, instrumented);
  const chart = charts.opentelemetryOperator;
  return new Operator(
    name,
    { chart, charts: source, namespace, values, webhookPorts: [WEBHOOK_PORT], metrics: { port: METRICS } },
    opts,
  );
}

/** Values of the operator's chart. Its webhooks' certificate is signed by an issuer of its own, of cert-manager. */
export function instrumentationOperatorValues(
  environment: Environment,
  name: string,
  instrumented: readonly Domain[],
): ChartValues {
  const several = environment === "prod";
  const token = { rule: "service-account-token", reason: "it follows what Instrumentation resources ask for" };
  const pods: Pick<Identity, "name" | "instance" | "component"> = {
    name: charts.opentelemetryOperator.name,
    instance: name,
    component: "controller-manager",
  };
  return {
    replicaCount: several ? 2 : 1,
    ...(several ? { pdb: { create: true, minAvailable: 1 }, topologySpreadConstraints: spreadConstraints(pods) } : {}),
    priorityClassName: priorities.platform.name,
    manager: {
      // Plain HTTP: who may ask is said by network policies.
      metrics: { secure: false },
      ports: { metricsPort: METRICS.port, webhookPort: WEBHOOK_PORT },
      podAnnotations: exceptionAnnotations([token]),
      resources: { ...resources(50, 128, 256) },
      securityContext: containerSecurityContext(true),
    },
    admissionWebhooks: {
      certManager: { enabled: true },
      // A pod starts without an agent when nobody answers: better than not at all.
      pods: { failurePolicy: "Ignore" },
      namespaceSelector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...instrumented] }],
      },
    },
  };
}
