import type { Signals } from "../../kit/signals";

const GPUS = 'resource=~"nvidia_com_gpu|amd_com_gpu|gpu_intel_com_(i915|xe)"';

/** Xid messages after which a GPU computes wrongly or not at all: 48 and 95 memory, 79 lost from the bus, 119 and 120 firmware. */
const FATAL_XIDS = [48, 79, 95, 119, 120];

/** Graphics processors: NVIDIA's, AMD's and Intel's exporters, and what the nodes say of them. */
export const gpuSignals: Signals = {
  area: "gpus",
  metrics: [
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_ROW_REMAP_FAILURE",
    "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
    "DCGM_FI_DEV_XID_ERRORS",
    "gpu_ecc_uncorrect_total",
    "gpu_health",
    "gpu_junction_temperature",
    "hw_errors_total",
    "hw_temperature_celsius",
    "kube_node_labels",
    "kube_node_status_allocatable",
    "kube_node_status_capacity",
  ],
  signals: [
    {
      name: "GpuLost",
      severity: "critical",
      expression: `max by (node, resource) (max_over_time(kube_node_status_capacity{${GPUS}}[1d])) > on (node, resource) max by (node, resource) (kube_node_status_allocatable{${GPUS}})`,
      forMinutes: 10,
      summary: "A node offers fewer GPUs than it had within the last day.",
    },
    {
      name: "GpusNotOffered",
      severity: "warning",
      expression: `max by (node, label_orrery_dev_gpu) (kube_node_labels{label_orrery_dev_gpu!=""}) unless on (node) (kube_node_status_allocatable{${GPUS}} > 0)`,
      forMinutes: 15,
      summary: "A node is labelled as one with GPUs and offers none to pods.",
    },
    {
      name: "GpuFatalError",
      severity: "critical",
      expression: FATAL_XIDS.map((xid) => `DCGM_FI_DEV_XID_ERRORS == ${xid}`).join(" or "),
      forMinutes: 0,
      summary: "NVIDIA's driver has reported an error after which the GPU must be reset.",
    },
    {
      name: "GpuError",
      severity: "warning",
      expression: "changes(DCGM_FI_DEV_XID_ERRORS[15m]) > 0 and DCGM_FI_DEV_XID_ERRORS > 0",
      forMinutes: 0,
      summary: "NVIDIA's driver has reported an error (Xid): often of the program, sometimes of the GPU.",
    },
    {
      name: "GpuHot",
      severity: "warning",
      expression: "DCGM_FI_DEV_GPU_TEMP > 88 or gpu_junction_temperature > 100 or hw_temperature_celsius > 95",
      forMinutes: 15,
      summary: "A GPU is so hot that it slows down.",
    },
    {
      name: "GpuMemoryErrors",
      severity: "warning",
      expression:
        "increase(DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS[1h]) > 0 or increase(gpu_ecc_uncorrect_total[1h]) > 0 or increase(hw_errors_total[1h]) > 0",
      forMinutes: 0,
      summary: "A GPU has had memory errors that could not be corrected.",
    },
    {
      name: "GpuMemoryWornOut",
      severity: "critical",
      expression: "DCGM_FI_DEV_ROW_REMAP_FAILURE == 1",
      forMinutes: 5,
      summary: "A GPU has no spare memory rows left: it has to be replaced.",
    },
    {
      name: "GpuUnhealthy",
      severity: "critical",
      expression: "gpu_health == 0",
      forMinutes: 10,
      summary: "AMD's exporter holds a GPU for broken.",
    },
  ],
};
