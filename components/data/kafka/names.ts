import type { PodIdentity } from "../../kit/labels";

/** Apache Kafka's version: one that the operator of charts.ts supports. A new one is rolled out broker by broker. */
export const KAFKA_VERSION = "4.3.1";

/** Ports of the brokers. The first three are Strimzi's own: the quorum, replication, and what the operator asks. */
export const QUORUM_PORT = 9090;
export const REPLICATION_PORT = 9091;
export const AGENT_PORT = 8443;
/** For clients inside the cluster: plain text without certificates, TLS with them. */
export const PLAIN_PORT = 9092;
export const TLS_PORT = 9093;
/** For clients outside, through the gateway. */
export const GATEWAY_PORT = 9095;
export const GATEWAY_LISTENER = "gateway";
/** Name of the container port at which Strimzi's reporter shows metrics. */
export const METRICS_PORT_NAME = "tcp-prometheus";
export const METRICS_PORT = 9404;

/** At most so many nodes vote; the brokers beyond them only keep data. */
const MOST_VOTERS = 3;

export interface NodePool {
  readonly name: string;
  readonly roles: readonly ("controller" | "broker")[];
  /** The first node's number, and how many there are. */
  readonly first: number;
  readonly replicas: number;
}

/**
 * Nodes that vote and keep data, and, beyond three, nodes that only keep data: the voters of a Kafka that runs cannot
 * change their number, so more brokers must not mean more voters.
 */
export function nodePools(brokers: number): NodePool[] {
  const voters = Math.min(brokers, MOST_VOTERS);
  const more = brokers - voters;
  return [
    { name: "quorum", roles: ["controller", "broker"], first: 0, replicas: voters },
    ...(more > 0 ? [{ name: "broker", roles: ["broker"] as const, first: voters, replicas: more }] : []),
  ];
}

/** The pool that the broker with this number is of. */
export function poolOf(brokers: number, broker: number): NodePool {
  const found = nodePools(brokers).find(({ first, replicas }) => broker >= first && broker < first + replicas);
  if (found === undefined) throw new Error(`There is no broker ${broker} of ${brokers}.`);
  return found;
}

/** Labels that Strimzi puts on all brokers of a cluster, and on nothing else. */
export function brokerPods(cluster: string, namespace: string): PodIdentity {
  return { namespace, labels: strimziLabels(cluster, `${cluster}-kafka`), instance: cluster };
}

/** The pod that makes topics and users. */
export function entityOperatorPods(cluster: string, namespace: string): PodIdentity {
  const instance = `${cluster}-entity-operator`;
  return { namespace, labels: strimziLabels(cluster, instance), instance };
}

function strimziLabels(cluster: string, name: string): Record<string, string> {
  return { "strimzi.io/cluster": cluster, "strimzi.io/name": name };
}

/** Services that Strimzi makes for a cluster. */
export const bootstrapService = (cluster: string) => `${cluster}-kafka-bootstrap`;
export const brokersService = (cluster: string) => `${cluster}-kafka-brokers`;
export function gatewayService(cluster: string, brokers: number, broker: number): string {
  return `${cluster}-${poolOf(brokers, broker).name}-${GATEWAY_LISTENER}-${broker}`;
}

const TOPIC_NAME_MAX = 249;

/** What is wrong with a topic's name; undefined when nothing is. */
export function topicNameProblem(topic: string): string | undefined {
  if (!/^[A-Za-z0-9._-]+$/.test(topic) || topic === "." || topic === "..") {
    return "Kafka allows letters, digits, dots, underscores and hyphens";
  }
  if (topic.length > TOPIC_NAME_MAX) return `Kafka allows ${TOPIC_NAME_MAX} characters`;
  if (topic.startsWith("__")) return "names that begin with two underscores are Kafka's own";
  return topicObjectName(topic) === "" ? "it has neither a letter nor a digit" : undefined;
}

/** A topic's name as a Kubernetes object's: two topics whose names are the same but for case or separators collide. */
export function topicObjectName(topic: string): string {
  return topic
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** A user's name stands in an object's name, a principal and a group's name. */
export const USER_NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** Secret of a user with everything that a client needs. */
export const userSecretName = (cluster: string, user: string) => `${cluster}-client-${user}`;
/** The user operator makes a Secret of its own for each user; with this it cannot be mistaken for another one. */
export const OPERATORS_SECRET_PREFIX = "kafka-user-";
