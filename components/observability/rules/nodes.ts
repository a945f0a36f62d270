import type { Signals } from "../../kit/signals";

/** File systems that are written to; Talos's own are read-only images. */
const DISK = 'fstype=~"ext4|xfs",mountpoint!~"/var/lib/kubelet/.+"';
const FREE = `node_filesystem_avail_bytes{${DISK}} / node_filesystem_size_bytes{${DISK}}`;
const DEVICE = 'device!~"lo|veth.+|lxc.+|cilium.+"';

const networkErrors = (direction: "receive" | "transmit") =>
  `rate(node_network_${direction}_errs_total{${DEVICE}}[10m]) / (rate(node_network_${direction}_packets_total{${DEVICE}}[10m]) > 0) > 0.01`;

/** The machines themselves, as node-exporter sees them. */
export const nodeSignals: Signals = {
  area: "nodes",
  metrics: [
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_files",
    "node_filesystem_files_free",
    "node_filesystem_readonly",
    "node_filesystem_size_bytes",
    "node_load5",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_network_receive_errs_total",
    "node_network_receive_packets_total",
    "node_network_transmit_errs_total",
    "node_network_transmit_packets_total",
    "node_nf_conntrack_entries",
    "node_nf_conntrack_entries_limit",
    "node_timex_offset_seconds",
    "node_timex_sync_status",
    "node_vmstat_oom_kill",
  ],
  signals: [
    {
      name: "NodeDiskFullInADay",
      severity: "warning",
      expression: `${FREE} < 0.4 and predict_linear(node_filesystem_avail_bytes{${DISK}}[6h], 24 * 3600) < 0`,
      forMinutes: 60,
      summary: "As it fills now, a node's disk is full within a day.",
    },
    {
      name: "NodeDiskFullInHours",
      severity: "critical",
      expression: `${FREE} < 0.2 and predict_linear(node_filesystem_avail_bytes{${DISK}}[1h], 4 * 3600) < 0`,
      forMinutes: 15,
      summary: "As it fills now, a node's disk is full within four hours: the kubelet then evicts pods.",
    },
    {
      name: "NodeDiskNearlyFull",
      severity: "critical",
      expression: `${FREE} < 0.05`,
      forMinutes: 10,
      summary: "A node's disk has less than 5 of 100 bytes free.",
    },
    {
      name: "NodeOutOfInodes",
      severity: "warning",
      expression: `node_filesystem_files_free{${DISK}} / (node_filesystem_files{${DISK}} > 0) < 0.05`,
      forMinutes: 30,
      summary: "A node's disk can hold hardly any more files.",
    },
    {
      name: "NodeDiskReadOnly",
      severity: "critical",
      expression: `node_filesystem_readonly{${DISK}} == 1`,
      forMinutes: 5,
      summary: "A node's disk has become read-only: the kernel does so after errors of the disk.",
    },
    {
      name: "NodeMemoryLow",
      severity: "warning",
      expression: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.08",
      forMinutes: 15,
      summary: "A node has less than 8 of 100 bytes of its memory available.",
    },
    {
      name: "NodeKillsProcesses",
      severity: "warning",
      expression: "increase(node_vmstat_oom_kill[15m]) > 3",
      forMinutes: 0,
      summary: "A node's kernel has ended several processes for want of memory.",
    },
    {
      name: "NodeCpuSaturated",
      severity: "warning",
      expression: 'node_load5 / count without (cpu, mode) (node_cpu_seconds_total{mode="idle"}) > 2',
      forMinutes: 30,
      summary: "On a node twice as many processes want to run as it has cores.",
    },
    {
      name: "NodeCpuStolen",
      severity: "warning",
      expression: 'avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="steal"}[10m])) > 0.1',
      forMinutes: 30,
      summary: "The host below a cloud server keeps a tenth of its CPU from it.",
    },
    {
      name: "NodeNetworkErrors",
      severity: "warning",
      expression: `${networkErrors("receive")} or ${networkErrors("transmit")}`,
      forMinutes: 30,
      summary: "More than one in a hundred packets of a node's network card is broken.",
    },
    {
      name: "NodeConnectionsNearlyUsedUp",
      severity: "warning",
      expression: "node_nf_conntrack_entries / node_nf_conntrack_entries_limit > 0.85",
      forMinutes: 10,
      summary: "A node's table of connections is nearly full: at its end new ones are dropped.",
    },
    {
      name: "NodeClockWrong",
      severity: "warning",
      expression: "abs(node_timex_offset_seconds) > 0.1",
      forMinutes: 10,
      summary: "A node's clock is a tenth of a second off: certificates, etcd and traces depend on it.",
    },
    {
      name: "NodeClockNotSynchronised",
      severity: "warning",
      expression: "max_over_time(node_timex_sync_status[10m]) == 0",
      forMinutes: 20,
      summary: "A node's clock follows no time server.",
    },
  ],
};
