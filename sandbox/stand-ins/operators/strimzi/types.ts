import type {
  KubernetesObject,
  V1Affinity,
  V1EnvVar,
  V1ObjectMeta,
  V1PodSecurityContext,
  V1ResourceRequirements,
  V1SecurityContext,
  V1Toleration,
  V1TopologySpreadConstraint,
} from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

/** The fields of Strimzi's resources that decide what runs in the cluster. */

export interface PodTemplate {
  metadata?: Pick<V1ObjectMeta, "labels" | "annotations">;
  securityContext?: V1PodSecurityContext;
  terminationGracePeriodSeconds?: number;
  affinity?: V1Affinity;
  tolerations?: V1Toleration[];
  topologySpreadConstraints?: V1TopologySpreadConstraint[];
  priorityClassName?: string;
  enableServiceLinks?: boolean;
}

export interface ContainerTemplate {
  env?: V1EnvVar[];
  securityContext?: V1SecurityContext;
}

export interface Listener {
  name: string;
  port: number;
  type: "internal" | "cluster-ip" | "loadbalancer" | "nodeport" | "ingress" | "route" | "tlsroute";
  tls: boolean;
  configuration?: { brokerCertChainAndKey?: { secretName: string; certificate: string; key: string } };
}

interface EntityOperatorPart {
  resources?: V1ResourceRequirements;
}

export interface Kafka extends KubernetesObject {
  spec: {
    kafka: {
      version?: string;
      listeners: Listener[];
      config?: Record<string, unknown>;
      rack?: { type?: string; topologyKey?: string };
      metricsConfig?: object;
      template?: { podDisruptionBudget?: { maxUnavailable?: number } };
      [more: string]: unknown;
    };
    entityOperator?: {
      topicOperator?: EntityOperatorPart;
      userOperator?: EntityOperatorPart & { secretPrefix?: string };
      template?: {
        pod?: PodTemplate;
        topicOperatorContainer?: ContainerTemplate;
        userOperatorContainer?: ContainerTemplate;
      };
    };
  };
  status?: { conditions?: Condition[]; clusterId?: string };
}

export interface Volume {
  id?: number;
  type: "ephemeral" | "persistent-claim";
  size?: string;
  class?: string;
  deleteClaim?: boolean;
}

export interface KafkaNodePool extends KubernetesObject {
  spec: {
    replicas: number;
    roles: ("controller" | "broker")[];
    storage: Volume | { type: "jbod"; volumes: Volume[] };
    resources?: V1ResourceRequirements;
    template?: {
      pod?: PodTemplate;
      kafkaContainer?: ContainerTemplate;
      initContainer?: ContainerTemplate;
      persistentVolumeClaim?: { metadata?: Pick<V1ObjectMeta, "labels" | "annotations"> };
    };
  };
}

export interface KafkaTopic extends KubernetesObject {
  spec?: { topicName?: string; partitions?: number; replicas?: number; config?: Record<string, unknown> };
  status?: { conditions?: Condition[]; topicName?: string };
}

export interface KafkaUser extends KubernetesObject {
  spec?: {
    authentication?: {
      type: "tls" | "tls-external" | "scram-sha-512";
      password?: { valueFrom?: { secretKeyRef?: { name: string; key: string } } };
    };
  };
  status?: { conditions?: Condition[] };
}

const apiVersion = "kafka.strimzi.io/v1";
export const kafkaKind: Kind = { apiVersion, kind: "Kafka", plural: "kafkas" };
export const poolKind: Kind = { apiVersion, kind: "KafkaNodePool", plural: "kafkanodepools" };
export const topicKind: Kind = { apiVersion, kind: "KafkaTopic", plural: "kafkatopics" };
export const userKind: Kind = { apiVersion, kind: "KafkaUser", plural: "kafkausers" };

export const clusterLabel = "strimzi.io/cluster";
export const operatorVersion = "1.2.0";
export const kafkaVersions = ["4.2.0", "4.2.1", "4.3.0", "4.3.1"];

export const clusterOf = (resource: KubernetesObject) => resource.metadata?.labels?.[clusterLabel] ?? "";
export const isPaused = (resource: KubernetesObject) =>
  resource.metadata?.annotations?.["strimzi.io/pause-reconciliation"] === "true";

/** What Strimzi takes over from its resource, beside its own. */
export function inheritedLabels(resource: KubernetesObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(resource.metadata?.labels ?? {}).filter(([key]) => !/^app\.kubernetes\.io\/(?!part-of)/.test(key)),
  );
}

/** Labels by which Strimzi finds again what it made. */
export function selectorOf(cluster: string, name: string): Record<string, string> {
  return { [clusterLabel]: cluster, "strimzi.io/kind": "Kafka", "strimzi.io/name": name };
}

export function labelsOf(resource: KubernetesObject, cluster: string, name: string, type: string) {
  return {
    ...inheritedLabels(resource),
    ...selectorOf(cluster, name),
    "strimzi.io/component-type": type,
    "app.kubernetes.io/name": type,
    "app.kubernetes.io/instance": cluster,
    "app.kubernetes.io/part-of": `strimzi-${cluster}`,
    "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
  };
}
