import type { MetricsSource } from "../../kit/signals";
import { histogram, summary } from "./names";

/** external-dns. */
export const externalDnsSource: MetricsSource = {
  source: "external-dns 0.21.0",
  known: "source of sigs.k8s.io/external-dns 0.21.0: docs/monitoring/metrics.md, with the prefix of pkg/metrics",
  metrics: [
    "external_dns_controller_last_sync_timestamp_seconds",
    "external_dns_controller_last_reconcile_timestamp_seconds",
    "external_dns_controller_consecutive_soft_errors",
    "external_dns_controller_no_op_runs_total",
    "external_dns_controller_verified_records",
    "external_dns_registry_endpoints_total",
    "external_dns_registry_errors_total",
    "external_dns_registry_records",
    "external_dns_registry_skipped_records_owner_mismatch_per_sync",
    "external_dns_source_endpoints_total",
    "external_dns_source_errors_total",
    "external_dns_source_records",
    "external_dns_source_invalid_endpoints",
    ...summary("external_dns_http_request_duration_seconds"),
  ],
};

/** CoreDNS, the resolver of the people's own network. */
export const corednsSource: MetricsSource = {
  source: "CoreDNS 1.12",
  known: "CoreDNS's documentation of the plugins metrics, forward and cache",
  metrics: [
    "coredns_dns_requests_total",
    "coredns_dns_responses_total",
    ...histogram("coredns_dns_request_duration_seconds"),
    "coredns_cache_hits_total",
    "coredns_cache_misses_total",
    "coredns_cache_entries",
    "coredns_forward_healthcheck_broken_total",
    "coredns_panics_total",
  ],
};
