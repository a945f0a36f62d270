import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { allocatePrivate } from "./addresses";
import { findLoadBalancerType, findLocation } from "./catalog";
import { type Context, find } from "./context";
import { apiError, conflict, invalidField, notFound } from "./errors";
import { detachFromNetwork, syncLoadBalancer } from "./load-balancer-effects";
import {
  addService,
  addTarget,
  countTargets,
  resolveService,
  ServiceInput,
  sameTarget,
  TargetInput,
} from "./load-balancer-rules";
import type { LoadBalancerRecord } from "./records";
import { Id, IdOrName, parse, pathId } from "./validation";

/** POST /load_balancers/{id}/actions/...: each changes the record, and its action brings the proxies in line. */
export function registerLoadBalancerActions(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;

  function route<T extends z.ZodType>(
    command: string,
    schema: T,
    act: (balancer: LoadBalancerRecord, input: z.output<T>) => Promise<void> | void,
  ): void {
    app.post(`/load_balancers/:id/actions/${command}`, async (request, reply) => {
      const balancer = find(context, "load_balancers", pathId(request.params));
      const input = parse(schema, request.body);
      if (actions.running("load_balancer", balancer.id)) {
        throw conflict("load_balancer", balancer.id);
      }
      await act(balancer, input);
      store.touch();
      reply.code(201);
      const action = actions.begin({
        command,
        resources: [{ id: balancer.id, type: "load_balancer" }],
        effect: "load-balancer.sync",
        args: { loadBalancer: balancer.id },
      });
      return { action };
    });
  }

  route("add_service", ServiceInput, (balancer, input) => addService(balancer, resolveService(input)));

  const Update = ServiceInput.partial().required({ listen_port: true });
  route("update_service", Update, (balancer, input) => {
    const old = balancer.services.find((service) => service.listen_port === input.listen_port);
    if (!old) {
      throw notFound("service", input.listen_port);
    }
    const next = resolveService(input, old);
    balancer.services = balancer.services.map((service) => (service === old ? next : service));
  });

  route("delete_service", z.object({ listen_port: z.number().int() }), (balancer, { listen_port }) => {
    const rest = balancer.services.filter((service) => service.listen_port !== listen_port);
    if (rest.length === balancer.services.length) {
      throw notFound("service", listen_port);
    }
    balancer.services = rest;
  });

  route("add_target", TargetInput, (balancer, input) => addTarget(context, balancer, input));

  route("remove_target", TargetInput, (balancer, input) => {
    const rest = balancer.targets.filter((target) => !sameTarget(target, input));
    if (rest.length === balancer.targets.length) {
      throw apiError("not_found", `load balancer '${balancer.name}' has no such target`);
    }
    balancer.targets = rest;
  });

  const Attach = z.object({ network: Id, ip: z.string().optional(), ip_range: z.string().optional() });
  route("attach_to_network", Attach, (balancer, input) => {
    const network = find(context, "networks", input.network);
    if (balancer.private_net.length > 0) {
      throw apiError("load_balancer_already_attached", `'${balancer.name}' is already attached to a network`);
    }
    const zone = findLocation(balancer.location)?.network_zone ?? "";
    const ip = allocatePrivate(store, network, { zone, ip: input.ip, ipRange: input.ip_range });
    balancer.private_net.push({ network: network.id, ip });
  });

  route("detach_from_network", z.object({ network: Id }), async (balancer, { network }) => {
    if (!balancer.private_net.some((net) => net.network === network)) {
      throw apiError("load_balancer_not_attached_to_network", `'${balancer.name}' is not attached to that network`);
    }
    await detachFromNetwork(context, balancer, network);
  });

  route("enable_public_interface", z.unknown(), (balancer) => {
    balancer.public_enabled = true;
  });
  route("disable_public_interface", z.unknown(), (balancer) => {
    if (balancer.targets.some((target) => target.type === "ip" || !target.use_private_ip)) {
      throw apiError("targets_without_use_private_ip", `'${balancer.name}' has targets that use a public IP`);
    }
    balancer.public_enabled = false;
  });

  const Algorithm = z.object({ type: z.enum(["round_robin", "least_connections"]) });
  route("change_algorithm", Algorithm, (balancer, algorithm) => {
    balancer.algorithm = algorithm;
  });

  route("change_type", z.object({ load_balancer_type: IdOrName }), (balancer, input) => {
    const type = findLoadBalancerType(input.load_balancer_type);
    const targets = countTargets(context, balancer, balancer.targets);
    if (!type || balancer.services.length > type.max_services || targets > type.max_targets) {
      throw apiError("invalid_load_balancer_type", `'${input.load_balancer_type}' does not fit '${balancer.name}'`);
    }
    balancer.load_balancer_type = type.name;
  });

  route("change_dns_ptr", z.object({ ip: z.string(), dns_ptr: z.string().nullable() }), (balancer, input) => {
    if (input.ip !== balancer.public_ipv4) {
      throw invalidField("ip", `'${input.ip}' is not an address of '${balancer.name}'`);
    }
    balancer.public_ipv4_dns_ptr = input.dns_ptr;
  });
}

/** After a restart: every load balancer carries traffic again before the API answers. */
export async function resumeLoadBalancers(context: Context): Promise<void> {
  for (const balancer of context.store.all("load_balancers")) {
    await syncLoadBalancer(context, balancer);
  }
}
