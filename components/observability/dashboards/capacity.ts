import {
  above,
  barGauge,
  clusterVariable,
  dashboard,
  inCluster,
  row,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { allocatable, byPool, cpuUsed, limited, memoryUsed, POOL, requested } from "./queries";

type Resource = "cpu" | "memory";

const names: Readonly<Record<Resource, string>> = { cpu: "CPU", memory: "Memory" };
const used = (resource: Resource, by: string) => (resource === "cpu" ? cpuUsed(by) : memoryUsed(by));
const measured = (resource: Resource) => (resource === "cpu" ? unit.count : unit.bytes);
const room = above({ warning: 0.8, critical: 0.95 });

/** Now, of all that pods can ask for. */
const share = (title: string, of: string, resource: Resource) =>
  stat({ title, queries: `sum(${of}) / sum(${allocatable(resource, "node")})`, unit: unit.ratio, thresholds: room });

const asked = (resource: Resource) =>
  barGauge({
    title: `${names[resource]} asked for, by pool`,
    description: "Of what pods on the nodes of the pool can ask for.",
    height: 6,
    queries: {
      expr: `${byPool(requested(resource, "node"))} / ${byPool(allocatable(resource, "node"))}`,
      legend: `{{${POOL}}}`,
    },
    unit: unit.ratio,
    min: 0,
    max: 1,
    thresholds: room,
  });

const over = (resource: Resource) =>
  timeseries({
    title: `${names[resource]}: there, asked for, used`,
    unit: measured(resource),
    queries: [
      { expr: `sum(${allocatable(resource, "node")})`, legend: "there" },
      { expr: `sum(${limited(resource, "node")})`, legend: "limits" },
      { expr: `sum(${requested(resource, "node")})`, legend: "asked for" },
      { expr: `sum(${used(resource, "namespace")})`, legend: "used" },
    ],
  });

/** What pods ask for, against what nodes have and what is used. */
export const capacityDashboard = dashboard({
  uid: "capacity",
  title: "Capacity",
  folder: "cluster",
  range: "24h",
  variables: () => [clusterVariable("kube_node_info")],
  links: [
    { title: "Cost", to: "cost" },
    { title: "Nodes", to: "nodes" },
  ],
  rows: [
    top([
      share("CPU asked for", requested("cpu", "node"), "cpu"),
      share("CPU used", cpuUsed("namespace"), "cpu"),
      share("Memory asked for", requested("memory", "node"), "memory"),
      share("Memory used", memoryUsed("namespace"), "memory"),
      stat({
        title: "Pods, of what fits",
        queries: `sum(kube_pod_status_phase{${inCluster},phase="Running"}) / sum(${allocatable("pods", "node")})`,
        unit: unit.ratio,
        thresholds: room,
      }),
      stat({
        title: "Pods without a place",
        queries: `sum(kube_pod_status_unschedulable{${inCluster}}) or vector(0)`,
        unit: unit.count,
        thresholds: above({ critical: 1 }),
      }),
    ]),
    row("Pools", [asked("cpu"), asked("memory"), over("cpu"), over("memory")]),
    row("Namespaces", [
      table({
        title: "What each asks for and uses",
        height: 12,
        by: { namespace: "Namespace" },
        sortBy: "Memory asked for",
        columns: [
          { title: "CPU asked for", expr: requested("cpu", "namespace"), unit: unit.count, decimals: 2 },
          { title: "CPU used", expr: cpuUsed("namespace"), unit: unit.count, decimals: 2 },
          { title: "Memory asked for", expr: requested("memory", "namespace"), unit: unit.bytes },
          { title: "Memory used", expr: memoryUsed("namespace"), unit: unit.bytes },
          { title: "Memory limits", expr: limited("memory", "namespace"), unit: unit.bytes },
          {
            title: "Volumes",
            expr: `sum by (namespace) (kube_persistentvolumeclaim_resource_requests_storage_bytes{${inCluster}})`,
            unit: unit.bytes,
          },
        ],
      }),
      barGauge({
        title: "Quotas, fullest first",
        width: 24,
        queries: {
          expr: `topk(12, max by (namespace, resource) (kube_resourcequota{${inCluster},type="used"}) / (max by (namespace, resource) (kube_resourcequota{${inCluster},type="hard"}) > 0))`,
          legend: "{{namespace}} {{resource}}",
        },
        unit: unit.ratio,
        min: 0,
        max: 1,
        thresholds: room,
      }),
    ]),
  ],
});
