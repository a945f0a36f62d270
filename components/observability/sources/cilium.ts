import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Cilium's agents. */
export const ciliumSource: MetricsSource = {
  source: "Cilium 1.20.0",
  known:
    "source of github.com/cilium/cilium 1.20.0: Documentation/observability/metrics.rst, all of them on by default",
  metrics: [
    "cilium_drop_count_total",
    "cilium_drop_bytes_total",
    "cilium_forward_count_total",
    "cilium_forward_bytes_total",
    "cilium_endpoint_state",
    "cilium_endpoint_regenerations_total",
    ...histogram("cilium_endpoint_regeneration_time_stats_seconds"),
    "cilium_unreachable_nodes",
    "cilium_unreachable_health_endpoints",
    "cilium_node_health_connectivity_status",
    "cilium_bpf_map_pressure",
    "cilium_policy",
    "cilium_policy_max_revision",
    "cilium_policy_endpoint_enforcement_status",
    "cilium_identity",
    "cilium_ip_addresses",
    "cilium_controllers_failing",
    "cilium_datapath_conntrack_gc_entries",
  ],
};

/** Hubble: flows as Cilium's agents see them. Which of them there are is said by hubble.metrics.enabled. */
export const hubbleSource: MetricsSource = {
  source: "Hubble in Cilium 1.20.0",
  known: "source of github.com/cilium/cilium 1.20.0: pkg/hubble/metrics and Documentation/observability/metrics.rst",
  metrics: [
    "hubble_flows_processed_total",
    "hubble_drop_total",
    "hubble_tcp_flags_total",
    "hubble_dns_queries_total",
    "hubble_dns_responses_total",
    "hubble_port_distribution_total",
    "hubble_icmp_total",
    "hubble_lost_events_total",
    "hubble_policy_verdicts_total",
  ],
};
