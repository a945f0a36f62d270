import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";

/** Reserved at the start of the node network, below the control planes: the network's gateway and the load balancers. */
const LOAD_BALANCER_OFFSET = 5;
const GATEWAY_LOAD_BALANCER_OFFSET = 6;
const FIRST_MACHINE_OFFSET = 10;
const MAX_SLICE_SIZE = 128;
const MIN_SLICE_SIZE = 16;
const TARGET_SLICES = 32;

export interface AddressPlanInput {
  /** Subnet of the servers, IPv4 CIDR. */
  nodeCidr: string;
  controlPlaneCount: number;
  /** In the order of the settings; a pool keeps its slice against those that come after it. */
  pools: readonly { name: string; count: number }[];
}

export interface AddressPlan {
  /** Private address of the Kubernetes API's load balancer; reserved whether or not there is one. */
  loadBalancer: string;
  /** Private addresses of the control planes, in order. */
  controlPlane: string[];
  /** Private addresses of each pool's servers, in order. */
  pools: Map<string, string[]>;
}

/**
 * Private addresses of all servers, before any of them exists. What must not happen is that a change to one pool moves
 * the servers of another (a new address is a new node IP, and a node that drops out for a while), so:
 *
 * - The node network is cut into equal slices. The first belongs to the load balancer and the control planes.
 * - A pool's slice follows from a hash of its name, not from its place in the list. Growing, shrinking, removing or
 *   appending a pool moves nobody else.
 * - If two names hash to the same slice, the pool that comes later in the settings takes the next free one. Only such
 *   a pool can move, and only when the earlier one goes away or the list is reordered; the preview shows it.
 */
export function planAddresses(input: AddressPlanInput): AddressPlan {
  const [network, prefix] = ipaddr.IPv4.parseCIDR(input.nodeCidr);
  const base = toNumber(ipaddr.IPv4.networkAddressFromCIDR(`${network.toString()}/${prefix}`));
  const total = 2 ** (32 - prefix);
  const sliceSize = Math.max(MIN_SLICE_SIZE, Math.min(MAX_SLICE_SIZE, Math.floor(total / TARGET_SLICES)));
  const sliceCount = Math.floor(total / sliceSize);
  if (sliceCount < 2) {
    throw new Error(
      `network.nodeCidr ${input.nodeCidr} has ${total} addresses. At least ${MIN_SLICE_SIZE * 2} are needed (a /27): ` +
        "choose a larger network.",
    );
  }
  const free = sliceSize - FIRST_MACHINE_OFFSET;
  if (input.controlPlaneCount > free) {
    throw new Error(
      `controlPlane.count ${input.controlPlaneCount} does not fit into network.nodeCidr ${input.nodeCidr}, which has ` +
        `room for ${free} control planes: choose a larger network.`,
    );
  }
  const slices = assignSlices(
    input.pools.map((pool) => pool.name),
    sliceCount,
    input.nodeCidr,
  );
  const pools = new Map<string, string[]>();
  for (const pool of input.pools) {
    // The last address of a slice stays free: the last one of the whole network is its broadcast address.
    if (pool.count > sliceSize - 1) {
      throw new Error(
        `Pool "${pool.name}" has ${pool.count} servers, but its slice of network.nodeCidr ${input.nodeCidr} has room ` +
          `for ${sliceSize - 1}: split the pool or choose a larger network.`,
      );
    }
    pools.set(pool.name, addresses(base + slices.get(pool.name)! * sliceSize, pool.count));
  }
  return {
    loadBalancer: toAddress(base + LOAD_BALANCER_OFFSET),
    controlPlane: addresses(base + FIRST_MACHINE_OFFSET, input.controlPlaneCount),
    pools,
  };
}

/** Slice 0 is taken; the others are 1 to count - 1. */
function assignSlices(names: readonly string[], count: number, nodeCidr: string): Map<string, number> {
  const taken = new Set<number>();
  const slices = new Map<string, number>();
  if (names.length > count - 1) {
    throw new Error(
      `${names.length} pools do not fit into network.nodeCidr ${nodeCidr}, which has room for ${count - 1}: choose a ` +
        "larger network.",
    );
  }
  for (const name of names) {
    let slice = preferredSlice(name, count);
    while (taken.has(slice)) slice = (slice % (count - 1)) + 1;
    taken.add(slice);
    slices.set(name, slice);
  }
  return slices;
}

/** The slice that a pool's name asks for; 1 to count - 1. */
export function preferredSlice(name: string, count: number): number {
  return 1 + (createHash("sha256").update(name).digest().readUInt32BE(0) % (count - 1));
}

function addresses(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => toAddress(first + index));
}

function toNumber(address: ipaddr.IPv4): number {
  return address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

/** Private address of the gateway's load balancer: fixed, so that it never takes one that is meant for a server. */
export function gatewayLoadBalancerAddress(nodeCidr: string): string {
  return addressAt(nodeCidr, GATEWAY_LOAD_BALANCER_OFFSET);
}

/** Address number `index` of a CIDR, counted from its network address. */
export function addressAt(cidr: string, index: number): string {
  return toAddress(toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr)) + index);
}
