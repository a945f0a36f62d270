import {
  above,
  dashboard,
  inCluster,
  inNamespace,
  logs,
  none,
  ofService,
  row,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../kit/dashboards";
import { upStat } from "../kit/dashboards/workload-panels";

const drops = (by: string) => `sum by (${by}) (rate(cilium_drop_count_total{${ofService}}[$__rate_interval]))`;

const flows = (metric: string, by: string, matchers = "") =>
  `sum by (${by}) (rate(hubble_${metric}{${inCluster}${matchers}}[$__rate_interval]))`;

const BETWEEN = "source_namespace, destination_namespace";
const ARROW = "{{source_namespace}} → {{destination_namespace}}";

/** Whether nodes and pods reach each other, what is dropped and why, and who talks to whom. */
export const ciliumDashboard = dashboard({
  uid: "cilium",
  title: "Network",
  folder: "cluster",
  variables: () => serviceVariables("cilium_endpoint_state"),
  rows: [
    top([
      upStat(ofService, "Agents up"),
      stat({
        title: "Nodes that are not reached",
        unit: unit.count,
        thresholds: none,
        noValue: "0",
        queries: `max(cilium_unreachable_nodes{${ofService}})`,
      }),
      stat({
        title: "Dropped by policy",
        unit: unit.packetsPerSecond,
        queries: `sum(rate(cilium_drop_count_total{${ofService},reason="Policy denied"}[$__rate_interval]))`,
      }),
      stat({
        title: "Dropped for other reasons",
        unit: unit.packetsPerSecond,
        thresholds: above({ warning: 1, critical: 50 }),
        noValue: "0",
        queries: `sum(rate(cilium_drop_count_total{${ofService},reason!="Policy denied"}[$__rate_interval]))`,
      }),
      stat({
        title: "Fullest table",
        description: "Of what the kernel keeps for connections, policies and services.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.7, critical: 0.9 }),
        queries: `max(cilium_bpf_map_pressure{${ofService}})`,
      }),
      stat({
        title: "Pods not ready for packets",
        unit: unit.count,
        thresholds: above({ warning: 5 }),
        noValue: "0",
        queries: `sum(cilium_endpoint_state{${ofService},endpoint_state!="ready"})`,
      }),
    ]),
    row("Packets", [
      timeseries({
        title: "Carried",
        width: 8,
        unit: unit.packetsPerSecond,
        queries: {
          expr: `sum by (direction) (rate(cilium_forward_count_total{${ofService}}[$__rate_interval]))`,
          legend: "{{direction}}",
        },
      }),
      timeseries({
        title: "Dropped, by reason",
        width: 8,
        unit: unit.packetsPerSecond,
        queries: { expr: drops("reason, direction"), legend: "{{reason}}, {{direction}}" },
      }),
      timeseries({
        title: "Dropped, by node",
        width: 8,
        unit: unit.packetsPerSecond,
        queries: { expr: drops("node"), legend: "{{node}}" },
      }),
    ]),
    row("Flows (Hubble)", [
      timeseries({
        title: "Dropped, between namespaces",
        unit: unit.perSecond,
        queries: { expr: `topk(10, ${flows("drop_total", `${BETWEEN}, reason`)})`, legend: `${ARROW}: {{reason}}` },
      }),
      timeseries({
        title: "Decisions of policies",
        description: "Only in prod.",
        unit: unit.perSecond,
        queries: {
          expr: flows("policy_verdicts_total", "direction, match, action"),
          legend: "{{direction}} {{action}} by {{match}}",
        },
      }),
      timeseries({
        title: "Who talks most",
        description: "Only in prod.",
        unit: unit.perSecond,
        queries: { expr: `topk(10, ${flows("flows_processed_total", BETWEEN)})`, legend: ARROW },
      }),
      timeseries({
        title: "Names that are not found",
        unit: unit.perSecond,
        queries: {
          expr: flows("dns_responses_total", "source_namespace, rcode", ',rcode!="No Error"'),
          legend: "{{source_namespace}}: {{rcode}}",
        },
      }),
    ]),
    row("Agents", [
      timeseries({
        title: "Tables of the kernel",
        width: 8,
        unit: unit.ratio,
        queries: { expr: `topk(8, max by (map_name) (cilium_bpf_map_pressure{${ofService}}))`, legend: "{{map_name}}" },
      }),
      timeseries({
        title: "Pods, identities, policies",
        width: 8,
        unit: unit.count,
        queries: [
          { expr: `sum(cilium_endpoint_state{${ofService}})`, legend: "pods" },
          { expr: `max(cilium_identity{${ofService}})`, legend: "identities" },
          { expr: `max(cilium_policy{${ofService}})`, legend: "policies" },
        ],
      }),
      timeseries({
        title: "Time until a pod's rules are in place, 99th percentile",
        width: 8,
        unit: unit.seconds,
        queries: `histogram_quantile(0.99, sum by (le) (rate(cilium_endpoint_regeneration_time_stats_seconds_bucket{${ofService},scope="total"}[$__rate_interval])))`,
      }),
    ]),
    row("Logs", [logs({ title: "Logs", query: `{${inNamespace},service=~"cilium.*|hubble.*"}` })], { collapsed: true }),
  ],
});
