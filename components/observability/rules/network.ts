import type { Signals } from "../../kit/signals";

/** The pods' network, as Cilium's agents see it. */
export const networkSignals: Signals = {
  area: "cilium",
  metrics: [
    "cilium_bpf_map_pressure",
    "cilium_controllers_failing",
    "cilium_drop_count_total",
    "cilium_endpoint_state",
    "cilium_node_health_connectivity_status",
    "hubble_lost_events_total",
  ],
  signals: [
    {
      name: "CiliumNodeUnreachable",
      severity: "critical",
      expression:
        'sum by (source_node_name) (cilium_node_health_connectivity_status{type="node",status="unreachable"}) > 0',
      forMinutes: 10,
      summary: "A node cannot reach others: pods on it do not reach theirs.",
    },
    {
      name: "CiliumDropsPackets",
      severity: "warning",
      expression:
        'sum by (reason, direction) (rate(cilium_drop_count_total{reason!~"Policy denied|Policy denied by denylist|Unsupported L3 protocol|Unsupported L2 protocol"}[10m])) > 5',
      forMinutes: 15,
      summary: "Cilium drops packets for other reasons than a policy.",
    },
    {
      name: "CiliumMapNearlyFull",
      severity: "warning",
      expression: "max by (pod, map_name) (cilium_bpf_map_pressure) > 0.9",
      forMinutes: 10,
      summary: "One of Cilium's tables on a node is nearly full: at its end new connections or endpoints fail.",
    },
    {
      name: "CiliumControllersFail",
      severity: "warning",
      expression: "cilium_controllers_failing > 0",
      forMinutes: 30,
      summary: "Something that an agent does again and again has failed for half an hour.",
    },
    {
      name: "CiliumEndpointsNotReady",
      severity: "warning",
      expression: 'sum by (pod, endpoint_state) (cilium_endpoint_state{endpoint_state=~"not-ready|invalid"}) > 0',
      forMinutes: 15,
      summary: "Pods on a node have no working network: their rules cannot be put in place.",
    },
    {
      name: "HubbleLosesFlows",
      severity: "warning",
      expression: "sum by (pod) (rate(hubble_lost_events_total[10m])) > 10",
      forMinutes: 30,
      summary: "Hubble cannot keep up: its picture of the flows has gaps.",
    },
  ],
};
