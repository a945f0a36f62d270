import {
  above,
  dashboard,
  inNamespace,
  logs,
  none,
  ofService,
  row,
  serviceVariables,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const volumes = (state: string) => `count(longhorn_volume_robustness{${ofService},state="${state}"} == 1)`;

const used = `longhorn_disk_usage_bytes{${ofService}} / longhorn_disk_capacity_bytes{${ofService}}`;

const perVolume = (what: string) => ({
  expr: `topk(10, sum by (pvc) (longhorn_volume_${what}{${ofService}}))`,
  legend: "{{pvc}}",
});

/** Whether Longhorn's volumes have all their copies, how fast they are, and how full the disks. */
export const longhornDashboard = dashboard({
  uid: "longhorn",
  title: "Longhorn",
  folder: "platform",
  variables: () => serviceVariables("longhorn_node_count_total"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Volumes without a copy",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: volumes("faulted"),
      }),
      stat({
        title: "Volumes with too few copies",
        unit: unit.count,
        thresholds: above({ warning: 1 }),
        noValue: "0",
        queries: volumes("degraded"),
      }),
      stat({
        title: "Nodes not ready",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `count(longhorn_node_status{${ofService},condition="ready"} == 0)`,
      }),
      stat({
        title: "Fullest disk",
        unit: unit.ratio,
        thresholds: above({ warning: 0.7, critical: 0.85 }),
        queries: `max(${used})`,
      }),
      stat({ title: "Volumes", unit: unit.count, queries: `count(longhorn_volume_capacity_bytes{${ofService}})` }),
    ]),
    row("Work", [
      timeseries({ title: "Read", width: 8, unit: unit.bytesPerSecond, queries: perVolume("read_throughput") }),
      timeseries({ title: "Written", width: 8, unit: unit.bytesPerSecond, queries: perVolume("write_throughput") }),
      timeseries({
        title: "Time of a write",
        description: "In nanoseconds, of the slowest ten.",
        width: 8,
        unit: unit.count,
        queries: perVolume("write_latency"),
      }),
    ]),
    row("Room", [
      timeseries({
        title: "Disks, used",
        unit: unit.ratio,
        thresholds: above({ critical: 0.85 }),
        queries: { expr: `max by (node, disk) (${used})`, legend: "{{node}} {{disk}}" },
      }),
      timeseries({
        title: "Nodes, given away",
        description: "What volumes may grow to, of what a node has.",
        unit: unit.ratio,
        queries: {
          expr: `max by (node) (longhorn_node_storage_scheduled_bytes{${ofService}} / longhorn_node_storage_capacity_bytes{${ofService}})`,
          legend: "{{node}}",
        },
      }),
      table({
        title: "Volumes",
        by: { pvc_namespace: "Namespace", pvc: "Claim" },
        columns: [
          {
            title: "In use",
            expr: `sum by (pvc_namespace, pvc) (longhorn_volume_actual_size_bytes{${ofService}})`,
            unit: unit.bytes,
          },
          {
            title: "Size",
            expr: `sum by (pvc_namespace, pvc) (longhorn_volume_capacity_bytes{${ofService}})`,
            unit: unit.bytes,
          },
          {
            title: "Degraded",
            expr: `max by (pvc_namespace, pvc) (longhorn_volume_robustness{${ofService},state="degraded"})`,
            unit: unit.count,
            thresholds: above({ warning: 1 }),
          },
        ],
      }),
    ]),
    workloadRow({ pods: "longhorn-manager-.*|instance-manager-.*" }),
    row("Logs", [logs({ title: "Logs", query: `{${inNamespace}}` })], { collapsed: true }),
  ],
});
