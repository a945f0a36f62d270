import type { KubernetesObject, V1Container, V1Deployment, V1PodDisruptionBudget } from "@kubernetes/client-node";
import { deployments } from "../../runtime/kinds";
import { ownedBy } from "../types";
import { type ContainerTemplate, type Kafka, labelsOf, operatorVersion, selectorOf } from "./types";

/** What makes topics and users: one pod with a container for each of the two. */
export function entityOperatorObjects(kafka: Kafka): KubernetesObject[] {
  if (kafka.spec.entityOperator === undefined) return [];
  const at = metadata(kafka);
  const budget: V1PodDisruptionBudget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: at,
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(kafka) } },
  };
  return [{ apiVersion: "v1", kind: "ServiceAccount", metadata: at }, budget, deployment(kafka)];
}

const nameOf = (kafka: Kafka) => `${kafka.metadata!.name}-entity-operator`;
const selector = (kafka: Kafka) => selectorOf(kafka.metadata!.name!, nameOf(kafka));

function metadata(kafka: Kafka) {
  return {
    namespace: kafka.metadata!.namespace,
    name: nameOf(kafka),
    labels: labelsOf(kafka, kafka.metadata!.name!, nameOf(kafka), "entity-operator"),
    ownerReferences: ownedBy(kafka),
  };
}

function deployment(kafka: Kafka): V1Deployment {
  const { topicOperator, userOperator, template = {} } = kafka.spec.entityOperator!;
  const { metadata: own, ...pod } = template.pod ?? {};
  return {
    apiVersion: deployments.apiVersion,
    kind: deployments.kind,
    metadata: metadata(kafka),
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: selector(kafka) },
      template: {
        metadata: { ...own, labels: { ...own?.labels, ...metadata(kafka).labels } },
        spec: {
          ...pod,
          serviceAccountName: nameOf(kafka),
          automountServiceAccountToken: false,
          containers: [
            ...(topicOperator ? [part("topic", 8080, topicOperator, template.topicOperatorContainer)] : []),
            ...(userOperator ? [part("user", 8081, userOperator, template.userOperatorContainer)] : []),
          ],
          volumes: [
            { name: "strimzi-to-tmp", emptyDir: { medium: "Memory", sizeLimit: "5Mi" } },
            { name: "strimzi-uo-tmp", emptyDir: { medium: "Memory", sizeLimit: "5Mi" } },
          ],
        },
      },
    },
  };
}

function part(
  what: "topic" | "user",
  port: number,
  { resources }: { resources?: V1Container["resources"] },
  template?: ContainerTemplate,
): V1Container {
  const short = what === "topic" ? "to" : "uo";
  const probe = (path: string) => ({ httpGet: { path, port: `healthcheck-${short}` }, initialDelaySeconds: 10 });
  return {
    name: `${what}-operator`,
    image: `quay.io/strimzi/operator:${operatorVersion}`,
    args: [`/opt/strimzi/bin/${what}_operator_run.sh`],
    ports: [{ name: `healthcheck-${short}`, containerPort: port, protocol: "TCP" }],
    resources,
    env: template?.env,
    securityContext: template?.securityContext,
    livenessProbe: probe("/healthy"),
    readinessProbe: probe("/ready"),
    volumeMounts: [{ name: `strimzi-${short}-tmp`, mountPath: "/tmp" }],
  };
}
