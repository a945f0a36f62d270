import { isIPv4 } from "node:net";
import { apiError } from "./errors";
import type { NetworkRecord, Subnet } from "./records";
import type { Store } from "./store";

/** IPv4 arithmetic on CIDR blocks, and who gets which address. */

export interface Range {
  first: number;
  /** Inclusive. */
  last: number;
  bits: number;
}

export const toNumber = (ip: string) => ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

export const toText = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** undefined when it is not an IPv4 block whose host bits are zero. */
export function parseRange(cidr: string): Range | undefined {
  const [ip = "", prefix = ""] = cidr.split("/");
  const bits = Number(prefix);
  if (!isIPv4(ip) || !/^\d{1,2}$/.test(prefix) || bits > 32) {
    return undefined;
  }
  const size = 2 ** (32 - bits);
  const first = toNumber(ip);
  return first % size === 0 ? { first, last: first + size - 1, bits } : undefined;
}

export const contains = (outer: Range, inner: Range) => outer.first <= inner.first && inner.last <= outer.last;
export const overlaps = (a: Range, b: Range) => a.first <= b.last && b.first <= a.last;

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidr) => parseRange(cidr) as Range);
export const isPrivate = (range: Range) => privateRanges.some((outer) => contains(outer, range));

export const rangeOf = (cidr: string): Range => {
  const range = parseRange(cidr);
  if (!range) {
    throw new Error(`${cidr} is not an IPv4 range`);
  }
  return range;
};

/** The first free block of 2^(32-bits) addresses inside `outer`. */
export function freeBlock(outer: Range, taken: Range[], bits: number): string | undefined {
  const size = 2 ** (32 - bits);
  for (let first = outer.first; first + size - 1 <= outer.last; first += size) {
    const block = { first, last: first + size - 1, bits };
    if (!taken.some((range) => overlaps(range, block))) {
      return `${toText(first)}/${bits}`;
    }
  }
  return undefined;
}

/** Private addresses of a network that servers and load balancers hold. */
export function privateAddresses(store: Store, network: number): Set<string> {
  const servers = store.all("servers").flatMap((server) => server.private_net);
  const balancers = store.all("load_balancers").flatMap((lb) => lb.private_net);
  const mine = [...servers, ...balancers].filter((net) => net.network === network);
  return new Set(mine.flatMap((net) => [net.ip, ...("alias_ips" in net ? (net.alias_ips as string[]) : [])]));
}

interface Wanted {
  zone: string;
  ip?: string | undefined;
  ipRange?: string | undefined;
}

/**
 * An address for a server or load balancer in a network: the one asked for, or the first free one of a subnet in its
 * network zone. Network address, gateway (the first) and broadcast address are never handed out.
 */
export function allocatePrivate(store: Store, network: NetworkRecord, wanted: Wanted): string {
  const usable = network.subnets.filter((subnet) => subnet.type !== "vswitch" && subnet.network_zone === wanted.zone);
  const subnets = wanted.ipRange ? usable.filter((subnet) => subnet.ip_range === wanted.ipRange) : usable;
  if (subnets.length === 0) {
    throw apiError(
      "no_subnet_available",
      wanted.ipRange
        ? `network '${network.name}' has no subnet ${wanted.ipRange} in network zone ${wanted.zone}`
        : `network '${network.name}' has no subnet in network zone ${wanted.zone}`,
    );
  }
  const taken = privateAddresses(store, network.id);
  if (wanted.ip !== undefined) {
    return chosenAddress(network, subnets, taken, wanted.ip);
  }
  for (const subnet of subnets) {
    const { first, last } = hosts(network, subnet);
    for (let value = first; value <= last; value++) {
      const ip = toText(value);
      if (!taken.has(ip)) {
        return ip;
      }
    }
  }
  throw apiError("no_subnet_available", `network '${network.name}' has no free IP in its subnets`);
}

function chosenAddress(network: NetworkRecord, subnets: Subnet[], taken: Set<string>, ip: string): string {
  const value = isIPv4(ip) ? toNumber(ip) : Number.NaN;
  const inside = subnets.some((subnet) => {
    const { first, last } = hosts(network, subnet);
    return first <= value && value <= last;
  });
  if (!inside) {
    throw apiError(
      "ip_not_available",
      `IP '${ip}' is not available: it is not a host address of ${subnets.map((subnet) => subnet.ip_range).join(", ")}`,
    );
  }
  if (taken.has(ip)) {
    throw apiError("ip_not_available", `IP '${ip}' is not available: it is already used in network '${network.name}'`);
  }
  return ip;
}

/** Hetzner's gateway is the first address of the network, whichever subnet that lies in. */
function hosts(network: NetworkRecord, subnet: Subnet): { first: number; last: number } {
  const range = rangeOf(subnet.ip_range);
  const gateway = rangeOf(network.ip_range).first + 1;
  const start = range.first + 1;
  return { first: start === gateway ? start + 1 : start, last: range.last - 1 };
}

const firstHost = 10;
const lastHost = 250;

/** Loopback addresses that stand for public ones and are in use. Derived from the records: none can leak. */
export function usedLoopback(store: Store): Set<string> {
  return new Set([
    ...store.all("primary_ips").map((ip) => ip.ip),
    ...store.all("servers").flatMap((server) => (server.stand_in_address ? [server.stand_in_address] : [])),
    ...store.all("load_balancers").flatMap((lb) => [lb.public_ipv4, lb.private_stand_in]),
  ]);
}

export function allocateLoopback(store: Store, prefix: string, also: string[] = []): string {
  const used = new Set([...usedLoopback(store), ...also]);
  const count = lastHost - firstHost + 1;
  for (let step = 0; step < count; step++) {
    const index = (store.addressCursor + step) % count;
    const address = `${prefix}.${firstHost + index}`;
    if (!used.has(address)) {
      store.addressCursor = (index + 1) % count;
      store.touch();
      return address;
    }
  }
  throw apiError("resource_limit_exceeded", `the sandbox has ${count} public IPv4 addresses and all are in use`);
}

/** A /64 of the documentation prefix, its own for each id. */
export const ipv6Network = (id: number) =>
  `2001:db8:${Math.floor(id / 65_536).toString(16)}:${(id % 65_536).toString(16)}::/64`;
