import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { allocateLoopback, ipv6Network } from "./addresses";
import { findLocation } from "./catalog";
import { type Context, find, now } from "./context";
import { registerCommon, registerDeleteProtection, requireUnprotected } from "./crud";
import { apiError, invalidField } from "./errors";
import { one } from "./listing";
import { publicIp } from "./machine-spec";
import type { PrimaryIpRecord, ServerRecord } from "./records";
import { Id, IdOrName, Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

const Create = z.object({
  name: Name,
  type: z.enum(["ipv4", "ipv6"]),
  // The description still requires it; the API has not for a while.
  assignee_type: z.literal("server").default("server"),
  assignee_id: Id.nullish(),
  location: IdOrName.nullish(),
  auto_delete: z.boolean().default(false),
  labels: Labels.default({}),
});

export const primaryIpView = (ip: PrimaryIpRecord) => ({
  ...ip,
  location: findLocation(ip.location),
  assignee_type: "server",
  blocked: false,
});

interface NewIp {
  name?: string;
  type: "ipv4" | "ipv6";
  location: string;
  auto_delete: boolean;
  labels: Record<string, string>;
}

export function createPrimaryIp(context: Context, wanted: NewIp): PrimaryIpRecord {
  const { store, limits } = context;
  requireRoom("primary_ips", store.all("primary_ips").length, limits.primaryIps);
  const ipv4 = wanted.type === "ipv4" ? allocateLoopback(store, context.addressPrefix) : undefined;
  const id = store.newId();
  return store.put("primary_ips", {
    id,
    created: now(),
    ip: ipv4 ?? ipv6Network(id),
    assignee_id: null,
    dns_ptr: ipv4 ? [{ ip: ipv4, dns_ptr: `static.${ipv4.split(".").toReversed().join(".")}.clients.example` }] : [],
    protection: { delete: false },
    ...wanted,
    name: wanted.name ?? `primary_ip-${id}`,
  });
}

/** A server can take an address only while it is off, in its own location, and one of each version. */
function requireAssignable(context: Context, server: ServerRecord, type: "ipv4" | "ipv6"): void {
  if (server.status !== "off") {
    throw apiError("server_not_stopped", `server '${server.name}' is ${server.status}: power it off first`);
  }
  if (publicIp(context, server, type)) {
    throw apiError(`server_has_${type}`, `server '${server.name}' already has an ${type} address`);
  }
}

export function registerPrimaryIps(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;
  registerCommon(app, context, {
    table: "primary_ips",
    view: primaryIpView,
    filter: (query) => {
      const ip = one(query, "ip");
      return (record) => ip === undefined || record.ip === ip;
    },
    changes: { auto_delete: z.boolean().optional() },
  });
  registerDeleteProtection(app, context, "primary_ips");

  const resources = (ip: PrimaryIpRecord, server?: number | null) => [
    { id: ip.id, type: "primary_ip" },
    ...(server ? [{ id: server, type: "server" }] : []),
  ];

  app.post("/primary_ips", (request, reply) => {
    const { assignee_id, assignee_type: _, ...body } = parse(Create, request.body);
    requireUnique("primary_ip", store.all("primary_ips"), body.name);
    const server = assignee_id == null ? undefined : find(context, "servers", assignee_id);
    const location = server?.location ?? findLocation(body.location ?? "")?.name;
    if (!location) {
      throw invalidField(
        "location",
        `'${body.location ?? ""}' is not a location; without an assignee one must be given`,
      );
    }
    if (server && body.location != null) {
      throw invalidField("location", "must not be given together with assignee_id");
    }
    if (server) {
      requireAssignable(context, server, body.type);
    }
    const ip = createPrimaryIp(context, { ...body, location });
    if (server) {
      ip.assignee_id = server.id;
    }
    reply.code(201);
    const action = actions.done("create_primary_ip", resources(ip, server?.id));
    return { primary_ip: primaryIpView(ip), action };
  });

  app.post("/primary_ips/:id/actions/assign", (request, reply) => {
    const ip = find(context, "primary_ips", pathId(request.params));
    const body = parse(z.object({ assignee_id: Id, assignee_type: z.literal("server") }), request.body);
    const server = find(context, "servers", body.assignee_id);
    if (ip.assignee_id !== null) {
      throw apiError("primary_ip_already_assigned", `primary IP '${ip.name}' is already assigned to a server`);
    }
    if (ip.location !== server.location) {
      throw invalidField(
        "assignee_id",
        `primary IP '${ip.name}' is in ${ip.location}, server '${server.name}' in ${server.location}`,
      );
    }
    requireAssignable(context, server, ip.type);
    ip.assignee_id = server.id;
    store.touch();
    reply.code(201);
    return { action: actions.done("assign_primary_ip", resources(ip, server.id)) };
  });

  app.post("/primary_ips/:id/actions/unassign", (request, reply) => {
    const ip = find(context, "primary_ips", pathId(request.params));
    const server = ip.assignee_id === null ? undefined : store.get("servers", ip.assignee_id);
    if (server && server.status !== "off") {
      throw apiError("server_not_stopped", `server '${server.name}' is ${server.status}: power it off first`);
    }
    if (server && ip.type === "ipv4" && isPublicTarget(context, server)) {
      throw apiError("server_is_load_balancer_target", `the IPv4 of '${server.name}' is a load balancer's target`);
    }
    ip.assignee_id = null;
    store.touch();
    reply.code(201);
    return { action: actions.done("unassign_primary_ip", resources(ip, server?.id)) };
  });

  app.post("/primary_ips/:id/actions/change_dns_ptr", (request, reply) => {
    const record = find(context, "primary_ips", pathId(request.params));
    const { ip, dns_ptr } = parse(z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), request.body);
    const others = record.dns_ptr.filter((entry) => entry.ip !== ip);
    record.dns_ptr = dns_ptr === null ? others : [...others, { ip, dns_ptr }];
    store.touch();
    reply.code(201);
    return { action: actions.done("change_dns_ptr", resources(record)) };
  });

  app.delete("/primary_ips/:id", (request, reply) => {
    const ip = find(context, "primary_ips", pathId(request.params));
    requireUnprotected("primary_ip", ip);
    if (ip.assignee_id !== null) {
      throw apiError("must_be_unassigned", `primary IP '${ip.name}' is still assigned to a server: unassign it first`);
    }
    store.remove("primary_ips", ip.id);
    return reply.code(204).send();
  });
}

function isPublicTarget(context: Context, server: ServerRecord): boolean {
  return context.store
    .all("load_balancers")
    .some((lb) => lb.targets.some((t) => t.type === "server" && t.server.id === server.id && !t.use_private_ip));
}
