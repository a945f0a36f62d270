import type { AlertCase } from "./case";

const labels = { namespace: "db", persistentvolumeclaim: "data-0" };
const CLAIM = 'namespace="db",persistentvolumeclaim="data-0"';
const free = `kubelet_volume_stats_available_bytes{${CLAIM}}`;
const size = `kubelet_volume_stats_capacity_bytes{${CLAIM}}`;
const inodesFree = `kubelet_volume_stats_inodes_free{${CLAIM}}`;
const inodes = `kubelet_volume_stats_inodes{${CLAIM}}`;
const phase = `kube_persistentvolumeclaim_status_phase{${CLAIM},phase="Pending"}`;

export const volumeCases: readonly AlertCase[] = [
  {
    alert: "VolumeFullInADay",
    // 1000 bytes, of which 0.15 go each minute: 216 a day.
    fires: { series: { [free]: "250-0.15x420", [size]: "1000x420" }, minute: 420, labels },
    quiet: { series: { [free]: "290-0.05x420", [size]: "1000x420" }, minute: 420 },
  },
  {
    alert: "VolumeFullInHours",
    fires: { series: { [free]: "200-1x100", [size]: "1000x100" }, minute: 90, labels },
    quiet: { series: { [free]: "240-0.3x100 200x0", [size]: "1000x100" }, minute: 90 },
  },
  {
    alert: "VolumeNearlyFull",
    fires: { series: { [free]: "29x10", [size]: "1000x10" }, minute: 8, labels },
    quiet: { series: { [free]: "31x10", [size]: "1000x10" }, minute: 8 },
  },
  {
    alert: "VolumeOutOfInodes",
    fires: { series: { [inodesFree]: "4x20", [inodes]: "100x20" }, minute: 18, labels },
    // File systems without a table of inodes say that they have none.
    quiet: { series: { [inodesFree]: "0x20", [inodes]: "0x20" }, minute: 18 },
  },
  {
    alert: "ClaimPending",
    fires: { series: { [phase]: "1x20" }, minute: 18, labels: { ...labels, phase: "Pending" } },
    quiet: { series: { [phase]: "1x10 0x10" }, minute: 18 },
  },
];
