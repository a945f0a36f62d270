import type { Signals } from "../../kit/signals";

const FREE = "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes";

/** Claims and the space on their volumes: part of the workloads' rules. */
export const volumeSignals: Pick<Signals, "metrics" | "signals"> = {
  metrics: [
    "kube_persistentvolumeclaim_status_phase",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "kubelet_volume_stats_inodes",
    "kubelet_volume_stats_inodes_free",
  ],
  signals: [
    {
      name: "VolumeFullInADay",
      severity: "warning",
      expression: `${FREE} < 0.3 and predict_linear(kubelet_volume_stats_available_bytes[6h], 24 * 3600) < 0`,
      forMinutes: 60,
      summary: "As it fills now, a volume is full within a day.",
    },
    {
      name: "VolumeFullInHours",
      severity: "critical",
      expression: `${FREE} < 0.15 and predict_linear(kubelet_volume_stats_available_bytes[1h], 4 * 3600) < 0`,
      forMinutes: 10,
      summary: "As it fills now, a volume is full within four hours.",
    },
    {
      name: "VolumeNearlyFull",
      severity: "critical",
      expression: `${FREE} < 0.03`,
      forMinutes: 5,
      summary: "A volume has less than 3 of 100 bytes free: what writes to it is about to stop.",
    },
    {
      name: "VolumeOutOfInodes",
      severity: "warning",
      expression: "kubelet_volume_stats_inodes_free / (kubelet_volume_stats_inodes > 0) < 0.05",
      forMinutes: 15,
      summary: "A volume can hold hardly any more files, whatever space it has.",
    },
    {
      name: "ClaimPending",
      severity: "warning",
      expression: 'kube_persistentvolumeclaim_status_phase{phase="Pending"} == 1',
      forMinutes: 15,
      summary: "A claim has no volume: its pod cannot start.",
    },
  ],
};
