import type { MetricsSource } from "../../kit/signals";

/** Elasticsearch, by its exporter. */
export const elasticsearchExporterSource: MetricsSource = {
  source: "elasticsearch_exporter 1.11.0",
  known: "source of github.com/prometheus-community/elasticsearch_exporter 1.11.0: collector/*.go",
  metrics: [
    "elasticsearch_breakers_tripped",
    "elasticsearch_cluster_health_active_primary_shards",
    "elasticsearch_cluster_health_active_shards",
    "elasticsearch_cluster_health_initializing_shards",
    "elasticsearch_cluster_health_number_of_pending_tasks",
    "elasticsearch_cluster_health_relocating_shards",
    "elasticsearch_cluster_health_unassigned_shards",
    "elasticsearch_indices_docs",
    "elasticsearch_indices_indexing_index_time_seconds_total",
    "elasticsearch_indices_indexing_index_total",
    "elasticsearch_indices_search_query_time_seconds",
    "elasticsearch_indices_search_query_total",
    "elasticsearch_indices_store_size_bytes",
    "elasticsearch_jvm_gc_collection_seconds_sum",
    "elasticsearch_process_cpu_percent",
    "elasticsearch_thread_pool_active_count",
    "elasticsearch_thread_pool_queue_count",
  ],
};
