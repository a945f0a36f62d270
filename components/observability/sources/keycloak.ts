import type { MetricsSource } from "../../kit/signals";

/** Keycloak. */
export const keycloakSource: MetricsSource = {
  source: "Keycloak 26",
  known:
    'Keycloak\'s guides, "Observability": http, database, JVM metrics; no histograms and no events unless they are asked for',
  metrics: [
    "http_server_requests_seconds_count",
    "http_server_requests_seconds_sum",
    "http_server_active_requests",
    "http_server_bytes_written_sum",
    "http_server_bytes_read_sum",
    "agroal_available_count",
    "agroal_active_count",
    "agroal_awaiting_count",
    "keycloak_credentials_password_hashing_validations_total",
    "jvm_memory_used_bytes",
    "jvm_memory_max_bytes",
    "jvm_gc_pause_seconds_sum",
    "jvm_gc_pause_seconds_count",
    "process_cpu_usage",
    "http_client_request_seconds_count",
    "http_client_request_seconds_sum",
  ],
};
