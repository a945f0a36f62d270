/**
 * What is kept of Envoy's statistics, which are some hundreds for each cluster and listener: requests, answers and times by
 * route and listener, connections, health of backends, certificates, and the proxy itself.
 */
export const ENVOY_METRICS = [
  "envoy_(http|listener_http)_downstream_(rq|cx)_.*",
  "envoy_cluster_upstream_(rq|rq_xx|rq_time_.*|rq_total|rq_retry|rq_timeout|rq_active|rq_pending_.*|cx_active|cx_total|cx_connect_fail|cx_(rx|tx)_bytes_total)",
  "envoy_cluster_(membership_.*|external_upstream_rq.*|circuit_breakers_.*_open)",
  "envoy_listener_(downstream_cx_.*|ssl_(connection_error|fail_.*|handshake|no_certificate))",
  "envoy_tcp_downstream_cx_.*",
  "envoy_server_(live|uptime|memory_.*|total_connections|days_until_first_cert_expiring)",
  "istio_.*",
].join("|");
