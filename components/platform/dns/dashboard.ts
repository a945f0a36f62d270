import {
  above,
  below,
  dashboard,
  inCluster,
  logs,
  none,
  ofService,
  row,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { upStat } from "../../kit/dashboards/workload-panels";

const LAST = `max(external_dns_controller_last_sync_timestamp_seconds{${ofService}})`;

const errors = (what: string) => ({
  expr: `sum(rate(external_dns_${what}_errors_total{${ofService}}[$__rate_interval]))`,
  legend: what,
});

/** Whether the records of what is exposed are in the zone; tunnels and Tailscale's routers, where there are some. */
export const dnsDashboard = dashboard({
  uid: "dns",
  title: "DNS records and ways in",
  folder: "gateway",
  variables: () => serviceVariables("external_dns_controller_last_sync_timestamp_seconds"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Since the records were right",
        unit: unit.seconds,
        thresholds: above({ warning: 600, critical: 3600 }),
        queries: `time() - ${LAST}`,
      }),
      stat({
        title: "Attempts that failed, in a row",
        unit: unit.count,
        thresholds: above({ warning: 1, critical: 5 }),
        queries: `max(external_dns_controller_consecutive_soft_errors{${ofService}})`,
      }),
      stat({
        title: "Names not in the zone yet",
        unit: unit.count,
        thresholds: above({ warning: 1 }),
        queries: `sum(external_dns_source_records{${ofService}}) - sum(external_dns_controller_verified_records{${ofService}})`,
      }),
      stat({
        title: "Connections of the tunnel",
        unit: unit.count,
        thresholds: below({ warning: 4, critical: 1 }),
        noValue: "no tunnel",
        queries: `sum(cloudflared_tunnel_ha_connections{${inCluster}})`,
      }),
      stat({
        title: "Warnings of Tailscale's routers",
        unit: unit.count,
        thresholds: none,
        noValue: "no routers",
        queries: `sum(tailscaled_health_messages{${inCluster}})`,
      }),
    ]),
    row("Records", [
      timeseries({
        title: "Records",
        width: 8,
        unit: unit.count,
        queries: [
          {
            expr: `sum by (record_type) (external_dns_source_records{${ofService}})`,
            legend: "wanted: {{record_type}}",
          },
          {
            expr: `sum by (record_type) (external_dns_registry_records{${ofService}})`,
            legend: "there: {{record_type}}",
          },
        ],
      }),
      timeseries({ title: "Errors", width: 8, unit: unit.perSecond, queries: [errors("source"), errors("registry")] }),
      timeseries({
        title: "Calls of the provider, mean time",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `sum by (host) (rate(external_dns_http_request_duration_seconds_sum{${ofService}}[$__rate_interval])) / (sum by (host) (rate(external_dns_http_request_duration_seconds_count{${ofService}}[$__rate_interval])) > 0)`,
          legend: "{{host}}",
        },
      }),
    ]),
    row("Ways in", [
      timeseries({
        title: "Tunnel: requests",
        width: 8,
        unit: unit.requestsPerSecond,
        queries: [
          { expr: `sum(rate(cloudflared_tunnel_total_requests{${inCluster}}[$__rate_interval]))`, legend: "all" },
          { expr: `sum(rate(cloudflared_tunnel_request_errors{${inCluster}}[$__rate_interval]))`, legend: "failing" },
        ],
      }),
      timeseries({
        title: "Tailscale: traffic",
        width: 8,
        unit: unit.bytesPerSecond,
        queries: [
          { expr: `sum(rate(tailscaled_inbound_bytes_total{${inCluster}}[$__rate_interval]))`, legend: "in" },
          { expr: `sum(rate(tailscaled_outbound_bytes_total{${inCluster}}[$__rate_interval]))`, legend: "out" },
        ],
      }),
      timeseries({
        title: "Tailscale: packets dropped",
        width: 8,
        unit: unit.packetsPerSecond,
        queries: {
          expr: `sum by (reason) (rate(tailscaled_outbound_dropped_packets_total{${inCluster}}[$__rate_interval]))`,
          legend: "{{reason}}",
        },
      }),
    ]),
    row("Logs", [logs({ title: "Logs", query: `{${inCluster},namespace=~"dns|edge|tailscale"}` })], {
      collapsed: true,
    }),
  ],
});
