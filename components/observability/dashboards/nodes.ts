import {
  above,
  clusterVariable,
  dashboard,
  inCluster,
  row,
  table,
  timeseries,
  top,
  unit,
  variable,
} from "../../kit/dashboards";
import { DISK } from "./queries";

const NODE = `${inCluster},node=~"$node"`;
const DEVICE = 'device!~"lo|veth.+|lxc.+|cilium.+"';

const cpu = (matchers: string) =>
  `1 - avg by (node) (rate(node_cpu_seconds_total{${matchers},mode="idle"}[$__rate_interval]))`;
const memory = (matchers: string) =>
  `1 - max by (node) (node_memory_MemAvailable_bytes{${matchers}}) / max by (node) (node_memory_MemTotal_bytes{${matchers}})`;
const disk = (matchers: string) =>
  `1 - min by (node) (node_filesystem_avail_bytes{${matchers},${DISK}} / node_filesystem_size_bytes{${matchers},${DISK}})`;
const rate = (metric: string, matchers = NODE) => `sum by (node) (rate(${metric}{${matchers}}[$__rate_interval]))`;

const line = (title: string, measured: (typeof unit)[keyof typeof unit], expr: string, description?: string) =>
  timeseries({ title, description, unit: measured, queries: { expr, legend: "{{node}}" } });

const inAndOut = (title: string, measured: (typeof unit)[keyof typeof unit], read: string, written: string) =>
  timeseries({
    title,
    unit: measured,
    queries: [
      { expr: read, legend: "{{node}} in" },
      { expr: written, legend: "{{node}} out" },
    ],
  });

const network = `${NODE},${DEVICE}`;

/** The machines themselves. */
export const nodesDashboard = dashboard({
  uid: "nodes",
  title: "Nodes",
  folder: "cluster",
  variables: () => [clusterVariable("node_uname_info"), variable("node", "node", `node_uname_info{${inCluster}}`)],
  links: [{ title: "Capacity", to: "capacity" }],
  rows: [
    top([
      table({
        title: "Nodes",
        by: { node: "Node" },
        sortBy: "Memory",
        columns: [
          { title: "CPU", expr: cpu(NODE), unit: unit.ratio, thresholds: above({ warning: 0.8, critical: 0.95 }) },
          {
            title: "Memory",
            expr: memory(NODE),
            unit: unit.ratio,
            thresholds: above({ warning: 0.85, critical: 0.95 }),
          },
          {
            title: "Fullest disk",
            expr: disk(NODE),
            unit: unit.ratio,
            thresholds: above({ warning: 0.8, critical: 0.9 }),
          },
          { title: "Load", expr: `max by (node) (node_load5{${NODE}})`, unit: unit.count, decimals: 1 },
          {
            title: "Running for",
            expr: `max by (node) (node_time_seconds{${NODE}} - node_boot_time_seconds{${NODE}})`,
            unit: unit.seconds,
          },
        ],
      }),
    ]),
    row("CPU and memory", [
      line("CPU", unit.ratio, cpu(NODE)),
      line("Memory", unit.ratio, memory(NODE)),
      line(
        "Waiting for CPU",
        unit.ratio,
        rate("node_pressure_cpu_waiting_seconds_total"),
        "The share of time in which something waited for a CPU.",
      ),
      line(
        "Waiting for memory",
        unit.ratio,
        rate("node_pressure_memory_waiting_seconds_total"),
        "The share of time in which something waited for memory to be freed.",
      ),
    ]),
    row("Disks", [
      line("Fullest disk", unit.ratio, disk(NODE)),
      line("Waiting for disks", unit.ratio, rate("node_pressure_io_waiting_seconds_total")),
      inAndOut("Bytes", unit.bytesPerSecond, rate("node_disk_written_bytes_total"), rate("node_disk_read_bytes_total")),
      inAndOut(
        "Operations",
        unit.perSecond,
        rate("node_disk_writes_completed_total"),
        rate("node_disk_reads_completed_total"),
      ),
    ]),
    row("Network", [
      inAndOut(
        "Bytes",
        unit.bytesPerSecond,
        rate("node_network_receive_bytes_total", network),
        rate("node_network_transmit_bytes_total", network),
      ),
      inAndOut(
        "Packets with errors",
        unit.packetsPerSecond,
        rate("node_network_receive_errs_total", network),
        rate("node_network_transmit_errs_total", network),
      ),
      line(
        "Connections followed, of what may be",
        unit.ratio,
        `max by (node) (node_nf_conntrack_entries{${NODE}} / node_nf_conntrack_entries_limit{${NODE}})`,
      ),
      line("Clock is off by", unit.seconds, `max by (node) (abs(node_timex_offset_seconds{${NODE}}))`),
    ]),
  ],
});
