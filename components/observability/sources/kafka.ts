import type { MetricsSource } from "../../kit/signals";

/** Kafka, by Strimzi's reporter. */
export const kafkaSource: MetricsSource = {
  source: "Kafka with Strimzi's metrics reporter",
  known: "the real program in test/real/kafka.test.ts",
  metrics: [
    "kafka_cluster_partition_underreplicated",
    "kafka_controller_kafkacontroller_activebrokercount",
    "kafka_controller_kafkacontroller_globalpartitioncount",
    "kafka_controller_kafkacontroller_globaltopiccount",
    "kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
    "kafka_log_log_size",
    "kafka_network_requestmetrics_requestspersec_total",
    "kafka_network_requestmetrics_totaltimems",
    "kafka_network_requestmetrics_totaltimems_count",
    "kafka_network_requestmetrics_totaltimems_sum",
    "kafka_server_brokertopicmetrics_bytesinpersec_total",
    "kafka_server_brokertopicmetrics_bytesoutpersec_total",
    "kafka_server_brokertopicmetrics_failedfetchrequestspersec_total",
    "kafka_server_brokertopicmetrics_failedproducerequestspersec_total",
    "kafka_server_brokertopicmetrics_messagesinpersec_total",
    "kafka_server_replicamanager_isrshrinkspersec_total",
    "kafka_server_replicamanager_leadercount",
    "kafka_server_replicamanager_partitioncount",
    "kafka_server_raft_metrics_commit_latency_avg",
    "jvm_threads_current",
  ],
};
