import { type WantedLoadBalancer, type WantedServer, wantedLoadBalancers, wantedServers } from "./expand";
import type { Demand, Market, Problem, ServerType } from "./types";

export interface CheckOptions {
  /**
   * Servers that are there, type by name: they need no stock, and may keep a type that is no longer sold.
   * @default - none, everything is to be ordered
   */
  existing?: ReadonlyMap<string, string>;
  /**
   * Disk of the machine that the image was made on, in GB: a server's disk must not be smaller.
   * @default 40
   */
  imageDiskGiB?: number;
}

/** Ids of the rules that need to know what Hetzner sells. */
export const marketRules = [
  "server-type-unknown",
  "server-type-disk",
  "server-type-location",
  "server-type-deprecated",
  "server-type-sold-out",
  "control-plane-too-small",
  "load-balancer-unknown",
  "load-balancer-deprecated",
  "load-balancer-targets",
] as const;

/** A problem of one of these rules, so that the list cannot miss one. */
type MarketProblem = Problem & { rule: (typeof marketRules)[number] };

/** Talos and the Kubernetes API do not start reliably on less. */
const minimumControlPlane = { cores: 2, memoryGiB: 4 };

/** What Hetzner would refuse, or could not deliver, found before anything is created. One problem for each place in the settings. */
export function checkMarket(demand: Demand, market: Market, options: CheckOptions = {}): MarketProblem[] {
  const servers = wantedServers(demand);
  const paths = [...new Set(servers.map(({ path }) => path))];
  return [
    ...paths
      .map((path) => servers.filter((server) => server.path === path))
      .flatMap((pool) => checkServers(pool, market, options)),
    ...checkControlPlaneSize(demand, market),
    ...wantedLoadBalancers(demand).flatMap((balancer) => checkLoadBalancer(balancer, market)),
  ];
}

function checkServers(servers: WantedServer[], market: Market, options: CheckOptions): MarketProblem[] {
  const { serverType: name, path } = servers[0]!;
  const type = market.serverTypes[name];
  const at = { path, value: name };
  if (!type) {
    return [
      {
        ...at,
        rule: "server-type-unknown",
        message: `Hetzner Cloud has no server type of this name (${origin(market)}).`,
        allowed: Object.keys(market.serverTypes).join(", "),
        fix: `Set orrery:${path} to one of these.`,
      },
    ];
  }
  const problems: MarketProblem[] = [];
  const imageDiskGiB = options.imageDiskGiB ?? 40;
  if (type.diskGiB < imageDiskGiB) {
    problems.push({
      ...at,
      rule: "server-type-disk",
      message: `Its disk of ${type.diskGiB} GB is smaller than the image, which was made on ${imageDiskGiB} GB.`,
      allowed: `types with a disk of at least ${imageDiskGiB} GB`,
      fix: `Set orrery:${path} to a larger type.`,
    });
  }
  const toOrder = servers.filter((server) => options.existing?.get(server.name) !== server.serverType);
  const locations = [...new Set(toOrder.map(({ location }) => location))];
  return [...problems, ...locations.flatMap((location) => checkLocation(type, location, path, market) ?? [])];
}

function checkLocation(type: ServerType, location: string, path: string, market: Market): MarketProblem | undefined {
  const at = { path, value: type.name };
  const allowed = `${alternatives(type, location, market)} in ${location}`;
  const fix = `Set orrery:${path} to one of these, or choose other locations.`;
  if (!type.prices[location]) {
    const offered = Object.keys(type.prices).join(", ");
    return {
      ...at,
      rule: "server-type-location",
      message: `${type.name} is not sold in ${location}, only in ${offered} (${origin(market)}).`,
      allowed,
      fix,
    };
  }
  const gone = type.deprecated[location];
  if (gone !== undefined) {
    const message = `${type.name} is deprecated in ${location}: no new orders after ${gone} (${origin(market)}).`;
    return { ...at, rule: "server-type-deprecated", message, allowed, fix };
  }
  if (type.available[location] === false) {
    const message = `${type.name} is sold out in ${location} (${origin(market)}).`;
    return { ...at, rule: "server-type-sold-out", message, allowed, fix };
  }
  return undefined;
}

/** Types of the same architecture that can be ordered there and are not smaller, cheapest first. */
function alternatives(type: ServerType, location: string, market: Market): string {
  const names = Object.values(market.serverTypes)
    .filter((other) => other.architecture === type.architecture && other.available[location] === true)
    .filter((other) => other.prices[location] && other.deprecated[location] === undefined)
    .filter((other) => other.cores >= type.cores && other.memoryGiB >= type.memoryGiB)
    .sort((a, b) => a.prices[location]!.monthlyEur - b.prices[location]!.monthlyEur)
    .slice(0, 4)
    .map(({ name }) => name);
  return names.length > 0 ? names.join(", ") : "nothing of that size";
}

function checkControlPlaneSize({ controlPlane }: Demand, market: Market): MarketProblem[] {
  const type = market.serverTypes[controlPlane.serverType];
  const { cores, memoryGiB } = minimumControlPlane;
  if (!type || (type.cores >= cores && type.memoryGiB >= memoryGiB)) return [];
  return [
    {
      rule: "control-plane-too-small",
      path: "controlPlane.serverType",
      value: controlPlane.serverType,
      message: `${type.cores} cores and ${type.memoryGiB} GiB are too little for etcd and the Kubernetes API.`,
      allowed: `types with at least ${cores} cores and ${memoryGiB} GiB`,
      fix: "Set orrery:controlPlane.serverType to a larger type, e.g. cpx22.",
    },
  ];
}

function checkLoadBalancer({ type: name, targets, path }: WantedLoadBalancer, market: Market): MarketProblem[] {
  const type = market.loadBalancerTypes[name];
  const at = { path, value: name };
  const sold = Object.values(market.loadBalancerTypes).filter(({ deprecated }) => !deprecated);
  const allowed = sold.map((other) => other.name).join(", ");
  const fix = `Set orrery:${path} to one of these.`;
  if (!type) {
    const message = `Hetzner Cloud has no load balancer type of this name (${origin(market)}).`;
    return [{ ...at, rule: "load-balancer-unknown", message, allowed, fix }];
  }
  if (type.deprecated) {
    const message = `${name} is deprecated: no new orders (${origin(market)}).`;
    return [{ ...at, rule: "load-balancer-deprecated", message, allowed, fix }];
  }
  if (targets > type.maxTargets) {
    const message = `${name} takes ${type.maxTargets} targets, and there are ${targets} servers behind it.`;
    const large = sold.filter(({ maxTargets }) => maxTargets >= targets).map((other) => other.name);
    return [{ ...at, rule: "load-balancer-targets", message, allowed: large.join(", "), fix }];
  }
  return [];
}

function origin({ source, asOf }: Market): string {
  return source === "api" ? "says Hetzner's API" : `price table of ${asOf}; with a token the API is asked`;
}
