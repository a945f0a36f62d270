import { parse, parseCIDR } from "ipaddr.js";
import { type CheckFailure, isMap, type PropertyMap, type PropertyValue, Unknown } from "../framework";
import { strings } from "../framework/local-resource";
import type { ApiServer } from "./api-types";
import { networkOf } from "./common";
import { hasCode, isNotFound } from "./errors";
import { body, type CloudResource, find, type Session, text } from "./resource";

/** `Server.networks`, checked as the official provider's plan does. */
export function checkNetworks(networks: PropertyMap[]): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const seen = new Set<number>();
  for (const [index, entry] of networks.entries()) {
    const property = `networks[${index}]`;
    if (entry["networkId"] === undefined && entry["subnetId"] === undefined) {
      failures.push({ property, reason: "must specify either networkId or subnetId" });
      continue;
    }
    if (entry["networkId"] instanceof Unknown || entry["subnetId"] instanceof Unknown) {
      continue;
    }
    const { network, ipRange } = networkOf(entry);
    if (entry["networkId"] !== undefined && Number(entry["networkId"]) !== network) {
      const reason = `subnetId (${entry["subnetId"]}) does not belong to the specified networkId (${entry["networkId"]})`;
      failures.push({ property, reason });
    }
    if (ipRange !== undefined && typeof entry["ip"] === "string" && !inside(entry["ip"], ipRange)) {
      failures.push({ property, reason: `server IP (${entry["ip"]}) is outside subnet IP range (${ipRange})` });
    }
    if (seen.has(network)) {
      failures.push({ property, reason: `server is only allowed to be attached to each network once: ${network}` });
    }
    seen.add(network);
  }
  return failures;
}

function inside(ip: string, range: string): boolean {
  const address = parse(ip);
  const [network, bits] = parseCIDR(range);
  return address.kind() === network.kind() && address.match(network, bits);
}

export function networksOf(value: PropertyValue | undefined): PropertyMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

export async function attachServer(session: Session, server: string, entry: PropertyMap): Promise<void> {
  const { network, ipRange } = networkOf(entry);
  const aliases = strings(entry["aliasIps"]);
  // With an address there is no need for the range that it is taken from.
  const fields = body({
    network,
    ip: entry["ip"],
    alias_ips: aliases.length > 0 ? aliases : undefined,
    ip_range: entry["ip"] === undefined ? ipRange : undefined,
  });
  await session.client.act(`/servers/${server}/actions/attach_to_network`, fields, session.signal);
}

export async function detachServer(session: Session, server: string, network: number): Promise<void> {
  try {
    await session.client.act(`/servers/${server}/actions/detach_from_network`, { network }, session.signal);
  } catch (error) {
    if (!isNotFound(error)) {
      throw error;
    }
  }
}

export async function changeAliases(
  session: Session,
  server: string,
  network: number,
  aliases: string[],
): Promise<void> {
  const fields = { network, alias_ips: aliases };
  await session.client.act(`/servers/${server}/actions/change_alias_ips`, fields, session.signal);
}

/** Brings the attachments to what the program says; an address can only be changed by attaching again. */
export async function syncNetworks(session: Session, server: ApiServer, wanted: PropertyMap[]): Promise<void> {
  const id = String(server.id);
  const left = new Map(wanted.map((entry) => [networkOf(entry).network, entry]));
  for (const actual of server.private_net) {
    const entry = left.get(actual.network);
    left.delete(actual.network);
    if (entry === undefined) {
      await detachServer(session, id, actual.network);
    } else if (entry["ip"] !== undefined && entry["ip"] !== actual.ip) {
      await detachServer(session, id, actual.network);
      await attachServer(session, id, entry);
    } else if (entry["aliasIps"] !== undefined && !sameSet(strings(entry["aliasIps"]), actual.alias_ips)) {
      await changeAliases(session, id, actual.network, strings(entry["aliasIps"]));
    }
  }
  for (const entry of left.values()) {
    await attachServer(session, id, entry);
  }
}

function sameSet(left: string[], right: string[]): boolean {
  return [...left].sort().join() === [...right].sort().join();
}

/** The attachments in the form and the order in which the program gave them. */
export function networkOutputs(server: ApiServer, known: PropertyMap[]): PropertyMap[] {
  const order = known.map((entry) => networkOf(entry).network);
  const rank = (network: number): number => (order.includes(network) ? order.indexOf(network) : order.length);
  return [...server.private_net]
    .sort((left, right) => rank(left.network) - rank(right.network))
    .map((actual) => {
      const entry = known.find((candidate) => networkOf(candidate).network === actual.network);
      return {
        ...(entry?.["subnetId"] !== undefined && { subnetId: entry["subnetId"] }),
        networkId: actual.network,
        ip: actual.ip,
        aliasIps: actual.alias_ips,
        macAddress: actual.mac_address,
      };
    });
}

export const serverNetwork: CloudResource = {
  inputs: {
    aliasIps: { type: "set", computed: true },
    ip: { type: "string", computed: true, replaces: true },
    networkId: { type: "number", computed: true, replaces: true },
    serverId: { type: "number", required: true, replaces: true },
    subnetId: { type: "string", replaces: true },
  },
  outputs: ["macAddress"],
  validate: (inputs) =>
    (inputs["networkId"] === undefined) === (inputs["subnetId"] === undefined)
      ? [{ property: "networkId", reason: "exactly one of networkId and subnetId must be given" }]
      : [],
  async create(session, inputs) {
    const server = text(inputs["serverId"]);
    try {
      await attachServer(session, server, inputs);
    } catch (error) {
      if (!hasCode(error, "server_already_attached")) {
        throw error;
      }
    }
    return `${server}-${networkOf(inputs).network}`;
  },
  async read(session, id) {
    const [serverId, networkId] = id.split("-").map(Number);
    const server = await find<ApiServer>(session, `/servers/${serverId}`, "server");
    const actual = server?.private_net.find(({ network }) => network === networkId);
    return (
      actual && {
        serverId: serverId!,
        networkId: actual.network,
        ip: actual.ip,
        aliasIps: actual.alias_ips,
        macAddress: actual.mac_address,
      }
    );
  },
  async update(session, state) {
    if (state.changed("aliasIps")) {
      const [server, network] = state.id.split("-");
      await changeAliases(session, server!, Number(network), strings(state.after["aliasIps"]));
    }
  },
  async delete(session, id) {
    const [server, network] = id.split("-");
    await detachServer(session, server!, Number(network));
  },
};
