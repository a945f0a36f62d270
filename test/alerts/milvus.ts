import type { AreaCases } from "./case";

const proxy = { namespace: "milvus", pod: "milvus-milvus-proxy-a" };
const etcd = { namespace: "milvus", pod: "milvus-etcd-0" };
const ofProxy = (metric: string, more = "") => `${metric}{namespace="milvus",pod="milvus-milvus-proxy-a"${more}}`;
const ofEtcd = (metric: string, more = "") => `${metric}{namespace="milvus",pod="milvus-etcd-0"${more}}`;
const requests = (status: string) => ofProxy("milvus_proxy_req_count", `,status="${status}"`);
const memory = ofProxy("process_resident_memory_bytes");
const limit = ofProxy("kube_pod_container_resource_limits", ',container="proxy",resource="memory"');
const leader = ofEtcd("etcd_server_has_leader");
const changes = ofEtcd("etcd_server_leader_changes_seen_total");
const fsync = (le: string) => ofEtcd("etcd_disk_wal_fsync_duration_seconds_bucket", `,le="${le}"`);
const size = ofEtcd("etcd_mvcc_db_total_size_in_bytes");
const quota = ofEtcd("etcd_server_quota_backend_bytes");

export const milvusCases: AreaCases = {
  area: "milvus",
  alerts: [
    {
      alert: "MilvusDown",
      fires: { series: { [ofProxy("milvus_num_node")]: "1 stale" }, minute: 8, labels: { namespace: "milvus" } },
      quiet: { series: { [ofProxy("milvus_num_node")]: "1x10" }, minute: 8 },
    },
    {
      alert: "MilvusRequestsFail",
      fires: { series: { [requests("fail")]: "0+6x30", [requests("total")]: "0+100x30" }, minute: 20, labels: {} },
      quiet: { series: { [requests("fail")]: "0+5x30", [requests("total")]: "0+100x30" }, minute: 20 },
    },
    {
      alert: "MilvusMemory",
      fires: { series: { [memory]: "91x20", [limit]: "100x20" }, minute: 16, labels: proxy },
      quiet: { series: { [memory]: "90x20", [limit]: "100x20" }, minute: 16 },
    },
    {
      alert: "MilvusEtcdWithoutLeader",
      fires: { series: { [leader]: "0x5" }, minute: 3, labels: {} },
      quiet: { series: { [leader]: "0 1x5" }, minute: 3 },
    },
    {
      alert: "MilvusEtcdLeaderChanges",
      fires: { series: { [changes]: "1x10 2x10 3x10 5x40" }, minute: 45, labels: etcd },
      quiet: { series: { [changes]: "1x10 2x60" }, minute: 45 },
    },
    {
      alert: "MilvusEtcdSlowDisk",
      fires: {
        series: { [fsync("0.512")]: "0+90x30", [fsync("1.024")]: "0+100x30", [fsync("+Inf")]: "0+100x30" },
        minute: 20,
        labels: { pod: "milvus-etcd-0" },
      },
      quiet: {
        series: { [fsync("0.256")]: "0+100x30", [fsync("0.512")]: "0+100x30", [fsync("+Inf")]: "0+100x30" },
        minute: 20,
      },
    },
    {
      alert: "MilvusEtcdFull",
      fires: { series: { [size]: "81x15", [quota]: "100x15" }, minute: 11, labels: etcd },
      quiet: { series: { [size]: "80x15", [quota]: "100x15" }, minute: 11 },
    },
  ],
};
