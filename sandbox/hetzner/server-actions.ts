import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ActionView } from "./actions";
import { reserve, setAliasIps } from "./attachments";
import { findServerType } from "./catalog";
import { type Context, find, now } from "./context";
import { apiError, invalidField, isProtected, locked } from "./errors";
import { imageView, usableImage } from "./images";
import { publicIp } from "./machine-spec";
import { requireNetworkIdle } from "./network-actions";
import { requirePlace } from "./placement-groups";
import type { EffectKind, Effects, ServerRecord } from "./records";
import { password } from "./rescue";
import { requireInStock, UserData } from "./server-create";
import { findSshKeys } from "./ssh-keys";
import { Id, IdOrName, Labels, parse, pathId, requireRoom } from "./validation";

type Answer = ActionView | { action: ActionView };

const rescueMinutes = 60;

/** POST /servers/{id}/actions/...: each checks what Hetzner checks and begins one action. */
export function registerServerActions(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;

  function route<T extends z.ZodType>(
    command: string,
    schema: T,
    act: (server: ServerRecord, input: z.output<T>) => Answer,
  ): void {
    app.post(`/servers/:id/actions/${command}`, (request, reply) => {
      const server = find(context, "servers", pathId(request.params));
      const input = parse(schema, request.body);
      if (actions.running("server", server.id)) {
        throw locked("server", server.id);
      }
      const answer = act(server, input);
      store.touch();
      reply.code(201);
      return "action" in answer ? answer : { action: answer };
    });
  }

  const refs = (server: ServerRecord, network?: number) => [
    { id: server.id, type: "server" },
    ...(network === undefined ? [] : [{ id: network, type: "network" }]),
  ];
  const begin = <K extends EffectKind>(command: string, server: ServerRecord, effect: K, args: Effects[K]) =>
    actions.begin({ command, resources: refs(server), effect, args });
  const done = (command: string, server: ServerRecord) => actions.done(command, refs(server));
  const Nothing = z.unknown();

  route("poweron", Nothing, (server) => begin("start_server", server, "server.boot", { server: server.id }));
  route("poweroff", Nothing, (server) => begin("stop_server", server, "server.power-off", { server: server.id }));
  route("shutdown", Nothing, (server) => begin("shutdown_server", server, "server.power-off", { server: server.id }));
  route("reboot", Nothing, (server) => begin("reboot_server", server, "server.reboot", { server: server.id }));
  route("reset", Nothing, (server) => begin("reset_server", server, "server.reboot", { server: server.id }));

  route("reset_password", Nothing, (server) => ({
    action: done("reset_password", requireRunning(server)),
    root_password: password(),
  }));

  const Attach = z.object({
    network: Id,
    ip: z.string().optional(),
    ip_range: z.string().optional(),
    alias_ips: z.array(z.string()).optional(),
  });
  route("attach_to_network", Attach, (server, input) => {
    const network = find(context, "networks", input.network);
    requireNetworkIdle(context, network);
    reserve(context, server, network, { ip: input.ip, ipRange: input.ip_range, aliasIps: input.alias_ips });
    return actions.begin({
      command: "attach_to_network",
      resources: refs(server, network.id),
      effect: "server.join-network",
      args: { server: server.id, network: network.id },
    });
  });

  route("detach_from_network", z.object({ network: Id }), (server, input) => {
    const network = find(context, "networks", input.network);
    requireNetworkIdle(context, network);
    if (!server.private_net.some((net) => net.network === network.id)) {
      throw invalidField("network", `server '${server.name}' is not attached to network '${network.name}'`);
    }
    const last = server.private_net.length === 1 && !publicIp(context, server, "ipv4");
    if (last && !publicIp(context, server, "ipv6") && server.status !== "off") {
      throw apiError("server_not_stopped", `it is the last interface of server '${server.name}': power it off first`);
    }
    return actions.begin({
      command: "detach_from_network",
      resources: refs(server, network.id),
      effect: "server.leave-network",
      args: { server: server.id, network: network.id },
    });
  });

  route("change_alias_ips", z.object({ network: Id, alias_ips: z.array(z.string()) }), (server, input) => {
    const network = find(context, "networks", input.network);
    setAliasIps(context, server, network, input.alias_ips);
    return actions.done("change_alias_ips", refs(server, network.id));
  });

  const Rescue = z.object({ type: z.literal("linux64").default("linux64"), ssh_keys: z.array(IdOrName).default([]) });
  route("enable_rescue", Rescue, (server, input) => {
    const keys = findSshKeys(context, input.ssh_keys);
    const root_password = password();
    server.rescue = {
      until: new Date(Date.now() + rescueMinutes * 60_000).toISOString(),
      public_keys: keys.map((key) => key.public_key),
      root_password,
    };
    return { action: done("enable_rescue", server), root_password };
  });
  route("disable_rescue", Nothing, (server) => {
    server.rescue = null;
    return done("disable_rescue", server);
  });

  const CreateImage = z.object({
    type: z.enum(["snapshot", "backup"]).default("snapshot"),
    description: z.string().default(""),
    labels: Labels.default({}),
  });
  route("create_image", CreateImage, (server, input) => {
    if (input.type === "backup" && server.backup_window === null) {
      throw invalidField("type", `backups are not enabled for server '${server.name}'`);
    }
    const snapshots = store.all("images").filter((image) => image.type !== "system" && image.deleted === null);
    requireRoom("snapshots", snapshots.length, context.limits.snapshots);
    const source = server.image === null ? undefined : store.get("images", server.image);
    const id = store.newId();
    const image = store.put("images", {
      id,
      name: input.description || `snapshot-${id}`,
      created: now(),
      labels: input.labels,
      type: input.type,
      status: "creating",
      description: input.description || `snapshot ${id}`,
      architecture: findServerType(server.server_type)?.architecture ?? "x86",
      os_flavor: source?.os_flavor ?? "unknown",
      os_version: source?.os_version ?? null,
      disk_size: server.primary_disk_size,
      image_size: null,
      bound_to: input.type === "backup" ? server.id : null,
      created_from: { id: server.id, name: server.name },
      deprecated: null,
      deleted: null,
      protection: { delete: false },
      disk: server.disk,
    });
    const action = actions.begin({
      command: "create_image",
      resources: [...refs(server), { id, type: "image" }],
      effect: "image.finish",
      args: { image: id },
    });
    return { action, image: imageView(image) };
  });

  route("rebuild", z.object({ image: IdOrName, user_data: UserData.nullish() }), (server, input) => {
    if (server.protection.rebuild) {
      throw isProtected("server", "rebuild");
    }
    const type = findServerType(server.server_type);
    const image = usableImage(context, input.image, {
      architecture: type?.architecture ?? "x86",
      disk: server.primary_disk_size,
      name: server.name,
    });
    const args = { server: server.id, image: image.id, userData: input.user_data ?? null };
    return { action: begin("rebuild_server", server, "server.rebuild", args), root_password: password() };
  });

  route("change_type", z.object({ server_type: IdOrName, upgrade_disk: z.boolean() }), (server, input) => {
    requireOff(server);
    const type = findServerType(input.server_type);
    const current = findServerType(server.server_type);
    if (!type || type.architecture !== current?.architecture || type.name === current.name) {
      throw apiError("invalid_server_type", `'${input.server_type}' does not fit for server '${server.name}'`);
    }
    if (type.disk < server.primary_disk_size) {
      throw apiError(
        "invalid_server_type",
        `disks can not shrink: '${server.name}' has ${server.primary_disk_size} GB, ${type.name} has ${type.disk} GB`,
      );
    }
    requireInStock(context, type, server.location);
    server.status = "migrating";
    const args = { server: server.id, serverType: type.name, upgradeDisk: input.upgrade_disk };
    return begin("change_server_type", server, "server.change-type", args);
  });

  const Protection = z.object({ delete: z.boolean().optional(), rebuild: z.boolean().optional() });
  route("change_protection", Protection, (server, input) => {
    const next = {
      delete: input.delete ?? server.protection.delete,
      rebuild: input.rebuild ?? server.protection.rebuild,
    };
    if (next.delete !== next.rebuild) {
      throw invalidField("delete", "delete and rebuild protection have to be the same");
    }
    server.protection = next;
    return done("change_protection", server);
  });

  route("add_to_placement_group", z.object({ placement_group: Id }), (server, input) => {
    const group = find(context, "placement_groups", input.placement_group);
    if (server.placement_group !== null) {
      throw invalidField("placement_group", `server '${server.name}' is already in a placement group`);
    }
    requireOff(server);
    requirePlace(context, group);
    server.placement_group = group.id;
    return done("add_to_placement_group", server);
  });
  route("remove_from_placement_group", Nothing, (server) => {
    if (server.placement_group === null) {
      throw invalidField("placement_group", `server '${server.name}' is in no placement group`);
    }
    server.placement_group = null;
    return done("remove_from_placement_group", server);
  });

  route("enable_backup", Nothing, (server) => {
    server.backup_window = "22-02";
    return done("enable_backup", server);
  });
  route("disable_backup", Nothing, (server) => {
    server.backup_window = null;
    return done("disable_backup", server);
  });

  route("change_dns_ptr", z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), (server, input) => {
    const own = store.all("primary_ips").filter((ip) => ip.assignee_id === server.id);
    const record = own.find((ip) => ip.ip === input.ip || (ip.type === "ipv6" && input.ip.includes(":")));
    if (!record) {
      throw invalidField("ip", `server '${server.name}' does not have the address '${input.ip}'`);
    }
    const others = record.dns_ptr.filter((entry) => entry.ip !== input.ip);
    record.dns_ptr = input.dns_ptr === null ? others : [...others, { ip: input.ip, dns_ptr: input.dns_ptr }];
    return done("change_dns_ptr", server);
  });
}

function requireOff(server: ServerRecord): void {
  if (server.status !== "off") {
    throw apiError("server_not_stopped", `server '${server.name}' is ${server.status}: power it off first`);
  }
}

function requireRunning(server: ServerRecord): ServerRecord {
  if (server.status !== "running") {
    throw invalidField("status", `server '${server.name}' is ${server.status}: it has to be running`);
  }
  return server;
}
