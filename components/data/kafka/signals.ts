import type { Signals } from "../../kit/signals";

const offline = "kafka_controller_kafkacontroller_offlinepartitionscount";
const underMinimum = "kafka_server_replicamanager_underminisrpartitioncount";
const underReplicated = "kafka_server_replicamanager_underreplicatedpartitions";
const controllers = "kafka_controller_kafkacontroller_activecontrollercount";
const fenced = "kafka_controller_kafkacontroller_fencedbrokercount";
const directories = "kafka_log_logmanager_offlinelogdirectorycount";
const network = "kafka_network_socketserver_networkprocessoravgidlepercent";
const heapUsed = "jvm_memory_used_bytes";
const heapMost = "jvm_memory_max_bytes";

/** What Kafka's metrics, as Strimzi's reporter shows them, say is wrong. */
export const kafkaSignals: Signals = {
  area: "kafka",
  metrics: [offline, underMinimum, underReplicated, controllers, fenced, directories, network, heapUsed, heapMost],
  signals: [
    {
      name: "KafkaOfflinePartitions",
      severity: "critical",
      expression: `max by (namespace) (${offline}) > 0`,
      forMinutes: 2,
      summary: "Partitions have no broker: they can be neither written nor read.",
    },
    {
      name: "KafkaTooFewInSync",
      severity: "critical",
      expression: `sum by (namespace) (${underMinimum}) > 0`,
      forMinutes: 5,
      summary: "Partitions have fewer copies than they need, so messages are refused.",
    },
    {
      name: "KafkaUnderReplicated",
      severity: "warning",
      expression: `sum by (namespace) (${underReplicated}) > 0`,
      forMinutes: 15,
      summary: "Copies of partitions are behind: a broker is away, or too slow.",
    },
    {
      name: "KafkaNoController",
      severity: "critical",
      expression: `sum by (namespace) (${controllers}) != 1`,
      forMinutes: 5,
      summary: "The voters have not agreed on one controller, so nothing about topics can change.",
    },
    {
      name: "KafkaBrokerFenced",
      severity: "warning",
      expression: `max by (namespace) (${fenced}) > 0`,
      forMinutes: 10,
      summary: "A broker is known but not heard of.",
    },
    {
      name: "KafkaLogDirectoryOffline",
      severity: "critical",
      expression: `${directories} > 0`,
      forMinutes: 1,
      summary: "A broker cannot write to its volume: it is full, or broken.",
    },
    {
      name: "KafkaNetworkBusy",
      severity: "warning",
      expression: `avg by (namespace, pod) (${network}) < 0.3`,
      forMinutes: 15,
      summary: "A broker's network threads have hardly a pause: it needs more CPU, or there must be more brokers.",
    },
    {
      name: "KafkaHeapFull",
      severity: "warning",
      expression: `max by (namespace, pod) (${heapUsed}{area="heap"} / ${heapMost}{area="heap"}) > 0.9`,
      forMinutes: 15,
      summary: "A broker's heap is nearly full.",
    },
  ],
};
