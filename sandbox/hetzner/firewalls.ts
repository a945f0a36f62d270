import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Context, find, now } from "./context";
import { registerCommon } from "./crud";
import { apiError } from "./errors";
import { parseRules, RuleInput } from "./firewall-rules";
import { publicIp } from "./machine-spec";
import type { FirewallRecord, FirewallRule, FirewallTarget, ServerRecord } from "./records";
import { parseSelector } from "./selectors";
import { Id, Labels, Name, parse, pathId, requireRoom, requireUnique } from "./validation";

export const Target = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server: z.object({ id: Id }) }),
  z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string().min(1) }) }),
]);

const Create = z.object({
  name: Name,
  labels: Labels.default({}),
  rules: z.array(RuleInput).default([]),
  apply_to: z.array(Target).default([]),
});

const hasPublicInterface = (context: Context, server: ServerRecord) =>
  publicIp(context, server, "ipv4") !== undefined || publicIp(context, server, "ipv6") !== undefined;

function serversOf(context: Context, target: FirewallTarget): ServerRecord[] {
  const servers = context.store.all("servers").filter((server) => hasPublicInterface(context, server));
  if (target.type === "server") {
    return servers.filter((server) => server.id === target.server.id);
  }
  const matches = parseSelector(target.label_selector.selector);
  return servers.filter((server) => matches(server.labels));
}

export const firewallsOf = (context: Context, server: ServerRecord) =>
  context.store
    .all("firewalls")
    .filter((firewall) => firewall.applied_to.some((target) => serversOf(context, target).includes(server)));

export const firewallView = (context: Context, firewall: FirewallRecord) => ({
  ...firewall,
  applied_to: firewall.applied_to.map((target) =>
    target.type === "server"
      ? target
      : {
          ...target,
          applied_to_resources: serversOf(context, target).map(({ id }) => ({ type: "server", server: { id } })),
        },
  ),
});

/** What a rule costs of the effective rules: one for each block of addresses. */
const effective = (rules: FirewallRule[]) =>
  rules.reduce((sum, rule) => sum + Math.max(1, rule.source_ips.length + rule.destination_ips.length), 0);

/** A server may have so many firewalls, and so many effective rules from all of them. */
export function requireServerLimits(context: Context, server: ServerRecord): void {
  const firewalls = firewallsOf(context, server);
  const { firewallsPerServer, effectiveRulesPerServer } = context.limits;
  if (firewalls.length > firewallsPerServer) {
    throw apiError("resource_limit_exceeded", `server '${server.name}' may have ${firewallsPerServer} firewalls`);
  }
  if (firewalls.reduce((sum, firewall) => sum + effective(firewall.rules), 0) > effectiveRulesPerServer) {
    throw apiError(
      "resource_limit_exceeded",
      `server '${server.name}' may have ${effectiveRulesPerServer} effective rules from all its firewalls`,
    );
  }
}

const sameTarget = (a: FirewallTarget, b: FirewallTarget) =>
  a.type === "server"
    ? b.type === "server" && a.server.id === b.server.id
    : b.type === "label_selector" && a.label_selector.selector === b.label_selector.selector;

/** Adds one target, or throws and leaves the firewall as it was. */
export function applyTo(context: Context, firewall: FirewallRecord, target: FirewallTarget): void {
  if (target.type === "server") {
    const server = context.store.get("servers", target.server.id);
    if (!server) {
      throw apiError("firewall_resource_not_found", `server with ID '${target.server.id}' not found`);
    }
    if (!hasPublicInterface(context, server)) {
      throw apiError("private_net_only_server", `server '${server.name}' has no public interface to protect`);
    }
  } else {
    parseSelector(target.label_selector.selector);
  }
  if (firewall.applied_to.some((existing) => sameTarget(existing, target))) {
    throw apiError("firewall_already_applied", `firewall '${firewall.name}' is already applied to that resource`);
  }
  const before = firewall.applied_to;
  firewall.applied_to = [...before, target];
  try {
    for (const server of serversOf(context, target)) {
      requireServerLimits(context, server);
    }
  } catch (error) {
    firewall.applied_to = before;
    throw error;
  }
}

function removeFrom(context: Context, firewall: FirewallRecord, target: FirewallTarget): void {
  const rest = firewall.applied_to.filter((existing) => !sameTarget(existing, target));
  if (rest.length < firewall.applied_to.length) {
    firewall.applied_to = rest;
    return;
  }
  const viaSelector = firewall.applied_to.some(
    (existing) =>
      target.type === "server" && serversOf(context, existing).some((server) => server.id === target.server.id),
  );
  throw viaSelector
    ? apiError("firewall_managed_by_label_selector", "the firewall is applied to that server by a label selector")
    : apiError("firewall_resource_not_found", `firewall '${firewall.name}' is not applied to that resource`);
}

export function registerFirewalls(app: FastifyInstance, context: Context): void {
  const { store, actions } = context;
  registerCommon(app, context, { table: "firewalls", view: (firewall) => firewallView(context, firewall) });

  const begin = (command: string, firewall: FirewallRecord, target?: FirewallTarget) => {
    const server = target?.type === "server" ? [{ id: target.server.id, type: "server" }] : [];
    return actions.done(command, [{ id: firewall.id, type: "firewall" }, ...server]);
  };

  app.post("/firewalls", (request, reply) => {
    const { apply_to, rules, ...body } = parse(Create, request.body);
    const firewalls = store.all("firewalls");
    requireRoom("firewalls", firewalls.length, context.limits.firewalls);
    requireUnique("firewall", firewalls, body.name);
    const firewall: FirewallRecord = {
      id: store.newId(),
      created: now(),
      rules: parseRules(rules, context.limits),
      applied_to: [],
      ...body,
    };
    store.put("firewalls", firewall);
    try {
      for (const target of apply_to) {
        applyTo(context, firewall, target);
      }
    } catch (error) {
      store.remove("firewalls", firewall.id);
      throw error;
    }
    reply.code(201);
    const begun = [
      begin("set_firewall_rules", firewall),
      ...apply_to.map((target) => begin("apply_firewall", firewall, target)),
    ];
    return { firewall: firewallView(context, firewall), actions: begun };
  });

  app.post("/firewalls/:id/actions/set_rules", (request, reply) => {
    const firewall = find(context, "firewalls", pathId(request.params));
    const { rules } = parse(z.object({ rules: z.array(RuleInput) }), request.body);
    const before = firewall.rules;
    firewall.rules = parseRules(rules, context.limits);
    try {
      for (const server of firewall.applied_to.flatMap((target) => serversOf(context, target))) {
        requireServerLimits(context, server);
      }
    } catch (error) {
      firewall.rules = before;
      throw error;
    }
    store.touch();
    reply.code(201);
    return { actions: [begin("set_firewall_rules", firewall)] };
  });

  app.post("/firewalls/:id/actions/apply_to_resources", (request, reply) => {
    const firewall = find(context, "firewalls", pathId(request.params));
    const { apply_to } = parse(z.object({ apply_to: z.array(Target).min(1) }), request.body);
    for (const target of apply_to) {
      applyTo(context, firewall, target);
    }
    store.touch();
    reply.code(201);
    return { actions: apply_to.map((target) => begin("apply_firewall", firewall, target)) };
  });

  app.post("/firewalls/:id/actions/remove_from_resources", (request, reply) => {
    const firewall = find(context, "firewalls", pathId(request.params));
    const { remove_from } = parse(z.object({ remove_from: z.array(Target).min(1) }), request.body);
    for (const target of remove_from) {
      removeFrom(context, firewall, target);
    }
    store.touch();
    reply.code(201);
    return { actions: remove_from.map((target) => begin("remove_firewall", firewall, target)) };
  });

  app.delete("/firewalls/:id", (request, reply) => {
    const firewall = find(context, "firewalls", pathId(request.params));
    if (firewall.applied_to.length > 0) {
      throw apiError("resource_in_use", `firewall '${firewall.name}' is still applied to a resource`);
    }
    store.remove("firewalls", firewall.id);
    return reply.code(204).send();
  });
}
