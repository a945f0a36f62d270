import { architecturesOf, wantedLoadBalancers, wantedServers } from "./expand";
import { hardwareOf, isOwn } from "./hardware";
import type { Demand, Market, Problem } from "./types";

/** What an environment costs, in EUR net of VAT. Traffic beyond what is included is not in it. */
export interface CostEstimate {
  /** Servers without their addresses; dedicated machines under the pool that they belong to. */
  pools: { name: string; nodes: number; monthlyEur: number }[];
  loadBalancersEur: number;
  /** Public IPv4 addresses of the cloud servers. */
  addressesEur: number;
  volumesEur: number;
  /** The Talos image of each architecture, kept as a snapshot. */
  snapshotsEur: number;
  totalMonthlyEur: number;
  /** Once, for dedicated machines that are not yet rented. */
  setupEur: number;
  source: Market["source"];
  asOf: string;
  /** What is wanted but has no price on record: the total is too low by these. */
  unpriced: string[];
}

export interface CostOptions {
  /**
   * Hetzner volumes in all, in GiB.
   * @default 0
   */
  volumesGiB?: number;
}

/** A Talos image takes less than this as a snapshot. */
const snapshotGiB = 1;

/** The monthly cost of what the settings ask for, by pool. */
export function estimateCost(demand: Demand, market: Market, options: CostOptions = {}): CostEstimate {
  const unpriced = new Set<string>();
  const pools = new Map<string, { nodes: number; monthlyEur: number }>();
  const add = (pool: string, monthlyEur: number | undefined, what: string) => {
    if (monthlyEur === undefined) unpriced.add(what);
    const sum = pools.get(pool) ?? { nodes: 0, monthlyEur: 0 };
    pools.set(pool, { nodes: sum.nodes + 1, monthlyEur: sum.monthlyEur + (monthlyEur ?? 0) });
  };

  const servers = wantedServers(demand);
  for (const { pool, serverType, location } of servers) {
    add(pool, market.serverTypes[serverType]?.prices[location]?.monthlyEur, `${serverType} in ${location}`);
  }
  let setupEur = 0;
  for (const machine of demand.dedicated) {
    const { name, pool, model } = machine;
    const entry = isOwn(machine) ? hardwareOf(machine) : market.dedicatedModels[model];
    add(pool, entry?.monthlyEur, isOwn(machine) ? `your own ${name}` : model);
    if (entry?.setupEur === undefined) unpriced.add(`${model}, setup`);
    setupEur += entry?.setupEur ?? 0;
  }

  const loadBalancersEur = loadBalancerCost(demand, market, unpriced);
  const addressesEur = servers.filter(({ publicIpv4 }) => publicIpv4).length * market.ipv4MonthlyEur;
  const volumesEur = (options.volumesGiB ?? 0) * market.volumeGiBMonthlyEur;
  const snapshotsEur = architecturesOf(demand, market).length * snapshotGiB * market.snapshotGiBMonthlyEur;
  const serversEur = [...pools.values()].reduce((sum, { monthlyEur }) => sum + monthlyEur, 0);
  return {
    pools: [...pools].map(([name, { nodes, monthlyEur }]) => ({ name, nodes, monthlyEur: cents(monthlyEur) })),
    loadBalancersEur: cents(loadBalancersEur),
    addressesEur: cents(addressesEur),
    volumesEur: cents(volumesEur),
    snapshotsEur: cents(snapshotsEur),
    totalMonthlyEur: cents(serversEur + loadBalancersEur + addressesEur + volumesEur + snapshotsEur),
    setupEur: cents(setupEur),
    source: market.source,
    asOf: market.asOf,
    unpriced: [...unpriced].sort(),
  };
}

/** Refuses an environment that costs more than the settings allow. */
export function checkCostCeiling(ceilingEur: number | undefined, estimate: CostEstimate): Problem[] {
  if (ceilingEur === undefined || estimate.totalMonthlyEur <= ceilingEur) return [];
  const parts = estimate.pools.map(({ name, monthlyEur }) => `${name} ${monthlyEur.toFixed(2)}`).join(", ");
  return [
    {
      rule: "cost-ceiling",
      path: "cost.monthlyCeilingEur",
      value: ceilingEur,
      message: `The environment costs ${estimate.totalMonthlyEur.toFixed(2)} EUR a month (${parts}; prices of ${estimate.asOf}, ${estimate.source}).`,
      allowed: `a total of at most ${ceilingEur} EUR a month`,
      fix: "Take fewer or smaller servers, or raise the ceiling.",
    },
  ];
}

function loadBalancerCost(demand: Demand, market: Market, unpriced: Set<string>): number {
  return wantedLoadBalancers(demand).reduce((sum, { type, location }) => {
    const monthlyEur = market.loadBalancerTypes[type]?.prices[location]?.monthlyEur;
    if (monthlyEur === undefined) unpriced.add(`${type} in ${location}`);
    return sum + (monthlyEur ?? 0);
  }, 0);
}

function cents(eur: number): number {
  return Math.round(eur * 100) / 100;
}
