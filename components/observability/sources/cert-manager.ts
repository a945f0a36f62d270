import type { MetricsSource } from "../../kit/signals";
import { summary } from "./names";

/** cert-manager. */
export const certManagerSource: MetricsSource = {
  source: "cert-manager 1.21.1",
  known: "source of github.com/cert-manager/cert-manager 1.21.1: pkg/metrics, internal/collectors",
  metrics: [
    "certmanager_certificate_expiration_timestamp_seconds",
    "certmanager_certificate_not_after_timestamp_seconds",
    "certmanager_certificate_renewal_timestamp_seconds",
    "certmanager_certificate_ready_status",
    "certmanager_certificate_challenge_status",
    "certmanager_issuer_ready_status",
    "certmanager_clusterissuer_ready_status",
    "certmanager_http_acme_client_request_count",
    ...summary("certmanager_http_acme_client_request_duration_seconds"),
    "certmanager_controller_sync_call_count",
    "certmanager_controller_sync_error_count",
    "certmanager_clock_time_seconds_gauge",
  ],
};
