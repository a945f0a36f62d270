import {
  above,
  clusterVariable,
  dashboard,
  inCluster,
  logs,
  row,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";

/** Utilisation, 0 to 1, of every GPU: each vendor's exporter says it in its own way. */
const BUSY = [
  `DCGM_FI_DEV_GPU_UTIL{${inCluster}} / 100`,
  `gpu_gfx_activity{${inCluster}} / 100`,
  `avg by (node, pci_bdf) (hw_gpu_utilization_ratio{${inCluster}})`,
];

const MEMORY = [
  `DCGM_FI_DEV_FB_USED{${inCluster}} / (DCGM_FI_DEV_FB_USED{${inCluster}} + DCGM_FI_DEV_FB_FREE{${inCluster}})`,
  `gpu_used_vram{${inCluster}} / gpu_total_vram{${inCluster}}`,
  `max by (node, pci_bdf) (hw_memory_usage_bytes{${inCluster}}) / max by (node, pci_bdf) (hw_memory_size_bytes{${inCluster}})`,
];

const HEAT = [
  `DCGM_FI_DEV_GPU_TEMP{${inCluster}}`,
  `gpu_junction_temperature{${inCluster}} or gpu_edge_temperature{${inCluster}}`,
  `max by (node, pci_bdf) (hw_temperature_celsius{${inCluster}})`,
];

const POWER = [
  `DCGM_FI_DEV_POWER_USAGE{${inCluster}}`,
  `gpu_package_power{${inCluster}} or gpu_average_package_power{${inCluster}}`,
  `max by (node, pci_bdf) (hw_power_watts{${inCluster}})`,
];

const LEGENDS = ["{{node}} NVIDIA {{gpu}}", "{{node}} AMD {{gpu_id}}", "{{node}} Intel {{pci_bdf}}"];

const lines = (queries: readonly string[]) => queries.map((expr, index) => ({ expr, legend: LEGENDS[index] ?? "" }));

const any = (queries: readonly string[], of: "avg" | "max" | "sum") => `${of}(${queries.join(" or ")})`;

/** Whether GPUs are there and whole, and how much of them is used: of every vendor on the same panels. */
export const gpuDashboard = dashboard({
  uid: "gpus",
  title: "GPUs",
  folder: "cluster",
  variables: () => [clusterVariable("kube_node_status_capacity")],
  rows: [
    top([
      stat({
        title: "GPUs",
        unit: unit.count,
        noValue: "0",
        queries: `sum(kube_node_status_capacity{${inCluster},resource=~"nvidia_com_gpu|amd_com_gpu|gpu_intel_com_.+"})`,
      }),
      stat({
        title: "Given to pods",
        unit: unit.ratio,
        queries: `sum(kube_pod_container_resource_requests{${inCluster},resource=~"nvidia_com_gpu|amd_com_gpu|gpu_intel_com_.+"}) / sum(kube_node_status_allocatable{${inCluster},resource=~"nvidia_com_gpu|amd_com_gpu|gpu_intel_com_.+"})`,
      }),
      stat({ title: "Busy", description: "Mean of all.", unit: unit.ratio, queries: any(BUSY, "avg") }),
      stat({
        title: "Fullest memory",
        unit: unit.ratio,
        thresholds: above({ warning: 0.9, critical: 0.98 }),
        queries: any(MEMORY, "max"),
      }),
      stat({
        title: "Hottest",
        unit: unit.celsius,
        thresholds: above({ warning: 80, critical: 90 }),
        queries: any(HEAT, "max"),
      }),
      stat({ title: "Power", unit: unit.watt, queries: any(POWER, "sum") }),
    ]),
    row("Use", [
      timeseries({ title: "Busy", unit: unit.ratio, max: 1, queries: lines(BUSY) }),
      timeseries({ title: "Memory, used", unit: unit.ratio, max: 1, queries: lines(MEMORY) }),
      timeseries({
        title: "Temperature",
        unit: unit.celsius,
        thresholds: above({ warning: 80, critical: 90 }),
        queries: lines(HEAT),
      }),
      timeseries({ title: "Power", unit: unit.watt, queries: lines(POWER) }),
    ]),
    row("Who uses them", [
      timeseries({
        title: "Busy, by pod",
        description: "NVIDIA.",
        width: 8,
        unit: unit.ratio,
        queries: {
          expr: `max by (exported_namespace, exported_pod) (DCGM_FI_DEV_GPU_UTIL{${inCluster},exported_pod!=""}) / 100`,
          legend: "{{exported_namespace}}/{{exported_pod}}",
        },
      }),
      timeseries({
        title: "Asked for, by namespace",
        width: 8,
        unit: unit.count,
        stack: true,
        queries: {
          expr: `sum by (namespace) (kube_pod_container_resource_requests{${inCluster},resource=~"nvidia_com_gpu|amd_com_gpu|gpu_intel_com_.+"})`,
          legend: "{{namespace}}",
        },
      }),
      timeseries({
        title: "Tensor cores, memory bus",
        description: "NVIDIA: share of the time in which they work.",
        width: 8,
        unit: unit.ratio,
        max: 1,
        queries: [
          { expr: `avg(DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{${inCluster}})`, legend: "tensor cores" },
          { expr: `avg(DCGM_FI_PROF_DRAM_ACTIVE{${inCluster}})`, legend: "memory bus" },
        ],
      }),
    ]),
    row("What goes wrong", [
      timeseries({
        title: "NVIDIA: last error (XID)",
        description: "The number of the last error that the driver wrote; NVIDIA's table of XIDs says what each means.",
        width: 8,
        unit: unit.none,
        queries: { expr: `DCGM_FI_DEV_XID_ERRORS{${inCluster}} > 0`, legend: "{{node}} {{gpu}}" },
      }),
      timeseries({
        title: "Memory that was replaced, or is broken",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS{${inCluster}} > 0`, legend: "{{node}} {{gpu}} rows" },
          { expr: `DCGM_FI_DEV_ROW_REMAP_FAILURE{${inCluster}} > 0`, legend: "{{node}} {{gpu}} none left" },
          { expr: `gpu_ecc_uncorrect_total{${inCluster}} > 0`, legend: "{{node}} {{gpu_id}} ECC" },
        ],
      }),
      timeseries({
        title: "Faults of the bus (PCIe)",
        width: 8,
        unit: unit.perSecond,
        queries: {
          expr: `rate(DCGM_FI_DEV_PCIE_REPLAY_COUNTER{${inCluster}}[$__rate_interval])`,
          legend: "{{node}} {{gpu}}",
        },
      }),
    ]),
    row(
      "Logs",
      [logs({ title: "The kernel, on GPUs", query: `{${inCluster},namespace="nodes"} |~ "NVRM|Xid|amdgpu|i915|xe "` })],
      { collapsed: true },
    ),
  ],
});
