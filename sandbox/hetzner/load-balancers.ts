import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { allocateLoopback, allocatePrivate } from "./addresses";
import { findLoadBalancerType, findLocation, locations } from "./catalog";
import { type Context, find, now } from "./context";
import { registerCommon, registerDeleteProtection, requireUnprotected } from "./crud";
import { conflict, invalidField } from "./errors";
import { registerLoadBalancerActions } from "./load-balancer-actions";
import { addService, addTarget, resolveService, ServiceInput, TargetInput } from "./load-balancer-rules";
import { loadBalancerView } from "./load-balancer-view";
import type { LoadBalancerRecord } from "./records";
import { Id, IdOrName, Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

const Create = z.object({
  name: Name,
  load_balancer_type: IdOrName,
  location: IdOrName.nullish(),
  network_zone: z.string().nullish(),
  network: Id.nullish(),
  public_interface: z.boolean().default(true),
  algorithm: z.object({ type: z.enum(["round_robin", "least_connections"]) }).default({ type: "round_robin" }),
  services: z.array(ServiceInput).default([]),
  targets: z.array(TargetInput).default([]),
  labels: Labels.default({}),
});

function place(body: z.output<typeof Create>): string {
  if ((body.location == null) === (body.network_zone == null)) {
    throw invalidField("location", "either location or network_zone must be given");
  }
  const found =
    body.location == null
      ? locations.find((location) => location.network_zone === body.network_zone)
      : findLocation(body.location);
  if (!found) {
    throw invalidField("location", `'${body.location ?? body.network_zone}' does not exist`);
  }
  return found.name;
}

export function registerLoadBalancers(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;
  registerCommon(app, context, {
    table: "load_balancers",
    view: (balancer) => loadBalancerView(context, balancer),
  });
  registerDeleteProtection(app, context, "load_balancers");
  registerLoadBalancerActions(app, context);

  app.post("/load_balancers", (request, reply) => {
    const body = parse(Create, request.body);
    const existing = store.all("load_balancers");
    requireRoom("load_balancers", existing.length, context.limits.loadBalancers);
    requireUnique("load_balancer", existing, body.name);
    const type = findLoadBalancerType(body.load_balancer_type);
    if (!type) {
      throw invalidField("load_balancer_type", `load balancer type '${body.load_balancer_type}' not found`);
    }
    const location = place(body);
    const public_ipv4 = allocateLoopback(store, context.addressPrefix);
    const balancer: LoadBalancerRecord = {
      id: store.newId(),
      name: body.name,
      created: now(),
      labels: body.labels,
      load_balancer_type: type.name,
      location,
      algorithm: body.algorithm,
      public_enabled: body.public_interface,
      public_ipv4,
      public_ipv4_dns_ptr: null,
      private_net: [],
      private_stand_in: allocateLoopback(store, context.addressPrefix, [public_ipv4]),
      services: [],
      targets: [],
      protection: { delete: false },
    };
    if (body.network != null) {
      const network = find(context, "networks", body.network);
      const zone = findLocation(location)?.network_zone ?? "";
      balancer.private_net.push({ network: network.id, ip: allocatePrivate(store, network, { zone }) });
    }
    for (const service of body.services) {
      addService(balancer, resolveService(service));
    }
    for (const target of body.targets) {
      addTarget(context, balancer, target);
    }
    store.put("load_balancers", balancer);
    reply.code(201);
    const action = actions.begin({
      command: "create_load_balancer",
      resources: [{ id: balancer.id, type: "load_balancer" }],
      effect: "load-balancer.sync",
      args: { loadBalancer: balancer.id },
    });
    return { load_balancer: loadBalancerView(context, balancer), action };
  });

  app.delete("/load_balancers/:id", async (request, reply) => {
    const balancer = find(context, "load_balancers", pathId(request.params));
    requireUnprotected("load_balancer", balancer);
    if (actions.running("load_balancer", balancer.id)) {
      throw conflict("load_balancer", balancer.id);
    }
    for (const { ip } of balancer.private_net) {
      context.machines.setAlias(ip, undefined);
    }
    await context.proxies.remove(balancer.id);
    store.remove("load_balancers", balancer.id);
    return reply.code(204).send();
  });
}
