import type { AreaCases } from "./case";

const of = (metric: string, server = 0) => `${metric}{namespace="storage",pod="minio-${server}"}`;
const online = (server: number) => of("minio_cluster_health_nodes_online_count", server);
const wanted = 'kube_statefulset_replicas{namespace="storage",statefulset="minio"}';
const drives = of("minio_cluster_health_drives_count");
const drivesOnline = of("minio_cluster_health_drives_online_count");
const free = of("minio_cluster_health_capacity_usable_free_bytes");
const total = of("minio_cluster_health_capacity_usable_total_bytes");
const errors = of("minio_api_requests_5xx_errors_total");
const requests = of("minio_api_requests_total");

export const minioCases: AreaCases = {
  area: "minio",
  alerts: [
    {
      alert: "MinioDown",
      fires: { series: { [online(0)]: "4 stale" }, minute: 8, labels: { namespace: "storage" } },
      quiet: { series: { [online(0)]: "4x10" }, minute: 8 },
    },
    {
      alert: "MinioServerOffline",
      fires: { series: { [online(0)]: "3x15", [online(1)]: "3x15", [wanted]: "4x15" }, minute: 11, labels: {} },
      quiet: { series: { [online(0)]: "3x15", [online(1)]: "4x15", [wanted]: "4x15" }, minute: 11 },
    },
    {
      alert: "MinioDriveOffline",
      fires: { series: { [drivesOnline]: "3x20", [drives]: "4x20" }, minute: 16, labels: {} },
      quiet: { series: { [drivesOnline]: "4x20", [drives]: "4x20" }, minute: 16 },
    },
    {
      alert: "MinioFull",
      fires: { series: { [free]: "9x20", [total]: "100x20" }, minute: 16, labels: {} },
      quiet: { series: { [free]: "10x20", [total]: "100x20" }, minute: 16 },
    },
    {
      alert: "MinioRequestsFail",
      fires: { series: { [errors]: "0+6x30", [requests]: "0+100x30" }, minute: 20, labels: {} },
      quiet: { series: { [errors]: "0+5x30", [requests]: "0+100x30" }, minute: 20 },
    },
  ],
};
