import { createHash } from "node:crypto";
import { allocatePrivate, overlaps, rangeOf } from "./addresses";
import { findLocation } from "./catalog";
import { type Context, find } from "./context";
import { apiError, invalidField, limitExceeded } from "./errors";
import { machineKey } from "./machine-spec";
import type { NetworkRecord, PrivateNet, ServerRecord } from "./records";

/** Servers in networks. The address is reserved when the request is answered; the machine hears of it later. */

interface Wanted {
  ip?: string | undefined;
  ipRange?: string | undefined;
  aliasIps?: string[] | undefined;
}

export function requireAttachable(context: Context, server: ServerRecord, network: NetworkRecord): void {
  if (server.private_net.some((net) => net.network === network.id)) {
    throw apiError("server_already_attached", `server '${server.name}' is already attached to '${network.name}'`);
  }
  const { networksPerServer, serversPerNetwork } = context.limits;
  if (server.private_net.length >= networksPerServer) {
    throw limitExceeded("networks per server", networksPerServer);
  }
  const members = context.store
    .all("servers")
    .filter((other) => other.private_net.some((net) => net.network === network.id));
  if (members.length >= serversPerNetwork) {
    throw limitExceeded("servers per network", serversPerNetwork);
  }
  const range = rangeOf(network.ip_range);
  const others = server.private_net.map((net) => find(context, "networks", net.network));
  const overlap = others.find((other) => overlaps(rangeOf(other.ip_range), range));
  if (overlap) {
    throw apiError("networks_overlap", `${network.ip_range} overlaps with network '${overlap.name}' of this server`);
  }
}

/** Reserves an address and writes it into the server's record. */
export function reserve(context: Context, server: ServerRecord, network: NetworkRecord, wanted: Wanted): PrivateNet {
  requireAttachable(context, server, network);
  const zone = findLocation(server.location)?.network_zone ?? "";
  const ip = allocatePrivate(context.store, network, { zone, ip: wanted.ip, ipRange: wanted.ipRange });
  const net: PrivateNet = { network: network.id, ip, alias_ips: [], mac_address: macAddress(server.id, network.id) };
  server.private_net.push(net);
  try {
    setAliasIps(context, server, network, wanted.aliasIps ?? []);
  } catch (error) {
    server.private_net.pop();
    throw error;
  }
  context.store.touch();
  return net;
}

export function setAliasIps(context: Context, server: ServerRecord, network: NetworkRecord, aliasIps: string[]): void {
  const net = server.private_net.find((each) => each.network === network.id);
  if (!net) {
    throw apiError("not_found", `server '${server.name}' is not attached to network '${network.name}'`);
  }
  const limit = context.limits.aliasIpsPerServer;
  if (aliasIps.length > limit) {
    throw limitExceeded("alias IPs per server and network", limit);
  }
  if (new Set(aliasIps).size !== aliasIps.length) {
    throw invalidField("alias_ips", "each address may be given once");
  }
  const zone = findLocation(server.location)?.network_zone ?? "";
  const before = net.alias_ips;
  // The server's own old aliases are free to be chosen again.
  net.alias_ips = [];
  try {
    for (const ip of aliasIps) {
      allocatePrivate(context.store, network, { zone, ip });
    }
    net.alias_ips = aliasIps;
  } catch (error) {
    net.alias_ips = before;
    throw error;
  }
  context.store.touch();
}

export async function leaveNetwork(context: Context, server: ServerRecord, network: number): Promise<void> {
  const rest = server.private_net.filter((net) => net.network !== network);
  if (rest.length === server.private_net.length) {
    return;
  }
  server.private_net = rest;
  context.store.touch();
  await tellMachine(context, server);
}

/** A running machine gets or loses its private interface while it runs. */
export async function tellMachine(context: Context, server: ServerRecord): Promise<void> {
  if (server.status === "running" && !server.rescue_session) {
    await context.machines.update(machineKey(server), { privateAddress: server.private_net[0]?.ip });
  }
}

function macAddress(server: number, network: number): string {
  const digest = createHash("sha256").update(`${server}/${network}`).digest("hex");
  return `86:00:00:${digest.slice(0, 6).replaceAll(/(..)(?!$)/g, "$1:")}`;
}
