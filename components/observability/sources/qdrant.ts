import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Qdrant. */
export const qdrantSource: MetricsSource = {
  source: "Qdrant 1.19.0",
  known: "source of github.com/qdrant/qdrant 1.19.0: src/common/metrics.rs",
  metrics: [
    "cluster_commit",
    "cluster_term",
    "cluster_voter",
    "collection_dead_replicas",
    "collection_points",
    "collection_running_optimizations",
    "collection_update_queue_length",
    "collections_total",
    "collections_vector_total",
    "grpc_responses_total",
    ...histogram("grpc_responses_duration_seconds"),
    ...histogram("rest_responses_duration_seconds"),
    "snapshot_creation_running",
  ],
};
