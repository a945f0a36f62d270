import {
  dashboard,
  none,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "kafka-.*", claims: ".*kafka.*" };

/** What a meter counts; without a topic it is that of the broker, with one it is counted again. */
const traffic = (what: string, topic = 'topic=""') =>
  `rate(kafka_server_brokertopicmetrics_${what}persec_total{${ofService},${topic}}[$__rate_interval])`;

const requestTime = (request: string) =>
  `max(kafka_network_requestmetrics_totaltimems{${ofService},request="${request}",quantile="0.99"})`;

/** Whether Kafka's partitions are led and copied, what goes through it, and how long that takes. */
export const kafkaDashboard = dashboard({
  uid: "kafka",
  title: "Kafka",
  folder: "data",
  variables: () => serviceVariables("kafka_server_replicamanager_leadercount"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Active controllers",
        unit: unit.count,
        thresholds: [
          { value: null, color: "red" },
          { value: 1, color: "green" },
          { value: 2, color: "red" },
        ],
        queries: `sum(kafka_controller_kafkacontroller_activecontrollercount{${ofService}})`,
      }),
      stat({
        title: "Partitions without a leader",
        unit: unit.count,
        thresholds: none,
        queries: `max(kafka_controller_kafkacontroller_offlinepartitionscount{${ofService}})`,
      }),
      stat({
        title: "Partitions with copies behind",
        unit: unit.count,
        thresholds: none,
        queries: `sum(kafka_server_replicamanager_underreplicatedpartitions{${ofService}})`,
      }),
      stat({
        title: "Partitions that refuse messages",
        description: "Fewer copies are in step than a message needs.",
        unit: unit.count,
        thresholds: none,
        queries: `sum(kafka_server_replicamanager_underminisrpartitioncount{${ofService}})`,
      }),
      volumeStat(PODS),
    ]),
    row("Traffic", [
      timeseries({
        title: "Messages in, by topic",
        width: 8,
        unit: unit.messagesPerSecond,
        queries: { expr: `topk(10, sum by (topic) (${traffic("messagesin", 'topic!=""')}))`, legend: "{{topic}}" },
      }),
      timeseries({
        title: "Bytes",
        width: 8,
        unit: unit.bytesPerSecond,
        queries: [
          { expr: `sum(${traffic("bytesin")})`, legend: "in" },
          { expr: `sum(${traffic("bytesout")})`, legend: "out" },
        ],
      }),
      timeseries({
        title: "Time of a request, 99th percentile",
        width: 8,
        unit: unit.milliseconds,
        queries: [
          { expr: requestTime("Produce"), legend: "write" },
          { expr: requestTime("FetchConsumer"), legend: "read" },
        ],
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "Requests that fail",
        unit: unit.requestsPerSecond,
        queries: [
          { expr: `sum(${traffic("failedproducerequests")})`, legend: "writing" },
          { expr: `sum(${traffic("failedfetchrequests")})`, legend: "reading" },
        ],
      }),
      timeseries({
        title: "Network threads at rest",
        description: "Below 0.3 a broker has too much to do.",
        unit: unit.ratio,
        max: 1,
        queries: {
          expr: `avg by (pod) (kafka_network_socketserver_networkprocessoravgidlepercent{${ofService}})`,
          legend: "{{pod}}",
        },
      }),
    ]),
    row("What it keeps", [
      timeseries({
        title: "Size, by topic",
        width: 24,
        height: 6,
        description: "All copies together.",
        unit: unit.bytes,
        stack: true,
        queries: { expr: `topk(10, sum by (topic) (kafka_log_log_size{${ofService}}))`, legend: "{{topic}}" },
      }),
    ]),
    workloadRow(PODS),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
