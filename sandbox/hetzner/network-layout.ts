import { isIPv4 } from "node:net";
import { z } from "zod";
import { contains, freeBlock, isPrivate, overlaps, parseRange, rangeOf, toNumber, toText } from "./addresses";
import { networkZones } from "./catalog";
import { apiError, invalidField, limitExceeded } from "./errors";
import type { Limits } from "./limits";
import type { NetworkRecord, Route, Subnet } from "./records";

/** Subnets and routes of a network: what fits beside what. Pure; changes only the record it is given. */

export const SubnetInput = z.object({
  type: z.enum(["cloud", "server", "vswitch"]),
  ip_range: z.string().optional(),
  network_zone: z.string(),
  vswitch_id: z.number().int().positive().nullish(),
});

export const RouteInput = z.object({ destination: z.string(), gateway: z.string() });

const smallestSubnetBits = 30;
const publicGateway = "172.31.1.1";

export function addSubnet(network: NetworkRecord, input: z.output<typeof SubnetInput>, limits: Limits): void {
  if (network.subnets.length >= limits.subnetsPerNetwork) {
    throw limitExceeded("subnets per network", limits.subnetsPerNetwork);
  }
  if (!networkZones.includes(input.network_zone)) {
    throw invalidField("network_zone", `'${input.network_zone}' does not exist: use ${networkZones.join(", ")}`);
  }
  if ((input.type === "vswitch") !== (input.vswitch_id != null)) {
    throw invalidField("vswitch_id", "must be given for a subnet of type vswitch, and only for one");
  }
  const zones = new Set(network.subnets.map((subnet) => subnet.network_zone));
  if (zones.size > 0 && !zones.has(input.network_zone)) {
    throw invalidField("network_zone", `all subnets of a network are in one network zone, here ${[...zones].join()}`);
  }
  const outer = rangeOf(network.ip_range);
  const taken = network.subnets.map((subnet) => rangeOf(subnet.ip_range));
  const ip_range = input.ip_range ?? freeBlock(outer, [...taken, ...destinations(network)], 24);
  const range = ip_range === undefined ? undefined : parseRange(ip_range);
  if (!ip_range || !range || range.bits > smallestSubnetBits) {
    throw invalidField("ip_range", `'${ip_range}' is not a subnet: it must be a /${smallestSubnetBits} or larger`);
  }
  if (!contains(outer, range)) {
    throw invalidField("ip_range", `${ip_range} is not inside the network's ${network.ip_range}`);
  }
  if ([...taken, ...destinations(network)].some((other) => overlaps(other, range))) {
    throw invalidField("ip_range", `${ip_range} overlaps with another subnet or with a route's destination`);
  }
  const subnet: Subnet = {
    type: input.type,
    ip_range,
    network_zone: input.network_zone,
    gateway: toText(outer.first + 1),
    vswitch_id: input.vswitch_id ?? null,
  };
  network.subnets.push(subnet);
}

export function addRoute(network: NetworkRecord, route: Route, limits: Limits): void {
  if (network.routes.length >= limits.routesPerNetwork) {
    throw limitExceeded("routes per network", limits.routesPerNetwork);
  }
  const range = parseRange(route.destination);
  const everything = route.destination === "0.0.0.0/0";
  if (!range || !(everything || isPrivate(range))) {
    throw invalidField("destination", `'${route.destination}' is neither a private IPv4 range nor 0.0.0.0/0`);
  }
  const subnets = network.subnets.map((subnet) => rangeOf(subnet.ip_range));
  const clash = everything
    ? network.routes.some((other) => other.destination === route.destination)
    : [...subnets, ...destinations(network)].some((other) => overlaps(other, range));
  if (clash) {
    throw invalidField("destination", `${route.destination} overlaps with a subnet or with another route`);
  }
  const outer = rangeOf(network.ip_range);
  const gateway = isIPv4(route.gateway) ? toNumber(route.gateway) : Number.NaN;
  const inside = outer.first < gateway && gateway <= outer.last && gateway !== outer.first + 1;
  if (!inside || route.gateway === publicGateway) {
    throw invalidField(
      "gateway",
      `'${route.gateway}' is not allowed: it must be an address in ${network.ip_range}, not its first one`,
    );
  }
  network.routes.push(route);
}

/** Destinations without 0.0.0.0/0, which gives way to everything. */
function destinations(network: NetworkRecord) {
  return network.routes.filter((route) => route.destination !== "0.0.0.0/0").map((r) => rangeOf(r.destination));
}

export function extendRange(network: NetworkRecord, ipRange: string): void {
  const [old, range] = [rangeOf(network.ip_range), parseRange(ipRange)];
  if (!range || !isPrivate(range) || range.first !== old.first || range.bits > old.bits) {
    throw invalidField(
      "ip_range",
      `'${ipRange}' is not allowed: a network can only grow at its end, so it must begin at ${toText(old.first)} and ` +
        `its prefix must be /${old.bits} or shorter`,
    );
  }
  network.ip_range = ipRange;
}

export function removeSubnet(network: NetworkRecord, ipRange: string, usedAddresses: Iterable<string>): void {
  const subnet = network.subnets.find((each) => each.ip_range === ipRange);
  if (!subnet) {
    throw apiError("not_found", `network '${network.name}' has no subnet ${ipRange}`);
  }
  const range = rangeOf(ipRange);
  const used = [...usedAddresses].filter((ip) => range.first <= toNumber(ip) && toNumber(ip) <= range.last);
  if (used.length > 0) {
    throw apiError(
      "resource_in_use",
      `subnet ${ipRange} still has ${used.length} attached resources (${used.slice(0, 5).join(", ")}): detach them first`,
    );
  }
  network.subnets = network.subnets.filter((each) => each !== subnet);
}

export function removeRoute(network: NetworkRecord, route: Route): void {
  const rest = network.routes.filter((r) => r.destination !== route.destination || r.gateway !== route.gateway);
  if (rest.length === network.routes.length) {
    throw apiError("not_found", `network '${network.name}' has no route ${route.destination} via ${route.gateway}`);
  }
  network.routes = rest;
}
