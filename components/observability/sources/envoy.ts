import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Envoy, which carries the gateway's requests. */
export const envoySource: MetricsSource = {
  source: "Envoy 1.39, by Envoy Gateway 1.9.0",
  known:
    'Envoy\'s documentation, "HTTP connection manager", "Cluster" and "Server" statistics; its dashboards in github.com/envoyproxy/gateway 1.9.0 charts/gateway-addons-helm',
  metrics: [
    "envoy_http_downstream_rq_total",
    "envoy_http_downstream_rq_xx",
    "envoy_http_downstream_rq_active",
    ...histogram("envoy_http_downstream_rq_time"),
    "envoy_http_downstream_cx_active",
    "envoy_http_downstream_cx_total",
    "envoy_http_downstream_cx_rx_bytes_total",
    "envoy_http_downstream_cx_tx_bytes_total",
    "envoy_cluster_upstream_rq_total",
    "envoy_cluster_upstream_rq_xx",
    "envoy_cluster_upstream_rq_active",
    "envoy_cluster_upstream_rq_retry",
    "envoy_cluster_upstream_rq_timeout",
    "envoy_cluster_upstream_rq_pending_overflow",
    ...histogram("envoy_cluster_upstream_rq_time"),
    "envoy_cluster_upstream_cx_active",
    "envoy_cluster_upstream_cx_connect_fail",
    "envoy_cluster_upstream_cx_rx_bytes_total",
    "envoy_cluster_upstream_cx_tx_bytes_total",
    "envoy_cluster_membership_healthy",
    "envoy_cluster_membership_total",
    "envoy_server_live",
    "envoy_server_uptime",
    "envoy_server_memory_allocated",
    "envoy_server_memory_heap_size",
    "envoy_listener_downstream_cx_active",
    "envoy_listener_ssl_connection_error",
    "envoy_server_days_until_first_cert_expiring",
  ],
};

/** Envoy Gateway, which tells Envoy what to do. */
export const envoyGatewaySource: MetricsSource = {
  source: "Envoy Gateway 1.9.0",
  known: "source of github.com/envoyproxy/gateway 1.9.0: internal/**/metrics.go",
  metrics: [
    "watchable_depth",
    "watchable_publish_total",
    "watchable_subscribe_total",
    ...histogram("watchable_subscribe_duration_seconds"),
    "watchable_panics_recovered_total",
    "xds_snapshot_create_total",
    "xds_snapshot_update_total",
    "xds_nack_total",
    ...histogram("xds_stream_duration_seconds"),
    "resource_apply_total",
    "resource_delete_total",
    ...histogram("resource_apply_duration_seconds"),
  ],
};
