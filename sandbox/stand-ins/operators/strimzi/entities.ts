import type { KubernetesObject, V1Secret } from "@kubernetes/client-node";
import { secrets } from "../../runtime/kinds";
import { type Condition, type Desired, handler, type Observed, ownedBy, withCondition } from "../types";
import {
  clusterOf,
  inheritedLabels,
  type Kafka,
  type KafkaNodePool,
  type KafkaTopic,
  type KafkaUser,
  kafkaKind,
  poolKind,
  topicKind,
  userKind,
} from "./types";

export const topicHandler = handler<KafkaTopic>({
  kind: topicKind,
  uses: [kafkaKind, poolKind],
  desired: desiredTopic,
});

export const userHandler = handler<KafkaUser>({ kind: userKind, uses: [kafkaKind], desired: desiredUser });

interface Problem {
  reason: string;
  message: string;
}

/** The cluster, while the operators in it work. */
function runningCluster(resource: KubernetesObject, observed: Observed): Kafka | undefined {
  const kafka = observed.find<Kafka>(kafkaKind, clusterOf(resource), resource.metadata!.namespace);
  return kafka?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")
    ? kafka
    : undefined;
}

function conditions(have: Condition[] | undefined, problem: Problem | undefined, now: Date): Condition[] {
  const ready: Condition =
    problem === undefined
      ? { type: "Ready", status: "True", reason: "", message: "" }
      : { type: "Ready", status: "False", ...problem };
  return withCondition(have, ready, now);
}

const nameOf = (topic: KafkaTopic) => topic.spec?.topicName ?? topic.metadata!.name!;

export function desiredTopic(topic: KafkaTopic, observed: Observed): Desired {
  if (!runningCluster(topic, observed)) return {};
  const problem = topicProblem(topic, observed);
  return {
    status: {
      conditions: conditions(topic.status?.conditions, problem, observed.now),
      observedGeneration: topic.metadata!.generation,
      ...(problem === undefined ? { topicName: nameOf(topic) } : {}),
    },
  };
}

function topicProblem(topic: KafkaTopic, observed: Observed): Problem | undefined {
  const { namespace, name } = topic.metadata!;
  const known = topic.status?.topicName;
  if (known !== undefined && known !== nameOf(topic)) {
    return { reason: "NotSupported", message: "Changing spec.topicName is not supported" };
  }
  const other = observed
    .list<KafkaTopic>(topicKind, namespace)
    .find((each) => each.metadata!.name !== name && each.status?.topicName === nameOf(topic));
  if (other) {
    return {
      reason: "ResourceConflict",
      message: `Managed by Ref{namespace='${namespace}', name='${other.metadata!.name}'}`,
    };
  }
  const brokers = observed
    .list<KafkaNodePool>(poolKind, namespace)
    .filter((pool) => clusterOf(pool) === clusterOf(topic) && pool.spec.roles.includes("broker"))
    .reduce((sum, { spec }) => sum + spec.replicas, 0);
  const { replicas = 1 } = topic.spec ?? {};
  return replicas <= brokers
    ? undefined
    : {
        reason: "KafkaError",
        message: `InvalidReplicationFactorException: Unable to replicate the partition ${replicas} time(s): The target replication factor of ${replicas} cannot be reached because only ${brokers} broker(s) are registered.`,
      };
}

/** The user's password as it is wanted, or why there is none. */
function passwordOf(user: KafkaUser, observed: Observed): { password?: string; problem?: Problem } {
  const wanted = user.spec?.authentication?.password?.valueFrom?.secretKeyRef;
  if (wanted === undefined) return {};
  const secret = observed.find<V1Secret>(secrets, wanted.name, user.metadata!.namespace);
  const reason = "InvalidResourceException";
  if (!secret) {
    return { problem: { reason, message: `Secret ${wanted.name} with requested user password does not exist.` } };
  }
  const password = Buffer.from(secret.data?.[wanted.key] ?? "", "base64").toString("utf8");
  return password === ""
    ? {
        problem: {
          reason,
          message: `Secret ${wanted.name} does not contain the key ${wanted.key} with requested user password.`,
        },
      }
    : { password };
}

export function desiredUser(user: KafkaUser, observed: Observed): Desired {
  const kafka = runningCluster(user, observed);
  if (!kafka) return {};
  const { password, problem } = passwordOf(user, observed);
  const { namespace, name, generation } = user.metadata!;
  const secretName = `${kafka.spec.entityOperator?.userOperator?.secretPrefix ?? ""}${name}`;
  const have = observed.find<V1Secret>(secrets, secretName, namespace)?.data?.["password"];
  const known = have === undefined ? undefined : Buffer.from(have, "base64").toString("utf8");
  const scram = user.spec?.authentication?.type === "scram-sha-512" && problem === undefined;
  return {
    secrets: scram
      ? [
          {
            make: "password",
            metadata: {
              namespace,
              name: secretName,
              labels: { ...inheritedLabels(user), "strimzi.io/kind": "KafkaUser" },
              ownerReferences: ownedBy(user),
            },
            renew: known !== undefined && password !== undefined && known !== password,
            data: (made) => ({
              password: password ?? made,
              "sasl.jaas.config": `org.apache.kafka.common.security.scram.ScramLoginModule required username="${name}" password="${password ?? made}";`,
            }),
          },
        ]
      : [],
    status: {
      conditions: conditions(user.status?.conditions, problem, observed.now),
      observedGeneration: generation,
      username: name,
      secret: scram ? secretName : null,
    },
  };
}
