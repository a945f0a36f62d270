import {
  above,
  clusterVariable,
  dashboard,
  healthy,
  inCluster,
  inNamespace,
  ofService,
  row,
  serviceLogs,
  stat,
  timeseries,
  top,
  unit,
  type Variable,
  variable,
} from "../../kit/dashboards";
import { cpuUsed, limited, memoryUsed, requested } from "./queries";
import { requestPanels } from "./spans";

const INSTANCE = "label_app_kubernetes_io_instance";

/** Every service that has pods, also one whose metrics nobody asks for. */
export const podServiceVariables = (): Variable[] => [
  clusterVariable("kube_namespace_status_phase"),
  variable("namespace", "namespace", `kube_namespace_status_phase{${inCluster}}`),
  variable("service", INSTANCE, `kube_pod_labels{${inNamespace}}`),
];

/** Something by pod, of the chosen services alone. */
const ofPods = (byPod: string) =>
  `(${byPod}) * on (namespace, pod) group_left () max by (namespace, pod) (kube_pod_labels{${inNamespace},${INSTANCE}=~"$service"})`;

const PODS = "namespace, pod";

/** Any service, whatever it is: pods, CPU, memory, requests, logs. What only it has is in its own dashboard. */
export const servicesDashboard = dashboard({
  uid: "services",
  title: "Services",
  folder: "cluster",
  variables: podServiceVariables,
  rows: [
    top([
      stat({
        title: "Pods ready",
        queries: `sum(${ofPods(`max by (${PODS}) (kube_pod_status_ready{${inNamespace},condition="true"})`)})`,
        unit: unit.count,
      }),
      stat({
        title: "Metrics answer",
        description: "Of the targets that Prometheus asks.",
        queries: `min(up{${ofService}})`,
        unit: unit.yesNo,
        thresholds: healthy,
      }),
      stat({
        title: "Restarts within a day",
        queries: `sum(${ofPods(`sum by (${PODS}) (increase(kube_pod_container_status_restarts_total{${inNamespace}}[1d]))`)})`,
        unit: unit.count,
        decimals: 0,
        thresholds: above({ warning: 1, critical: 5 }),
      }),
      stat({
        title: "Alerts",
        queries: `count(ALERTS{${ofService},alertstate="firing"}) or vector(0)`,
        unit: unit.count,
        thresholds: above({ warning: 1 }),
      }),
      stat({
        title: "CPU, of what was asked for",
        queries: `sum(${ofPods(cpuUsed(PODS, inNamespace))}) / sum(${ofPods(requested("cpu", PODS, inNamespace))})`,
        unit: unit.ratio,
      }),
      stat({
        title: "Memory, of its limit",
        queries: `sum(${ofPods(memoryUsed(PODS, inNamespace))}) / sum(${ofPods(limited("memory", PODS, inNamespace))})`,
        unit: unit.ratio,
        thresholds: above({ warning: 0.85, critical: 0.95 }),
      }),
    ]),
    row("Requests", requestPanels("service")),
    row("Pods", [
      timeseries({
        title: "CPU",
        description: "In cores.",
        unit: unit.count,
        queries: { expr: ofPods(cpuUsed(PODS, inNamespace)), legend: "{{pod}}" },
      }),
      timeseries({
        title: "Memory",
        unit: unit.bytes,
        queries: { expr: ofPods(memoryUsed(PODS, inNamespace)), legend: "{{pod}}" },
      }),
      timeseries({
        title: "Network, received",
        unit: unit.bytesPerSecond,
        queries: {
          expr: ofPods(
            `sum by (${PODS}) (rate(container_network_receive_bytes_total{${inNamespace}}[$__rate_interval]))`,
          ),
          legend: "{{pod}}",
        },
      }),
      timeseries({
        title: "Network, sent",
        unit: unit.bytesPerSecond,
        queries: {
          expr: ofPods(
            `sum by (${PODS}) (rate(container_network_transmit_bytes_total{${inNamespace}}[$__rate_interval]))`,
          ),
          legend: "{{pod}}",
        },
      }),
    ]),
    row("Logs", [serviceLogs()]),
  ],
});
