import type { Signals } from "../../kit/signals";

/** DNS records of what is exposed, as external-dns writes them. */
export const recordSignals: Signals = {
  area: "dns",
  metrics: [
    "external_dns_controller_last_sync_timestamp_seconds",
    "external_dns_registry_errors_total",
    "external_dns_source_errors_total",
  ],
  signals: [
    {
      name: "DnsRecordsNotSynchronised",
      severity: "warning",
      expression: "time() - (external_dns_controller_last_sync_timestamp_seconds > 0) > 1800",
      forMinutes: 15,
      summary: "DNS records were last written half an hour ago: new names are not found.",
    },
    {
      name: "DnsProviderErrors",
      severity: "warning",
      expression: "increase(external_dns_registry_errors_total[30m]) > 3",
      forMinutes: 15,
      summary: "The DNS provider refuses: mostly its token, or a limit on requests.",
    },
    {
      name: "DnsSourceErrors",
      severity: "warning",
      expression: "increase(external_dns_source_errors_total[30m]) > 3",
      forMinutes: 15,
      summary: "external-dns cannot read routes or Services.",
    },
  ],
};

/** Names inside the cluster. */
export const nameServerSignals: Signals = {
  area: "cluster-dns",
  metrics: ["coredns_dns_request_duration_seconds_bucket", "coredns_dns_responses_total", "coredns_panics_total"],
  signals: [
    {
      name: "ClusterDnsNotSeen",
      severity: "critical",
      expression: "absent(coredns_dns_responses_total)",
      forMinutes: 10,
      summary: "No name server of the cluster gives its metrics: names may not be answered at all.",
    },
    {
      name: "ClusterDnsErrors",
      severity: "critical",
      expression:
        'sum(rate(coredns_dns_responses_total{rcode="SERVFAIL"}[5m])) / sum(rate(coredns_dns_responses_total[5m])) > 0.05',
      forMinutes: 10,
      summary: "More than 5 of 100 names are not answered.",
    },
    {
      name: "ClusterDnsSlow",
      severity: "warning",
      expression: "histogram_quantile(0.99, sum by (le) (rate(coredns_dns_request_duration_seconds_bucket[5m]))) > 2",
      forMinutes: 15,
      summary: "One in a hundred names takes longer than two seconds.",
    },
    {
      name: "ClusterDnsPanics",
      severity: "warning",
      expression: "increase(coredns_panics_total[15m]) > 0",
      forMinutes: 0,
      summary: "A name server has had an error of its own program.",
    },
  ],
};
