import type { MetricsSource } from "../../kit/signals";

/** The blackbox exporter: whether routes answer. */
export const blackboxSource: MetricsSource = {
  source: "blackbox_exporter",
  known:
    "the real program in test/real/metric-sources.test.ts; source of github.com/prometheus/blackbox_exporter: prober",
  metrics: [
    "probe_success",
    "probe_duration_seconds",
    "probe_http_duration_seconds",
    "probe_http_status_code",
    "probe_http_ssl",
    "probe_ssl_earliest_cert_expiry",
    "probe_ssl_last_chain_expiry_timestamp_seconds",
    "probe_dns_lookup_time_seconds",
    "probe_failed_due_to_regex",
    "probe_tls_version_info",
  ],
};
