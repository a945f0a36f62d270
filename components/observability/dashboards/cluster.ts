import {
  above,
  barGauge,
  below,
  clusterVariable,
  dashboard,
  inCluster,
  none,
  row,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { allocatable, cpuUsed, memoryUsed, requested } from "./queries";

const FIRING = `ALERTS{${inCluster},alertstate="firing",severity!="none"}`;
const API = `apiserver_request_total{${inCluster}}`;

const health = top([
  stat({
    title: "Nodes ready",
    queries: `sum(kube_node_status_condition{${inCluster},condition="Ready",status="true"}) / count(kube_node_info{${inCluster}})`,
    unit: unit.ratio,
    thresholds: below({ critical: 0.9, warning: 1 }),
  }),
  stat({
    title: "Critical alerts",
    queries: `count(ALERTS{${inCluster},alertstate="firing",severity="critical"}) or vector(0)`,
    unit: unit.count,
    thresholds: none,
  }),
  stat({
    title: "Warnings",
    queries: `count(ALERTS{${inCluster},alertstate="firing",severity="warning"}) or vector(0)`,
    unit: unit.count,
    thresholds: above({ warning: 1 }),
  }),
  stat({
    title: "Pods not running",
    queries: `sum(kube_pod_status_phase{${inCluster},phase=~"Pending|Failed|Unknown"})`,
    unit: unit.count,
    thresholds: above({ warning: 1, critical: 5 }),
  }),
  stat({
    title: "CPU asked for",
    queries: `sum(${requested("cpu", "node")}) / sum(${allocatable("cpu", "node")})`,
    unit: unit.ratio,
    thresholds: above({ warning: 0.8, critical: 0.95 }),
  }),
  stat({
    title: "Memory asked for",
    queries: `sum(${requested("memory", "node")}) / sum(${allocatable("memory", "node")})`,
    unit: unit.ratio,
    thresholds: above({ warning: 0.8, critical: 0.95 }),
  }),
]);

const wrong = row("What is wrong", [
  table({
    title: "Alerts that fire",
    width: 14,
    by: { severity: "Severity", alertname: "Alert", namespace: "Namespace", service: "Service" },
    columns: [
      { title: "How many", expr: `count by (severity, alertname, namespace, service) (${FIRING})`, unit: unit.count },
    ],
  }),
  barGauge({
    title: "Restarts within an hour",
    width: 10,
    queries: {
      expr: `topk(10, sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${inCluster}}[1h])) > 0)`,
      legend: "{{namespace}}/{{pod}}",
    },
    unit: unit.count,
    decimals: 0,
    thresholds: above({ warning: 1, critical: 5 }),
  }),
  table({
    title: "Pods that wait",
    height: 6,
    by: { namespace: "Namespace", pod: "Pod", reason: "Reason" },
    columns: [
      {
        title: "Containers",
        expr: `sum by (namespace, pod, reason) (kube_pod_container_status_waiting_reason{${inCluster}} > 0)`,
        unit: unit.count,
      },
    ],
  }),
]);

const used = row("What is used", [
  timeseries({
    title: "CPU by namespace",
    description: "In cores.",
    unit: unit.count,
    stack: true,
    queries: { expr: cpuUsed("namespace"), legend: "{{namespace}}" },
  }),
  timeseries({
    title: "Memory by namespace",
    unit: unit.bytes,
    stack: true,
    queries: { expr: memoryUsed("namespace"), legend: "{{namespace}}" },
  }),
  timeseries({
    title: "Network by namespace, sent",
    unit: unit.bytesPerSecond,
    queries: {
      expr: `sum by (namespace) (rate(container_network_transmit_bytes_total{${inCluster}}[$__rate_interval]))`,
      legend: "{{namespace}}",
    },
  }),
  barGauge({
    title: "Volumes, fullest first",
    queries: {
      expr: `topk(10, 1 - max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${inCluster}}) / max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${inCluster}}))`,
      legend: "{{namespace}}/{{persistentvolumeclaim}}",
    },
    unit: unit.ratio,
    min: 0,
    max: 1,
    thresholds: above({ warning: 0.8, critical: 0.9 }),
  }),
]);

const apiServer = row("Kubernetes API", [
  timeseries({
    title: "Requests",
    width: 8,
    unit: unit.requestsPerSecond,
    queries: { expr: `sum by (verb) (rate(${API}[$__rate_interval]))`, legend: "{{verb}}" },
  }),
  timeseries({
    title: "Answers with an error",
    width: 8,
    unit: unit.ratio,
    queries: `sum(rate(apiserver_request_total{${inCluster},code=~"5.."}[$__rate_interval])) / sum(rate(${API}[$__rate_interval]))`,
  }),
  timeseries({
    title: "Size of etcd",
    width: 8,
    unit: unit.bytes,
    queries: `max(apiserver_storage_size_bytes{${inCluster}})`,
  }),
]);

/** What people see first: whether anything is wrong, and where the cluster's strength goes. */
export const clusterDashboard = dashboard({
  uid: "cluster",
  title: "Cluster",
  folder: "cluster",
  variables: () => [clusterVariable("kube_node_info")],
  links: [
    { title: "Nodes", to: "nodes" },
    { title: "Capacity", to: "capacity" },
    { title: "Services", to: "services" },
  ],
  rows: [health, wrong, used, apiServer],
});
