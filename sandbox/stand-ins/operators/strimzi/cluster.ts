import { createHash } from "node:crypto";
import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { claims, deployments, pods, secrets } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, withCondition } from "../types";
import { accessObjects, budgetOf, caSecrets } from "./access";
import { entityOperatorObjects } from "./entity-operator";
import { claimsOf, foreignClaims, nodeIds } from "./nodes";
import {
  clusterLabel,
  clusterOf,
  isPaused,
  type Kafka,
  type KafkaNodePool,
  kafkaKind,
  kafkaVersions,
  type Listener,
  operatorVersion,
  poolKind,
} from "./types";

export const clusterHandler = handler<Kafka>({
  kind: kafkaKind,
  uses: [poolKind, pods, claims, deployments],
  desired: desiredCluster,
});

export function desiredCluster(kafka: Kafka, observed: Observed): Desired {
  if (isPaused(kafka)) {
    const paused: Condition = { type: "ReconciliationPaused", status: "True", reason: "", message: "" };
    return { prune: false, status: { conditions: withCondition([], paused, observed.now) } };
  }
  const problem = problemOf(kafka, observed);
  const clusterId = kafka.status?.clusterId ?? newClusterId(kafka.metadata!.uid!);
  const running = nodesOf(kafka, observed, clusterId);
  const entityOperator = entityOperatorObjects(kafka);
  const name = `${kafka.metadata!.name}-entity-operator`;
  const deployed = observed.find<V1Deployment>(deployments, name, kafka.metadata!.namespace);
  // Topics and users are looked after once there are brokers to ask.
  const withEntities = running.ready || deployed !== undefined;
  const ready = running.ready && (entityOperator.length === 0 || (deployed?.status?.availableReplicas ?? 0) > 0);
  return {
    secrets: caSecrets(kafka, observed),
    objects: [...accessObjects(kafka), budgetOf(kafka, running.wanted), ...(withEntities ? entityOperator : [])],
    // A cluster that cannot go on keeps what it has.
    prune: problem === undefined,
    status: {
      clusterId,
      kafkaVersion: kafka.spec.kafka.version ?? kafkaVersions.at(-1),
      operatorLastSuccessfulVersion: operatorVersion,
      observedGeneration: kafka.metadata!.generation,
      kafkaNodePools: poolsOf(kafka, observed).map((pool) => ({ name: pool.metadata!.name })),
      listeners: kafka.spec.kafka.listeners.map((listener) => listenerStatus(kafka, listener)),
      conditions: withCondition(
        kafka.status?.conditions?.filter(({ type }) => type === "Ready" || type === "NotReady"),
        readiness(ready, problem ?? running.problem),
        observed.now,
      ).filter(({ type }) => type === (ready && problem === undefined ? "Ready" : "NotReady")),
    },
  };
}

/** Strimzi says Ready, or NotReady; never both. */
function readiness(ready: boolean, problem: string | undefined): Condition {
  return ready && problem === undefined
    ? { type: "Ready", status: "True", reason: "", message: "" }
    : {
        type: "NotReady",
        status: "True",
        reason: problem === undefined ? "Creating" : "InvalidResourceException",
        message: problem ?? "Kafka cluster is being deployed",
      };
}

function listenerStatus(kafka: Kafka, { name, port, type }: Listener) {
  const service = type === "internal" ? "kafka-bootstrap" : `kafka-${name}-bootstrap`;
  const host = `${kafka.metadata!.name}-${service}.${kafka.metadata!.namespace}.svc`;
  return { name, addresses: [{ host, port }], bootstrapServers: `${host}:${port}` };
}

function poolsOf(kafka: Kafka, observed: Pick<Observed, "list">): KafkaNodePool[] {
  const { namespace, name } = kafka.metadata!;
  return observed.list<KafkaNodePool>(poolKind, namespace).filter((pool) => clusterOf(pool) === name);
}

function nodesOf(kafka: Kafka, observed: Observed, clusterId: string) {
  const pools = poolsOf(kafka, observed);
  const wanted = pools.reduce((sum, { spec }) => sum + spec.replicas, 0);
  const { name } = kafka.metadata!;
  const ready = observed
    .list<V1Pod>(pods, kafka.metadata!.namespace)
    .filter(({ metadata }) => metadata?.labels?.[clusterLabel] === name)
    .filter(({ metadata }) => metadata?.labels?.["strimzi.io/name"] === `${name}-kafka`)
    .filter(isReady).length;
  const foreign = pools.flatMap((pool) =>
    foreignClaims(
      nodeIds(pool, pools).flatMap((id) => claimsOf(kafka, pool, id, clusterId)),
      observed,
      clusterId,
    ),
  );
  return {
    wanted,
    ready: wanted > 0 && ready === wanted,
    problem:
      foreign.length > 0
        ? `Invalid cluster.id in meta.properties of ${foreign.join(", ")}: the volumes are those of another cluster`
        : undefined,
  };
}

/** 16 bytes in 22 characters, as Kafka makes them up. */
function newClusterId(uid: string): string {
  return createHash("sha256").update(uid).digest().subarray(0, 16).toString("base64url");
}

const listenerName = /^[a-z0-9]{1,11}$/;
const reservedPorts = [9404, 9999];

/** What the real operator refuses, in its words. */
export function problemOf(kafka: Kafka, observed: Pick<Observed, "find" | "list">): string | undefined {
  const { version, listeners } = kafka.spec.kafka;
  const pools = poolsOf(kafka, observed);
  if (pools.length === 0) return `No KafkaNodePools found for Kafka cluster ${kafka.metadata!.name}`;
  if (version !== undefined && !kafkaVersions.includes(version)) {
    return `Unsupported Kafka.spec.kafka.version: ${version}. Supported versions are: [${kafkaVersions.join(", ")}]`;
  }
  for (const role of ["controller", "broker"] as const) {
    if (!pools.some(({ spec }) => spec.roles.includes(role) && spec.replicas > 0)) {
      return `At least one KafkaNodePool with the ${role} role and at least one replica is required`;
    }
  }
  return listenersProblem(listeners) ?? certificateProblem(kafka, observed);
}

function listenersProblem(listeners: readonly Listener[]): string | undefined {
  const invalid = listeners.filter(({ name }) => !listenerName.test(name)).map(({ name }) => name);
  const forbidden = listeners.find(({ port }) => port < 9092 || reservedPorts.includes(port));
  if (new Set(listeners.map(({ name }) => name)).size < listeners.length) {
    return "every listener needs to have a unique name";
  }
  if (new Set(listeners.map(({ port }) => port)).size < listeners.length) {
    return "every listener needs to have a unique port number";
  }
  if (invalid.length > 0) return `listener names [${invalid.join(", ")}] are invalid and do not match the pattern`;
  return forbidden && `port ${forbidden.port} is forbidden and cannot be used`;
}

function certificateProblem(kafka: Kafka, observed: Pick<Observed, "find">): string | undefined {
  const missing = kafka.spec.kafka.listeners
    .map(({ configuration }) => configuration?.brokerCertChainAndKey?.secretName)
    .find((name) => name !== undefined && !observed.find(secrets, name, kafka.metadata!.namespace));
  return missing && `Secret ${missing} with custom TLS certificate does not exist.`;
}
