import type { MetricsSource } from "../../kit/signals";

/** NVIDIA's GPUs. */
export const dcgmSource: MetricsSource = {
  source: "dcgm-exporter",
  known: "github.com/NVIDIA/dcgm-exporter: etc/default-counters.csv, what it exports unless told otherwise",
  metrics: [
    "DCGM_FI_DEV_GPU_UTIL",
    "DCGM_FI_DEV_MEM_COPY_UTIL",
    "DCGM_FI_DEV_FB_USED",
    "DCGM_FI_DEV_FB_FREE",
    "DCGM_FI_DEV_FB_RESERVED",
    "DCGM_FI_DEV_GPU_TEMP",
    "DCGM_FI_DEV_MEMORY_TEMP",
    "DCGM_FI_DEV_POWER_USAGE",
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
    "DCGM_FI_DEV_SM_CLOCK",
    "DCGM_FI_DEV_MEM_CLOCK",
    "DCGM_FI_DEV_XID_ERRORS",
    "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
    "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
    "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS",
    "DCGM_FI_DEV_ROW_REMAP_FAILURE",
    "DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL",
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE",
    "DCGM_FI_PROF_DRAM_ACTIVE",
  ],
};

/** AMD's GPUs. */
export const amdGpuSource: MetricsSource = {
  source: "device-metrics-exporter",
  known:
    "source of github.com/ROCm/device-metrics-exporter: pkg/amdgpu/gpuagent/gpuagent_gpu_metrics.go, docs/configuration/metricslist.md; memory in MB",
  metrics: [
    "gpu_nodes_total",
    "gpu_health",
    "gpu_gfx_activity",
    "gpu_umc_activity",
    "gpu_used_vram",
    "gpu_free_vram",
    "gpu_total_vram",
    "gpu_edge_temperature",
    "gpu_junction_temperature",
    "gpu_memory_temperature",
    "gpu_package_power",
    "gpu_average_package_power",
    "gpu_energy_consumed",
    "gpu_clock",
    "gpu_ecc_correct_total",
    "gpu_ecc_uncorrect_total",
  ],
};

/** Intel's GPUs. */
export const intelGpuSource: MetricsSource = {
  source: "xpumd of XPU Manager",
  known:
    "github.com/intel/xpumanager: xpumd/charts/xpumd/json/dashboard.json, xpumd/test/integration; names after the semantic conventions of OpenTelemetry",
  metrics: [
    "hw_gpu_utilization_ratio",
    "hw_gpu_info",
    "hw_memory_usage_bytes",
    "hw_memory_size_bytes",
    "hw_memory_bandwidth_utilization_ratio",
    "hw_temperature_celsius",
    "hw_power_watts",
    "hw_energy_joules_total",
    "hw_frequency_hertz",
    "hw_status",
    "hw_errors_total",
  ],
};
