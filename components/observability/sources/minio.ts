import type { MetricsSource } from "../../kit/signals";

/** MinIO. */
export const minioSource: MetricsSource = {
  source: "Silo, the maintained fork of MinIO; metrics v3",
  known:
    "the real program in test/real/minio.test.ts, but for what is only there once it is not nought (inflight, waiting): docs/metrics/v3.md of its source",
  metrics: [
    "minio_api_requests_4xx_errors_total",
    "minio_api_requests_incoming_total",
    "minio_api_requests_inflight_total",
    "minio_api_requests_waiting_total",
    "minio_api_requests_traffic_received_bytes",
    "minio_api_requests_traffic_sent_bytes",
    "minio_api_requests_ttfb_seconds_distribution",
    "minio_cluster_erasure_set_overall_health",
    "minio_cluster_erasure_set_online_drives_count",
    "minio_scanner_last_activity_seconds",
    "minio_system_cpu_load",
    "minio_system_drive_free_bytes",
    "minio_system_drive_total_bytes",
    "minio_system_drive_used_bytes",
    "minio_system_memory_used",
    "minio_system_process_cpu_total_seconds",
    "minio_system_process_resident_memory_bytes",
    "minio_system_process_uptime_seconds",
    "minio_system_process_go_routine_total",
  ],
};
