import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { privateAddresses } from "./addresses";
import { type Context, find } from "./context";
import { conflict } from "./errors";
import { addRoute, addSubnet, extendRange, RouteInput, removeRoute, removeSubnet, SubnetInput } from "./network-layout";
import type { NetworkRecord } from "./records";
import { parse, pathId } from "./validation";

/** Hetzner answers `conflict` while a change of the network itself is under way. */
export function requireNetworkIdle(context: Context, network: NetworkRecord): void {
  if (context.actions.running("network", network.id)) {
    throw conflict("network", network.id);
  }
}

/** The changes themselves; each is checked before anything is changed, and shows at once. */
export function registerNetworkActions(app: FastifyInstance, context: Context): void {
  function route<T extends z.ZodType>(
    command: string,
    schema: T,
    change: (network: NetworkRecord, input: z.output<T>) => void,
  ): void {
    app.post(`/networks/:id/actions/${command}`, (request, reply) => {
      const network = find(context, "networks", pathId(request.params));
      const input = parse(schema, request.body);
      requireNetworkIdle(context, network);
      change(network, input);
      reply.code(201);
      context.store.touch();
      return { action: context.actions.done(command, [{ id: network.id, type: "network" }]) };
    });
  }

  route("add_subnet", SubnetInput, (network, input) => addSubnet(network, input, context.limits));
  route("add_route", RouteInput, (network, input) => addRoute(network, input, context.limits));
  route("delete_route", RouteInput, removeRoute);
  route("change_ip_range", z.object({ ip_range: z.string() }), (network, input) =>
    extendRange(network, input.ip_range),
  );
  route("delete_subnet", z.object({ ip_range: z.string() }), (network, input) =>
    removeSubnet(network, input.ip_range, privateAddresses(context.store, network.id)),
  );
}
