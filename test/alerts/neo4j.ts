import type { AreaCases } from "./case";

const POD = 'namespace="graph",pod="neo4j-0",container="neo4j"';
const container = { namespace: "graph", pod: "neo4j-0", container: "neo4j" };
const ready = 'kube_statefulset_status_replicas_ready{namespace="graph",statefulset="neo4j"}';
const restarts = `kube_pod_container_status_restarts_total{${POD}}`;
const reason = (name: string) => `kube_pod_container_status_last_terminated_reason{${POD},reason="${name}"}`;
const memory = `container_memory_working_set_bytes{${POD}}`;
const limit = `kube_pod_container_resource_limits{${POD},resource="memory"}`;
const claim = { namespace: "graph", persistentvolumeclaim: "data-neo4j-0" };
const volume = (name: string) =>
  `kubelet_volume_stats_${name}_bytes{namespace="graph",persistentvolumeclaim="data-neo4j-0"}`;
const backup = { namespace: "graph", cronjob: "neo4j-backup" };
const last = 'kube_cronjob_status_last_successful_time{namespace="graph",cronjob="neo4j-backup"}';
const failed = (job: string) => `kube_job_status_failed{namespace="graph",job_name="${job}"}`;

export const neo4jCases: AreaCases = {
  area: "neo4j",
  alerts: [
    {
      alert: "Neo4jDown",
      fires: { series: { [ready]: "0x10" }, minute: 6, labels: { namespace: "graph", statefulset: "neo4j" } },
      quiet: { series: { [ready]: "0x3 1x10" }, minute: 6 },
    },
    {
      alert: "Neo4jRestarts",
      fires: { series: { [restarts]: "0x5 1x5 2x5 3x60" }, minute: 40, labels: container },
      quiet: { series: { [restarts]: "0x5 1x5 2x60" }, minute: 15 },
    },
    {
      alert: "Neo4jOutOfMemory",
      fires: { series: { [restarts]: "0x5 1x10", [reason("OOMKilled")]: "_x5 1x10" }, minute: 8, labels: container },
      quiet: { series: { [restarts]: "0x5 1x10", [reason("Error")]: "_x5 1x10" }, minute: 8 },
    },
    {
      alert: "Neo4jMemoryNearLimit",
      fires: { series: { [memory]: "96x40", [limit]: "100x40" }, minute: 31, labels: container },
      quiet: { series: { [memory]: "95x40", [limit]: "100x40" }, minute: 31 },
    },
    {
      alert: "Neo4jVolumeFilling",
      fires: { series: { [volume("available")]: "19x20", [volume("capacity")]: "100x20" }, minute: 16, labels: claim },
      quiet: { series: { [volume("available")]: "20x20", [volume("capacity")]: "100x20" }, minute: 16 },
    },
    {
      alert: "Neo4jVolumeFull",
      fires: { series: { [volume("available")]: "4x10", [volume("capacity")]: "100x10" }, minute: 6, labels: claim },
      quiet: { series: { [volume("available")]: "5x10", [volume("capacity")]: "100x10" }, minute: 6 },
    },
    {
      alert: "Neo4jBackupOld",
      fires: { series: { [last]: "-172800x100" }, minute: 65, labels: backup },
      quiet: { series: { [last]: "-160000x100" }, minute: 65 },
    },
    {
      alert: "Neo4jBackupFailed",
      fires: {
        series: { [failed("neo4j-backup-29")]: "1x20" },
        minute: 16,
        labels: { namespace: "graph", job_name: "neo4j-backup-29" },
      },
      quiet: { series: { [failed("neo4j-backup-29")]: "0x20", [failed("neo4j-user-shop")]: "1x20" }, minute: 16 },
    },
  ],
};
