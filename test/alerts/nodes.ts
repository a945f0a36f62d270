import type { AlertCase, AreaCases } from "./case";

const disk = { node: "a", device: "/dev/sda4", fstype: "xfs", mountpoint: "/var" };
const DISK = 'node="a",device="/dev/sda4",fstype="xfs",mountpoint="/var"';
const free = `node_filesystem_avail_bytes{${DISK}}`;
const size = `node_filesystem_size_bytes{${DISK}}`;
const CARD = 'node="a",device="eth0"';
const cpu = (core: number, mode: string) => `node_cpu_seconds_total{node="a",cpu="${core}",mode="${mode}"}`;

const diskCases: readonly AlertCase[] = [
  {
    alert: "NodeDiskFullInADay",
    fires: { series: { [free]: "350-0.2x430", [size]: "1000x430" }, minute: 425, labels: disk },
    quiet: { series: { [free]: "390-0.02x430", [size]: "1000x430" }, minute: 425 },
  },
  {
    alert: "NodeDiskFullInHours",
    fires: { series: { [free]: "250-1x100", [size]: "1000x100" }, minute: 90, labels: disk },
    quiet: { series: { [free]: "190-0.1x100", [size]: "1000x100" }, minute: 90 },
  },
  {
    alert: "NodeDiskNearlyFull",
    fires: { series: { [free]: "49x15", [size]: "1000x15" }, minute: 12, labels: disk },
    quiet: { series: { [free]: "51x15", [size]: "1000x15" }, minute: 12 },
  },
  {
    alert: "NodeOutOfInodes",
    fires: {
      series: { [`node_filesystem_files_free{${DISK}}`]: "4x40", [`node_filesystem_files{${DISK}}`]: "100x40" },
      minute: 35,
      labels: disk,
    },
    quiet: {
      series: { [`node_filesystem_files_free{${DISK}}`]: "6x40", [`node_filesystem_files{${DISK}}`]: "100x40" },
      minute: 35,
    },
  },
  {
    alert: "NodeDiskReadOnly",
    fires: { series: { [`node_filesystem_readonly{${DISK}}`]: "1x10" }, minute: 8, labels: disk },
    // Talos's own image is read-only by design.
    quiet: { series: { 'node_filesystem_readonly{node="a",fstype="squashfs",mountpoint="/"}': "1x10" }, minute: 8 },
  },
];

const networkSeries = (errors: number) => ({
  [`node_network_receive_errs_total{${CARD}}`]: `0+${errors}x60`,
  [`node_network_receive_packets_total{${CARD}}`]: "0+1000x60",
  [`node_network_transmit_errs_total{${CARD}}`]: "0x60",
  [`node_network_transmit_packets_total{${CARD}}`]: "0+1000x60",
});

export const nodeCases: AreaCases = {
  area: "nodes",
  alerts: [
    ...diskCases,
    {
      alert: "NodeMemoryLow",
      fires: {
        series: {
          'node_memory_MemAvailable_bytes{node="a"}': "7x20",
          'node_memory_MemTotal_bytes{node="a"}': "100x20",
        },
        minute: 18,
        labels: { node: "a" },
      },
      quiet: {
        series: {
          'node_memory_MemAvailable_bytes{node="a"}': "9x20",
          'node_memory_MemTotal_bytes{node="a"}': "100x20",
        },
        minute: 18,
      },
    },
    {
      alert: "NodeKillsProcesses",
      fires: { series: { 'node_vmstat_oom_kill{node="a"}': "0+1x20" }, minute: 15, labels: { node: "a" } },
      quiet: { series: { 'node_vmstat_oom_kill{node="a"}': "0 1x20" }, minute: 15 },
    },
    {
      alert: "NodeCpuSaturated",
      fires: {
        series: { 'node_load5{node="a"}': "5x40", [cpu(0, "idle")]: "0+1x40", [cpu(1, "idle")]: "0+1x40" },
        minute: 35,
        labels: { node: "a" },
      },
      quiet: {
        series: { 'node_load5{node="a"}': "3x40", [cpu(0, "idle")]: "0+1x40", [cpu(1, "idle")]: "0+1x40" },
        minute: 35,
      },
    },
    {
      alert: "NodeCpuStolen",
      fires: {
        series: { [cpu(0, "steal")]: "0+9x60", [cpu(1, "steal")]: "0+9x60" },
        minute: 50,
        labels: { node: "a" },
      },
      quiet: { series: { [cpu(0, "steal")]: "0+9x60", [cpu(1, "steal")]: "0+1x60" }, minute: 50 },
    },
    {
      alert: "NodeNetworkErrors",
      fires: { series: networkSeries(20), minute: 50, labels: { node: "a", device: "eth0" } },
      quiet: { series: networkSeries(5), minute: 50 },
    },
    {
      alert: "NodeConnectionsNearlyUsedUp",
      fires: {
        series: {
          'node_nf_conntrack_entries{node="a"}': "90x15",
          'node_nf_conntrack_entries_limit{node="a"}': "100x15",
        },
        minute: 12,
        labels: { node: "a" },
      },
      quiet: {
        series: {
          'node_nf_conntrack_entries{node="a"}': "80x15",
          'node_nf_conntrack_entries_limit{node="a"}': "100x15",
        },
        minute: 12,
      },
    },
    {
      alert: "NodeClockWrong",
      fires: { series: { 'node_timex_offset_seconds{node="a"}': "-0.2x15" }, minute: 12, labels: { node: "a" } },
      quiet: { series: { 'node_timex_offset_seconds{node="a"}': "0.05x15" }, minute: 12 },
    },
    {
      alert: "NodeClockNotSynchronised",
      fires: { series: { 'node_timex_sync_status{node="a"}': "0x40" }, minute: 35, labels: { node: "a" } },
      // Once in ten minutes is enough.
      quiet: { series: { 'node_timex_sync_status{node="a"}': "0x5 1 0x8 1 0x8 1 0x8 1 0x8" }, minute: 35 },
    },
  ],
};
