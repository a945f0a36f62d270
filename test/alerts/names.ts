import type { AreaCases } from "./case";

const sync = 'external_dns_controller_last_sync_timestamp_seconds{pod="a"}';
const registry = 'external_dns_registry_errors_total{pod="a"}';
const source = 'external_dns_source_errors_total{pod="a"}';

export const recordCases: AreaCases = {
  area: "dns",
  alerts: [
    {
      alert: "DnsRecordsNotSynchronised",
      fires: { series: { [sync]: "60x60" }, minute: 55, labels: { pod: "a" } },
      quiet: { series: { [sync]: "60+60x60" }, minute: 55 },
    },
    {
      alert: "DnsProviderErrors",
      fires: { series: { [registry]: "0+1x60" }, minute: 40, labels: { pod: "a" } },
      quiet: { series: { [registry]: "0x10 2x50" }, minute: 40 },
    },
    {
      alert: "DnsSourceErrors",
      fires: { series: { [source]: "0+1x60" }, minute: 40, labels: { pod: "a" } },
      quiet: { series: { [source]: "0x10 2x50" }, minute: 40 },
    },
  ],
};

const answers = (rcode: string) => `coredns_dns_responses_total{pod="a",rcode="${rcode}"}`;
const bucket = (le: string) => `coredns_dns_request_duration_seconds_bucket{pod="a",le="${le}"}`;

export const nameServerCases: AreaCases = {
  area: "cluster-dns",
  alerts: [
    {
      alert: "ClusterDnsNotSeen",
      fires: { series: { 'up{service="coredns"}': "0x20" }, minute: 15, labels: {} },
      quiet: { series: { [answers("NOERROR")]: "0+10x20" }, minute: 15 },
    },
    {
      alert: "ClusterDnsErrors",
      fires: { series: { [answers("NOERROR")]: "0+90x20", [answers("SERVFAIL")]: "0+10x20" }, minute: 18, labels: {} },
      // A name that is not there is an answer.
      quiet: { series: { [answers("NOERROR")]: "0+90x20", [answers("NXDOMAIN")]: "0+50x20" }, minute: 18 },
    },
    {
      alert: "ClusterDnsSlow",
      fires: {
        series: { [bucket("2")]: "0+90x30", [bucket("4")]: "0+100x30", [bucket("+Inf")]: "0+100x30" },
        minute: 25,
        labels: {},
      },
      quiet: {
        series: { [bucket("2")]: "0+100x30", [bucket("4")]: "0+100x30", [bucket("+Inf")]: "0+100x30" },
        minute: 25,
      },
    },
    {
      alert: "ClusterDnsPanics",
      fires: { series: { 'coredns_panics_total{pod="a"}': "0x5 1x10" }, minute: 8, labels: { pod: "a" } },
      quiet: { series: { 'coredns_panics_total{pod="a"}': "1x20" }, minute: 8 },
    },
  ],
};
