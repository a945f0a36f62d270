import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** ingress-nginx. */
export const ingressNginxSource: MetricsSource = {
  source: "ingress-nginx 1.15.1",
  known:
    "source of github.com/kubernetes/ingress-nginx: internal/ingress/metric/collectors, docs/user-guide/monitoring.md",
  metrics: [
    "nginx_ingress_controller_requests",
    ...histogram("nginx_ingress_controller_request_duration_seconds"),
    ...histogram("nginx_ingress_controller_response_duration_seconds"),
    ...histogram("nginx_ingress_controller_connect_duration_seconds"),
    ...histogram("nginx_ingress_controller_response_size"),
    ...histogram("nginx_ingress_controller_request_size"),
    "nginx_ingress_controller_nginx_process_connections",
    "nginx_ingress_controller_nginx_process_connections_total",
    "nginx_ingress_controller_nginx_process_requests_total",
    "nginx_ingress_controller_nginx_process_cpu_seconds_total",
    "nginx_ingress_controller_nginx_process_resident_memory_bytes",
    "nginx_ingress_controller_config_last_reload_successful",
    "nginx_ingress_controller_config_last_reload_successful_timestamp_seconds",
    "nginx_ingress_controller_ssl_expire_time_seconds",
    "nginx_ingress_controller_success",
    "nginx_ingress_controller_errors",
  ],
};
