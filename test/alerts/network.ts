import type { AreaCases } from "./case";

const connectivity = (status: string) =>
  `cilium_node_health_connectivity_status{pod="a",source_node_name="n1",type="node",status="${status}"}`;
const drops = (reason: string) => `cilium_drop_count_total{pod="a",reason="${reason}",direction="INGRESS"}`;

export const networkCases: AreaCases = {
  area: "cilium",
  alerts: [
    {
      alert: "CiliumNodeUnreachable",
      fires: { series: { [connectivity("unreachable")]: "1x20" }, minute: 15, labels: { source_node_name: "n1" } },
      quiet: { series: { [connectivity("unreachable")]: "0x20", [connectivity("reachable")]: "3x20" }, minute: 15 },
    },
    {
      alert: "CiliumDropsPackets",
      fires: {
        series: { [drops("CT: Map insertion failed")]: "0+600x40" },
        minute: 30,
        labels: { reason: "CT: Map insertion failed", direction: "INGRESS" },
      },
      quiet: {
        series: { [drops("Policy denied")]: "0+6000x40", [drops("Stale or unroutable IP")]: "0+200x40" },
        minute: 30,
      },
    },
    {
      alert: "CiliumMapNearlyFull",
      fires: {
        series: { 'cilium_bpf_map_pressure{pod="a",map_name="policy"}': "0.95x15" },
        minute: 12,
        labels: { pod: "a", map_name: "policy" },
      },
      quiet: { series: { 'cilium_bpf_map_pressure{pod="a",map_name="policy"}': "0.85x15" }, minute: 12 },
    },
    {
      alert: "CiliumControllersFail",
      fires: { series: { 'cilium_controllers_failing{pod="a"}': "2x40" }, minute: 35, labels: { pod: "a" } },
      quiet: { series: { 'cilium_controllers_failing{pod="a"}': "2x20 0 2x20" }, minute: 35 },
    },
    {
      alert: "CiliumEndpointsNotReady",
      fires: {
        series: { 'cilium_endpoint_state{pod="a",endpoint_state="not-ready"}': "1x20" },
        minute: 18,
        labels: { pod: "a", endpoint_state: "not-ready" },
      },
      quiet: { series: { 'cilium_endpoint_state{pod="a",endpoint_state="ready"}': "20x20" }, minute: 18 },
    },
    {
      alert: "HubbleLosesFlows",
      fires: {
        series: { 'hubble_lost_events_total{pod="a",source="perf_event_ring_buffer"}': "0+900x60" },
        minute: 50,
        labels: { pod: "a" },
      },
      quiet: {
        series: { 'hubble_lost_events_total{pod="a",source="perf_event_ring_buffer"}': "0+300x60" },
        minute: 50,
      },
    },
  ],
};
