import type { AreaCases } from "./case";

const gpu = { node: "g1", gpu: "0" };
const nvidia = (metric: string) => `DCGM_FI_DEV_${metric}{node="g1",gpu="0"}`;
const node = (what: string) => `kube_node_status_${what}{node="g1",resource="nvidia_com_gpu",unit="integer"}`;

export const gpuCases: AreaCases = {
  area: "gpus",
  alerts: [
    {
      alert: "GpuLost",
      fires: {
        series: { [node("capacity")]: "2x10 1x20", [node("allocatable")]: "2x10 1x20" },
        minute: 25,
        labels: { node: "g1", resource: "nvidia_com_gpu" },
      },
      quiet: { series: { [node("capacity")]: "2x30", [node("allocatable")]: "2x30" }, minute: 25 },
    },
    {
      alert: "GpusNotOffered",
      fires: {
        series: {
          'kube_node_labels{node="g1",label_orrery_dev_gpu="nvidia"}': "1x20",
          [node("allocatable")]: "0x20",
          'kube_node_labels{node="g2",label_orrery_dev_gpu="intel"}': "1x20",
        },
        minute: 17,
        labels: [
          { node: "g1", label_orrery_dev_gpu: "nvidia" },
          { node: "g2", label_orrery_dev_gpu: "intel" },
        ],
      },
      quiet: [
        {
          series: {
            'kube_node_labels{node="g1",label_orrery_dev_gpu="nvidia"}': "1x20",
            [node("allocatable")]: "20x20",
          },
          minute: 17,
        },
        // No GPUs, and none expected.
        { series: { 'kube_node_labels{node="w1",label_orrery_dev_pool="general"}': "1x20" }, minute: 17 },
      ],
    },
    {
      alert: "GpuFatalError",
      fires: { series: { [nvidia("XID_ERRORS")]: "0x5 79x10" }, minute: 8, labels: gpu },
      quiet: { series: { [nvidia("XID_ERRORS")]: "0x5 31x10" }, minute: 8 },
    },
    {
      alert: "GpuError",
      fires: { series: { [nvidia("XID_ERRORS")]: "0x5 31x10" }, minute: 8, labels: gpu },
      // The exporter goes on showing the last one for ever.
      quiet: { series: { [nvidia("XID_ERRORS")]: "0x5 31x40" }, minute: 40 },
    },
    {
      alert: "GpuHot",
      fires: { series: { [nvidia("GPU_TEMP")]: "91x20" }, minute: 18, labels: gpu },
      quiet: {
        series: { [nvidia("GPU_TEMP")]: "85x20", 'gpu_junction_temperature{node="g2",gpu_id="0"}': "98x20" },
        minute: 18,
      },
    },
    {
      alert: "GpuMemoryErrors",
      fires: { series: { [nvidia("UNCORRECTABLE_REMAPPED_ROWS")]: "0x5 1x10" }, minute: 8, labels: gpu },
      quiet: { series: { [nvidia("UNCORRECTABLE_REMAPPED_ROWS")]: "3x20" }, minute: 8 },
    },
    {
      alert: "GpuMemoryWornOut",
      fires: { series: { [nvidia("ROW_REMAP_FAILURE")]: "1x10" }, minute: 8, labels: gpu },
      quiet: { series: { [nvidia("ROW_REMAP_FAILURE")]: "0x10" }, minute: 8 },
    },
    {
      alert: "GpuUnhealthy",
      fires: {
        series: { 'gpu_health{node="g2",gpu_id="0"}': "0x15" },
        minute: 12,
        labels: { node: "g2", gpu_id: "0" },
      },
      quiet: { series: { 'gpu_health{node="g2",gpu_id="0"}': "1x15" }, minute: 12 },
    },
  ],
};
