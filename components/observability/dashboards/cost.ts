import type { PoolPrice } from "../../kit/dashboard";
import { barGauge, dashboard, type Row, row, stat, table, text, timeseries, top, unit } from "../../kit/dashboards";
import { POOL } from "./queries";

/** EUR a month of each node, by its pool's price. */
function nodeEur(prices: readonly PoolPrice[]): string {
  const each = [...new Set(prices.map(({ nodeEur: eur }) => eur))].map((eur) => {
    const pools = prices.filter(({ nodeEur: price }) => price === eur).map(({ pool }) => pool);
    return `kube_node_labels{${POOL}=~"${pools.join("|")}"} * ${eur}`;
  });
  return `max by (node, ${POOL}) (${each.join(" or ")})`;
}

const EITHER = 'resource=~"cpu|memory"';

/** What a namespace asks for of a node, as a share of it: 0 to 1, half by CPU and half by memory. */
const shareOfNode =
  `sum by (namespace, node) (sum by (namespace, node, resource) (kube_pod_container_resource_requests{${EITHER}}) ` +
  `/ on (node, resource) group_left () max by (node, resource) (kube_node_status_allocatable{${EITHER}})) / 2`;

const namespaceEur = (prices: readonly PoolPrice[]) =>
  `sum by (namespace) (${shareOfNode} * on (node) group_left () max by (node) (${nodeEur(prices)}))`;

const unpriced = (prices: readonly PoolPrice[]) =>
  `count(kube_node_labels{${POOL}!~"${prices.map(({ pool }) => pool).join("|")}"}) or vector(0)`;

function rows(prices: readonly PoolPrice[]): Row[] {
  const eur = nodeEur(prices);
  const shares = namespaceEur(prices);
  return [
    top([
      stat({ title: "Nodes", width: 6, queries: `sum(${eur})`, unit: unit.eur }),
      stat({ title: "Asked for by pods", width: 6, queries: `sum(${shares})`, unit: unit.eur }),
      stat({ title: "Nobody asks for", width: 6, queries: `sum(${eur}) - sum(${shares})`, unit: unit.eur }),
      stat({ title: "Nodes without a price", width: 6, queries: unpriced(prices), unit: unit.count }),
      text({
        title: "How this is reckoned",
        content:
          "EUR a month without VAT, from the prices that the last `pulumi up` found. Half of a node's price is for its " +
          "CPU and half for its memory, shared by what pods ask for. Load balancers, addresses and volumes are not in " +
          "it: the stack's output `monthlyCost` has them.",
      }),
    ]),
    row("Pools", [
      barGauge({
        title: "Pools",
        queries: { expr: `sum by (${POOL}) (${eur})`, legend: `{{${POOL}}}` },
        unit: unit.eur,
        min: 0,
      }),
      timeseries({
        title: "Pools",
        unit: unit.eur,
        stack: true,
        queries: { expr: `sum by (${POOL}) (${eur})`, legend: `{{${POOL}}}` },
      }),
    ]),
    row("Namespaces", [
      table({
        title: "Namespaces",
        width: 8,
        height: 12,
        by: { namespace: "Namespace" },
        columns: [{ title: "EUR a month", expr: shares, unit: unit.eur }],
      }),
      timeseries({
        title: "Namespaces",
        width: 16,
        height: 12,
        unit: unit.eur,
        stack: true,
        queries: { expr: shares, legend: "{{namespace}}" },
      }),
    ]),
  ];
}

/** What nodes cost, and who they are for. Without prices there is none. */
export const costDashboard = dashboard({
  uid: "cost",
  title: "Cost",
  folder: "cluster",
  range: "7d",
  rows: ({ prices }) => (prices.length === 0 ? [] : rows(prices)),
});
