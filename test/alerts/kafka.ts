import type { AreaCases } from "./case";

const broker = (number: number) => `{namespace="broker",pod="kafka-quorum-${number}"}`;
const pod = { namespace: "broker", pod: "kafka-quorum-0" };
const all = { namespace: "broker" };
const offline = `kafka_controller_kafkacontroller_offlinepartitionscount${broker(0)}`;
const tooFew = `kafka_server_replicamanager_underminisrpartitioncount${broker(0)}`;
const under = `kafka_server_replicamanager_underreplicatedpartitions${broker(0)}`;
const controller = (number: number) => `kafka_controller_kafkacontroller_activecontrollercount${broker(number)}`;
const fenced = `kafka_controller_kafkacontroller_fencedbrokercount${broker(0)}`;
const directories = `kafka_log_logmanager_offlinelogdirectorycount${broker(0)}`;
const idle = `kafka_network_socketserver_networkprocessoravgidlepercent${broker(0)}`;
const heap = (name: string) => `jvm_memory_${name}_bytes{namespace="broker",pod="kafka-quorum-0",area="heap"}`;

export const kafkaCases: AreaCases = {
  area: "kafka",
  alerts: [
    {
      alert: "KafkaOfflinePartitions",
      fires: { series: { [offline]: "1x5" }, minute: 3, labels: all },
      quiet: { series: { [offline]: "1 1 0x5" }, minute: 3 },
    },
    {
      alert: "KafkaTooFewInSync",
      fires: { series: { [tooFew]: "2x10" }, minute: 6, labels: all },
      quiet: { series: { [tooFew]: "2x3 0x10" }, minute: 6 },
    },
    {
      alert: "KafkaUnderReplicated",
      fires: { series: { [under]: "1x20" }, minute: 16, labels: all },
      quiet: { series: { [under]: "1x10 0x10" }, minute: 16 },
    },
    {
      alert: "KafkaNoController",
      fires: { series: { [controller(0)]: "0x10", [controller(1)]: "0x10" }, minute: 6, labels: all },
      quiet: { series: { [controller(0)]: "0x10", [controller(1)]: "1x10" }, minute: 6 },
    },
    {
      alert: "KafkaBrokerFenced",
      fires: { series: { [fenced]: "1x15" }, minute: 11, labels: all },
      quiet: { series: { [fenced]: "1x5 0x10" }, minute: 11 },
    },
    {
      alert: "KafkaLogDirectoryOffline",
      fires: { series: { [directories]: "1x5" }, minute: 2, labels: pod },
      quiet: { series: { [directories]: "0x5" }, minute: 2 },
    },
    {
      alert: "KafkaNetworkBusy",
      fires: { series: { [idle]: "0.29x20" }, minute: 16, labels: pod },
      quiet: { series: { [idle]: "0.3x20" }, minute: 16 },
    },
    {
      alert: "KafkaHeapFull",
      fires: { series: { [heap("used")]: "91x20", [heap("max")]: "100x20" }, minute: 16, labels: pod },
      quiet: { series: { [heap("used")]: "90x20", [heap("max")]: "100x20" }, minute: 16 },
    },
  ],
};
