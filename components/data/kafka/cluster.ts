import { type Environment, resources, type Size } from "../../kit/sizes";
import { type ListenerFacts, listeners } from "./listeners";
import { KAFKA_VERSION, type NodePool, OPERATORS_SECRET_PREFIX } from "./names";
import { type BrokerPodFacts, brokerTemplate, entityOperatorTemplate } from "./pods";
import { brokerSize, heap } from "./sizes";

export interface KafkaClusterFacts extends BrokerPodFacts, ListenerFacts {
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size: Size;
  readonly environment: Environment;
}

/** Copies of what no topic says anything else about. */
export const usualReplicas = (brokers: number) => Math.min(3, brokers);

/** With three copies a message is on two before it is confirmed, so one broker may be away. */
export const leastInSync = (replicas: number) => Math.max(1, replicas - 1);

/** Settings of the brokers, beside those that Strimzi derives from the rest of the spec. */
export function brokerConfig(brokers: number): Record<string, string | number | boolean> {
  const replicas = usualReplicas(brokers);
  const inSync = leastInSync(replicas);
  return {
    // Topics come from the settings; one that is misspelt is an error, and one that is taken out keeps its data.
    "auto.create.topics.enable": false,
    "delete.topic.enable": false,
    "default.replication.factor": replicas,
    "min.insync.replicas": inSync,
    "offsets.topic.replication.factor": replicas,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": inSync,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": inSync,
  };
}

/** Metrics that the signals use, and those that a dashboard of Kafka begins with. */
export const metricsAllowList = [
  "kafka_cluster_partition.*",
  "kafka_controller_kafkacontroller.*",
  "kafka_log_log_size.*",
  "kafka_network_requestmetrics_(requests|totaltimems).*",
  "kafka_network_socketserver_.*",
  "kafka_server_brokertopicmetrics.*",
  "kafka_server_kafkarequesthandlerpool.*",
  "kafka_server_kafkaserver_.*",
  "kafka_server_raft_metrics_.*",
  "kafka_server_replicamanager.*",
  "kafka_server_sessionexpirelistener.*",
  "kafka_log_logmanager_.*",
  "jvm_.*",
  "process_.*",
];

/** Spec of the kafka.strimzi.io/v1 Kafka. */
export function kafkaSpec(facts: KafkaClusterFacts) {
  const { brokers, labels } = facts;
  const several = brokers > usualReplicas(brokers);
  const own = { metadata: { labels } };
  return {
    kafka: {
      version: KAFKA_VERSION,
      listeners: listeners(facts),
      config: brokerConfig(brokers),
      // Nobody but Strimzi's own programs, which come with certificates of its authority, may do everything.
      authorization: { type: "simple" },
      // Up to three brokers have every partition; only beyond that there is a choice of places, worth knowing the nodes.
      ...(several ? { rack: { type: "topology-label", topologyKey: "topology.kubernetes.io/zone" } } : {}),
      metricsConfig: { type: "strimziMetricsReporter", values: { allowList: metricsAllowList } },
      template: {
        bootstrapService: own,
        brokersService: own,
        externalBootstrapService: own,
        podDisruptionBudget: { ...own, maxUnavailable: 1 },
        serviceAccount: own,
      },
    },
    entityOperator: {
      topicOperator: entityOperatorPart,
      userOperator: { ...entityOperatorPart, secretPrefix: OPERATORS_SECRET_PREFIX },
      template: entityOperatorTemplate(labels),
    },
  };
}

const entityOperatorPart = { resources: resources(50, 256), jvmOptions: heap(128) };

/** Spec of the kafka.strimzi.io/v1 KafkaNodePool. */
export function nodePoolSpec({ roles, replicas }: NodePool, facts: KafkaClusterFacts) {
  const { resources: figures, heapMiB } = brokerSize(facts.size, facts.environment);
  return {
    roles: [...roles],
    replicas,
    resources: figures,
    jvmOptions: heap(heapMiB),
    storage: {
      type: "jbod",
      volumes: [
        {
          id: 0,
          type: "persistent-claim",
          size: `${facts.storageGiB}Gi`,
          class: facts.storageClass,
          kraftMetadata: "shared",
          // The data outlives the cluster: only a person deletes it, or `deleteData`.
          deleteClaim: false,
        },
      ],
    },
    template: brokerTemplate(facts),
  };
}

/** Numbers that new nodes of a pool get: each pool keeps its own, so that ports and volumes stay where they are. */
export function nodeNumbers({ name, first }: NodePool): string {
  return name === "quorum" ? `[${first}-2]` : `[${first}-99]`;
}
