import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { isPrivate, parseRange } from "./addresses";
import { leaveNetwork } from "./attachments";
import { type Context, find, now } from "./context";
import { registerCommon, registerDeleteProtection, requireUnprotected } from "./crud";
import { invalidField } from "./errors";
import { detachFromNetwork } from "./load-balancer-effects";
import { registerNetworkActions, requireNetworkIdle } from "./network-actions";
import { addRoute, addSubnet, RouteInput, SubnetInput } from "./network-layout";
import type { NetworkRecord } from "./records";
import { Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

const Create = z.object({
  name: Name,
  ip_range: z.string(),
  labels: Labels.default({}),
  subnets: z.array(SubnetInput).default([]),
  routes: z.array(RouteInput).default([]),
  expose_routes_to_vswitch: z.boolean().default(false),
});

export const networkView = (context: Context, network: NetworkRecord) => ({
  ...network,
  servers: attached(context.store.all("servers"), network.id),
  load_balancers: attached(context.store.all("load_balancers"), network.id),
});

function attached(resources: { id: number; private_net: { network: number }[] }[], network: number): number[] {
  return resources.filter((each) => each.private_net.some((net) => net.network === network)).map((each) => each.id);
}

export function registerNetworks(app: FastifyInstance, context: Context): void {
  const { store } = context;
  registerCommon(app, context, {
    table: "networks",
    view: (network) => networkView(context, network),
    changes: { expose_routes_to_vswitch: z.boolean().optional() },
  });
  registerDeleteProtection(app, context, "networks");
  registerNetworkActions(app, context);

  app.post("/networks", (request, reply) => {
    const { subnets, routes, ...body } = parse(Create, request.body);
    const networks = store.all("networks");
    requireRoom("networks", networks.length, context.limits.networks);
    requireUnique("network", networks, body.name);
    const range = parseRange(body.ip_range);
    if (!range || !isPrivate(range) || range.bits > 24) {
      throw invalidField(
        "ip_range",
        `'${body.ip_range}' is not allowed: it must be a private IPv4 range of RFC 1918, a /24 or larger, without host bits`,
      );
    }
    const network: NetworkRecord = {
      id: 0,
      created: now(),
      subnets: [],
      routes: [],
      protection: { delete: false },
      ...body,
    };
    for (const subnet of subnets) {
      addSubnet(network, subnet, context.limits);
    }
    for (const route of routes) {
      addRoute(network, route, context.limits);
    }
    network.id = store.newId();
    reply.code(201);
    return { network: networkView(context, store.put("networks", network)) };
  });

  /** What is attached is detached, as at Hetzner. */
  app.delete("/networks/:id", async (request, reply) => {
    const network = find(context, "networks", pathId(request.params));
    requireUnprotected("network", network);
    requireNetworkIdle(context, network);
    for (const server of store.all("servers")) {
      await leaveNetwork(context, server, network.id);
    }
    for (const balancer of store.all("load_balancers")) {
      await detachFromNetwork(context, balancer, network.id);
    }
    store.remove("networks", network.id);
    return reply.code(204).send();
  });
}
