import type { Signals } from "../../kit/signals";

/** Longhorn's volumes, nodes and disks. */
export const longhornSignals: Signals = {
  area: "longhorn",
  metrics: [
    "longhorn_disk_capacity_bytes",
    "longhorn_disk_usage_bytes",
    "longhorn_node_status",
    "longhorn_volume_robustness",
  ],
  signals: [
    {
      name: "LonghornVolumeFaulted",
      severity: "critical",
      expression: 'max by (volume, pvc, pvc_namespace) (longhorn_volume_robustness{state="faulted"}) == 1',
      forMinutes: 2,
      summary: "A volume has no usable copy left: its pod stands still.",
    },
    {
      name: "LonghornVolumeDegraded",
      severity: "warning",
      expression: 'max by (volume, pvc, pvc_namespace) (longhorn_volume_robustness{state="degraded"}) == 1',
      forMinutes: 30,
      summary: "A volume has fewer copies than it should, and they have not been made again.",
    },
    {
      name: "LonghornNodeNotReady",
      severity: "warning",
      expression: 'longhorn_node_status{condition="ready"} == 0',
      forMinutes: 15,
      summary: "Longhorn does not use a node: its copies there are lost to it.",
    },
    {
      name: "LonghornDiskNearlyFull",
      severity: "warning",
      expression: "longhorn_disk_usage_bytes / longhorn_disk_capacity_bytes > 0.8",
      forMinutes: 30,
      summary: "A disk of Longhorn is four fifths full: soon no copy is placed there.",
    },
  ],
};
