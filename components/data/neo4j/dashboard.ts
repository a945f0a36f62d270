import {
  above,
  clusterVariable,
  dashboard,
  healthy,
  inCluster,
  inNamespace,
  logs,
  none,
  row,
  stat,
  timeseries,
  top,
  unit,
  variable,
} from "../../kit/dashboards";
import { restartsStat, volumeStat, workloadRow } from "../../kit/dashboards/workload-panels";

const PODS = { pods: "neo4j-.*", claims: "data-neo4j-.*" };
const POD = `${inNamespace},pod=~"neo4j-[0-9]+"`;
const LOGS = `{${inNamespace},service=~"neo4j.*"}`;

/** Whether Neo4j runs and is backed up. Community exports no metrics: this is what Kubernetes and its logs say. */
export const neo4jDashboard = dashboard({
  uid: "neo4j",
  title: "Neo4j",
  folder: "data",
  description: "The Community edition exports no metrics of its own: this is what Kubernetes and its logs say of it.",
  variables: () => [
    clusterVariable("kube_statefulset_replicas"),
    variable("namespace", "namespace", `kube_statefulset_replicas{${inCluster},statefulset="neo4j"}`, { listed: true }),
  ],
  links: [],
  rows: [
    top([
      stat({
        title: "Ready",
        unit: unit.none,
        words: { 0: "no", 1: "yes" },
        thresholds: healthy,
        queries: `max(kube_statefulset_status_replicas_ready{${inNamespace},statefulset="neo4j"})`,
      }),
      restartsStat(PODS),
      stat({
        title: "Out of memory",
        description: "Whether its last end was for want of memory.",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `sum(kube_pod_container_status_last_terminated_reason{${POD},reason="OOMKilled"})`,
      }),
      volumeStat(PODS),
      stat({
        title: "Last backup",
        unit: unit.ago,
        queries: `1000 * max(kube_cronjob_status_last_successful_time{${inNamespace},cronjob="neo4j-backup"})`,
      }),
      stat({
        title: "Backups that failed",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `sum(kube_job_status_failed{${inNamespace},job_name=~"neo4j-backup-.+"})`,
      }),
    ]),
    workloadRow(PODS),
    row("Network and volume", [
      timeseries({
        title: "Network",
        unit: unit.bytesPerSecond,
        queries: [
          { expr: `sum(rate(container_network_receive_bytes_total{${POD}}[$__rate_interval]))`, legend: "in" },
          { expr: `sum(rate(container_network_transmit_bytes_total{${POD}}[$__rate_interval]))`, legend: "out" },
        ],
      }),
      timeseries({
        title: "Volume",
        unit: unit.bytesPerSecond,
        queries: [
          { expr: `sum(rate(container_fs_reads_bytes_total{${POD}}[$__rate_interval]))`, legend: "read" },
          { expr: `sum(rate(container_fs_writes_bytes_total{${POD}}[$__rate_interval]))`, legend: "written" },
        ],
      }),
      timeseries({
        title: "CPU refused",
        description: "Share of the time in which a container may not run because its limit is reached.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.25 }),
        queries: {
          expr: `sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{${POD}}[$__rate_interval])) / sum by (pod) (rate(container_cpu_cfs_periods_total{${POD}}[$__rate_interval]))`,
          legend: "{{pod}}",
        },
      }),
      timeseries({
        title: "Lines of its log",
        source: "logs",
        unit: unit.perSecond,
        queries: {
          expr: `sum by (level) (rate(${LOGS} [$__auto]))`,
          legend: "{{level}}",
        },
      }),
    ]),
    row("Logs", [logs({ title: "Logs", query: LOGS })]),
  ],
});
