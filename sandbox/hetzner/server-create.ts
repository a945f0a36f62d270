import { z } from "zod";
import { allocateLoopback } from "./addresses";
import { requireAttachable as requireNetworkFits, reserve } from "./attachments";
import { findLocation, findServerType, type ServerTypeEntry } from "./catalog";
import { isAvailable, isRetired } from "./catalog-views";
import { type Context, find, now } from "./context";
import { apiError, invalidField } from "./errors";
import { requireServerLimits } from "./firewalls";
import { usableImage } from "./images";
import { publicIp } from "./machine-spec";
import { requirePlace } from "./placement-groups";
import { createPrimaryIp } from "./primary-ips";
import type { PrimaryIpRecord, ServerRecord } from "./records";
import { findSshKeys } from "./ssh-keys";
import { Hostname, Id, IdOrName, Labels, requireRoom, requireUnique } from "./validation";
import { requireAttachable as requireVolumeFits } from "./volumes";

export const largestUserData = 32 * 1024;

export const UserData = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= largestUserData, "must not be larger than 32 KiB");

export const CreateServer = z.object({
  name: Hostname,
  server_type: IdOrName,
  image: IdOrName,
  location: IdOrName.optional(),
  datacenter: z.undefined("was removed from the API: use location").optional(),
  start_after_create: z.boolean().default(true),
  ssh_keys: z.array(IdOrName).default([]),
  volumes: z.array(Id).default([]),
  automount: z.boolean().optional(),
  networks: z.array(Id).default([]),
  firewalls: z.array(z.object({ firewall: Id })).default([]),
  placement_group: Id.nullish(),
  user_data: UserData.nullish(),
  labels: Labels.default({}),
  public_net: z
    .object({
      enable_ipv4: z.boolean().default(true),
      enable_ipv6: z.boolean().default(true),
      ipv4: Id.nullish(),
      ipv6: Id.nullish(),
    })
    .prefault({}),
});

export type CreateServer = z.output<typeof CreateServer>;

/** Where it can be made: the location asked for, or the first that has the type. */
function place(context: Context, body: CreateServer): { type: ServerTypeEntry; location: string } {
  const type = findServerType(body.server_type);
  if (!type) {
    throw invalidField("server_type", `server type '${body.server_type}' not found`);
  }
  const wanted = body.location === undefined ? Object.keys(type.prices)[0] : findLocation(body.location)?.name;
  if (wanted === undefined) {
    throw invalidField("location", `location '${body.location}' not found`);
  }
  requireInStock(context, type, wanted);
  return { type, location: wanted };
}

export function requireInStock(context: Context, type: ServerTypeEntry, location: string): void {
  if (type.prices[location] === undefined) {
    throw invalidField("location", `unsupported location for server type: ${type.name} does not exist in ${location}`);
  }
  if (isRetired(type, location)) {
    throw invalidField("server_type", `server type ${type.name} is deprecated and can not be ordered in ${location}`);
  }
  if (!isAvailable(type, location, context.store.sandbox.soldOut)) {
    throw apiError("resource_unavailable", `server type ${type.name} is currently unavailable in ${location}`);
  }
}

function requirePrimaryIp(context: Context, id: number, type: "ipv4" | "ipv6", location: string): PrimaryIpRecord {
  const ip = find(context, "primary_ips", id);
  if (ip.type !== type) {
    throw apiError("primary_ip_version_mismatch", `primary IP '${ip.name}' is ${ip.type}, ${type} is needed`);
  }
  if (ip.assignee_id !== null) {
    throw apiError("primary_ip_assigned", `primary IP '${ip.name}' is already assigned to a server`);
  }
  if (ip.location !== location) {
    throw apiError("primary_ip_datacenter_mismatch", `primary IP '${ip.name}' is in ${ip.location}, not ${location}`);
  }
  return ip;
}

/** Everything is checked before anything is made: a refused request leaves no trace. */
export function createServer(context: Context, body: CreateServer): ServerRecord {
  const { store, limits } = context;
  requireRoom("servers", store.all("servers").length, limits.servers);
  requireUnique("server", store.all("servers"), body.name);
  const { type, location } = place(context, body);
  const image = usableImage(context, body.image, type);
  findSshKeys(context, body.ssh_keys);
  const group = body.placement_group == null ? null : find(context, "placement_groups", body.placement_group);
  if (group) {
    requirePlace(context, group);
  }
  const net = body.public_net;
  if (!net.enable_ipv4 && !net.enable_ipv6 && body.networks.length === 0) {
    throw invalidField("networks", "a server needs a public address or at least one network");
  }
  if ((net.ipv4 != null && !net.enable_ipv4) || (net.ipv6 != null && !net.enable_ipv6)) {
    throw invalidField("public_net", "a primary IP was given for an interface that is not enabled");
  }
  const chosen = { ipv4: net.ipv4, ipv6: net.ipv6 };
  const ips = (["ipv4", "ipv6"] as const).flatMap((version) => {
    const id = chosen[version];
    return id == null ? [] : [requirePrimaryIp(context, id, version, location)];
  });
  const networks = body.networks.map((id) => find(context, "networks", id));
  const firewalls = body.firewalls.map(({ firewall }) => find(context, "firewalls", firewall));
  if (firewalls.length > 0 && !net.enable_ipv4 && !net.enable_ipv6) {
    throw apiError("private_net_only_server", "a firewall needs a server with a public interface");
  }
  const server: ServerRecord = {
    id: store.newId(),
    name: body.name,
    created: now(),
    labels: body.labels,
    status: "initializing",
    server_type: type.name,
    location,
    image: image.id,
    user_data: body.user_data ?? "",
    primary_disk_size: type.disk,
    private_net: [],
    placement_group: group?.id ?? null,
    backup_window: null,
    protection: { delete: false, rebuild: false },
    stand_in_address: null,
    disk: image.disk,
    rescue: null,
    rescue_session: null,
  };
  const volumes = body.volumes.map((id) => find(context, "volumes", id));
  for (const volume of volumes) {
    requireVolumeFits(context, volume, server);
  }
  store.put("servers", server);
  const made: PrimaryIpRecord[] = [];
  try {
    for (const network of networks) {
      requireNetworkFits(context, server, network);
      reserve(context, server, network, {});
    }
    for (const version of ["ipv4", "ipv6"] as const) {
      const enabled = version === "ipv4" ? net.enable_ipv4 : net.enable_ipv6;
      if (enabled && chosen[version] == null) {
        made.push(createPrimaryIp(context, { type: version, location, auto_delete: true, labels: {} }));
      }
    }
    if (!net.enable_ipv4) {
      server.stand_in_address = allocateLoopback(store, context.addressPrefix);
    }
    for (const ip of [...ips, ...made]) {
      ip.assignee_id = server.id;
    }
    for (const firewall of firewalls) {
      firewall.applied_to.push({ type: "server", server: { id: server.id } });
    }
    requireServerLimits(context, server);
  } catch (error) {
    undo(context, server, ips, made);
    throw error;
  }
  for (const volume of volumes) {
    volume.server = server.id;
  }
  return server;
}

function undo(context: Context, server: ServerRecord, ips: PrimaryIpRecord[], made: PrimaryIpRecord[]): void {
  for (const ip of made) {
    context.store.remove("primary_ips", ip.id);
  }
  for (const ip of ips) {
    ip.assignee_id = null;
  }
  for (const firewall of context.store.all("firewalls")) {
    firewall.applied_to = firewall.applied_to.filter((t) => t.type !== "server" || t.server.id !== server.id);
  }
  context.store.remove("servers", server.id);
}

/** A server without a public IPv4 is still reached at a loopback address; one that has it needs no stand-in. */
export function settleStandIn(context: Context, server: ServerRecord): void {
  const hasIpv4 = publicIp(context, server, "ipv4") !== undefined;
  if (hasIpv4) {
    server.stand_in_address = null;
  } else {
    server.stand_in_address ??= allocateLoopback(context.store, context.addressPrefix);
  }
  context.store.touch();
}
