import type { AreaCases } from "./case";

const pod = { namespace: "vec", pod: "qdrant-0" };
const of = (metric: string, member = 0) => `${metric}{namespace="vec",pod="qdrant-${member}"}`;
const info = (member: number) => of("app_info", member);
const peers = of("cluster_peers_total");
const recovery = of("app_status_recovery_mode");
const pending = of("cluster_pending_operations_total");
const responses = (status: number) => `rest_responses_total{namespace="vec",pod="qdrant-0",status="${status}"}`;
const failed = responses(500);
const answered = responses(200);
const memory = of("memory_resident_bytes");
const limit = 'kube_pod_container_resource_limits{namespace="vec",pod="qdrant-0",container="qdrant",resource="memory"}';

export const qdrantCases: AreaCases = {
  area: "qdrant",
  alerts: [
    {
      alert: "QdrantDown",
      fires: { series: { [info(0)]: "1 stale" }, minute: 8, labels: { namespace: "vec" } },
      quiet: { series: { [info(0)]: "1x10" }, minute: 8 },
    },
    {
      alert: "QdrantPeerMissing",
      fires: { series: { [peers]: "3x20", [info(0)]: "1x20", [info(1)]: "1x20" }, minute: 11, labels: {} },
      quiet: { series: { [peers]: "3x20", [info(0)]: "1x20", [info(1)]: "1x20", [info(2)]: "1x20" }, minute: 11 },
    },
    {
      alert: "QdrantRecoveryMode",
      fires: { series: { [recovery]: "1x5" }, minute: 2, labels: pod },
      quiet: { series: { [recovery]: "0x5" }, minute: 2 },
    },
    {
      alert: "QdrantConsensusStuck",
      fires: { series: { [pending]: "11x20" }, minute: 16, labels: pod },
      quiet: { series: { [pending]: "10x20" }, minute: 16 },
    },
    {
      alert: "QdrantRequestsFail",
      fires: { series: { [failed]: "0+6x30", [answered]: "0+94x30" }, minute: 20, labels: {} },
      quiet: { series: { [failed]: "0+5x30", [answered]: "0+95x30" }, minute: 20 },
    },
    {
      alert: "QdrantMemory",
      fires: { series: { [memory]: "91x20", [limit]: "100x20" }, minute: 16, labels: pod },
      quiet: { series: { [memory]: "90x20", [limit]: "100x20" }, minute: 16 },
    },
  ],
};
