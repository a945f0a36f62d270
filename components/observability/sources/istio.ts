import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Istio's proxies and gateways. */
export const istioSource: MetricsSource = {
  source: "Istio 1.30.3",
  known: 'Istio\'s documentation, "Istio Standard Metrics"; istiod\'s from "Exported metrics" of pilot-discovery',
  metrics: [
    "istio_requests_total",
    ...histogram("istio_request_duration_milliseconds"),
    ...histogram("istio_request_bytes"),
    ...histogram("istio_response_bytes"),
    "istio_tcp_sent_bytes_total",
    "istio_tcp_received_bytes_total",
    "istio_tcp_connections_opened_total",
    "istio_tcp_connections_closed_total",
    "pilot_xds",
    "pilot_xds_pushes",
    "pilot_total_xds_rejects",
    ...histogram("pilot_proxy_convergence_time"),
  ],
};
