import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Milvus. */
export const milvusSource: MetricsSource = {
  source: "Milvus 2.6",
  known: "source of github.com/milvus-io/milvus/pkg 2.6: metrics/*_metrics.go",
  metrics: [
    "milvus_datacoord_segment_num",
    "milvus_datacoord_stored_binlog_size",
    "milvus_datacoord_stored_rows_num",
    ...histogram("milvus_proxy_req_latency"),
    ...histogram("milvus_proxy_sq_latency"),
    ...histogram("milvus_proxy_mutation_latency"),
    "milvus_proxy_insert_vectors_count",
    "milvus_proxy_search_vectors_count",
    "milvus_querynode_entity_num",
    "milvus_querynode_entity_size",
    "milvus_querynode_segment_num",
    "milvus_querynode_read_task_unsolved_len",
    "milvus_querynode_read_task_concurrency",
    ...histogram("milvus_querynode_sq_queue_latency"),
    "milvus_rootcoord_collection_num",
    "milvus_rootcoord_proxy_num",
  ],
};

/** etcd. */
export const etcdSource: MetricsSource = {
  source: "etcd 3.6",
  known: "the real program in test/real/milvus.test.ts",
  metrics: [
    "etcd_server_is_leader",
    "etcd_server_proposals_failed_total",
    "etcd_server_proposals_pending",
    "etcd_server_proposals_committed_total",
    ...histogram("etcd_disk_backend_commit_duration_seconds"),
    ...histogram("etcd_network_peer_round_trip_time_seconds"),
    "etcd_mvcc_db_total_size_in_use_in_bytes",
  ],
};
