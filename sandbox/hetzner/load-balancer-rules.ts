import { isIPv4 } from "node:net";
import { z } from "zod";
import { usedLoopback } from "./addresses";
import { findLoadBalancerType, type LoadBalancerTypeEntry } from "./catalog";
import { type Context, find } from "./context";
import { apiError, invalidField, limitExceeded } from "./errors";
import { serversBehind } from "./load-balancer-effects";
import { publicIp } from "./machine-spec";
import type { LoadBalancerRecord, LoadBalancerService, LoadBalancerTarget } from "./records";
import { parseSelector } from "./selectors";
import { Id } from "./validation";

/** Services and targets: their shapes, and what may be added to a load balancer. */

const Port = z.number().int().min(1).max(65_535);

const HealthCheck = z.object({
  protocol: z.enum(["tcp", "http"]),
  port: Port,
  interval: z.number().int().min(3).max(60),
  timeout: z.number().int().min(1).max(60),
  retries: z.number().int().min(1).max(5),
  http: z
    .object({
      domain: z.string().nullish(),
      path: z.string().default("/"),
      response: z.string().optional(),
      status_codes: z.array(z.string()).optional(),
      tls: z.boolean().optional(),
    })
    .optional(),
});

const Http = z.object({
  certificates: z.array(Id).optional(),
  cookie_lifetime: z.number().int().optional(),
  cookie_name: z.string().optional(),
  redirect_http: z.boolean().optional(),
  sticky_sessions: z.boolean().optional(),
});

export const ServiceInput = z.object({
  protocol: z.enum(["tcp", "http", "https"]),
  listen_port: Port.optional(),
  destination_port: Port.optional(),
  proxyprotocol: z.boolean().optional(),
  health_check: HealthCheck.partial().optional(),
  http: Http.optional(),
});

export type ServiceInput = z.output<typeof ServiceInput>;

const UsePrivate = { use_private_ip: z.boolean().default(false) };

export const TargetInput = z.discriminatedUnion("type", [
  z.object({ type: z.literal("server"), server: z.object({ id: Id }), ...UsePrivate }),
  z.object({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string() }), ...UsePrivate }),
  z.object({ type: z.literal("ip"), ip: z.object({ ip: z.string() }) }),
]);

export const typeOf = (balancer: LoadBalancerRecord): LoadBalancerTypeEntry => {
  const type = findLoadBalancerType(balancer.load_balancer_type);
  if (!type) {
    throw new Error(`load balancer '${balancer.name}' has the unknown type ${balancer.load_balancer_type}`);
  }
  return type;
};

/** Fills in what was left out: Hetzner's defaults, or what the service has already when it is updated. */
export function resolveService(input: Partial<ServiceInput>, old?: LoadBalancerService): LoadBalancerService {
  const protocol = input.protocol ?? old?.protocol ?? "tcp";
  if (protocol === "https") {
    throw invalidField("protocol", "https needs a certificate, and this sandbox has none: use tcp or http");
  }
  const plain = protocol === "http" ? 80 : undefined;
  const listen_port = input.listen_port ?? old?.listen_port ?? plain;
  const destination_port = input.destination_port ?? old?.destination_port ?? plain;
  if (listen_port === undefined || destination_port === undefined) {
    throw invalidField("listen_port", "listen_port and destination_port must be given for tcp");
  }
  const check = input.health_check;
  const http = check?.http ?? old?.health_check.http;
  const service: LoadBalancerService = {
    protocol,
    listen_port,
    destination_port,
    proxyprotocol: input.proxyprotocol ?? old?.proxyprotocol ?? false,
    health_check: {
      protocol: check?.protocol ?? old?.health_check.protocol ?? protocol,
      port: check?.port ?? old?.health_check.port ?? destination_port,
      interval: check?.interval ?? old?.health_check.interval ?? 15,
      timeout: check?.timeout ?? old?.health_check.timeout ?? 10,
      retries: check?.retries ?? old?.health_check.retries ?? 3,
    },
  };
  if (http) {
    service.health_check.http = { ...http, domain: http.domain ?? null };
  } else if (service.health_check.protocol === "http") {
    service.health_check.http = { domain: null, path: "/", status_codes: ["2??", "3??"], tls: false };
  }
  if (protocol === "http") {
    const sticky = { cookie_name: "HCLBSTICKY", cookie_lifetime: 300, sticky_sessions: false, redirect_http: false };
    service.http = { certificates: [], ...sticky, ...old?.http, ...input.http };
  }
  return service;
}

export function addService(balancer: LoadBalancerRecord, service: LoadBalancerService): void {
  const { max_services } = typeOf(balancer);
  if (balancer.services.length >= max_services) {
    throw limitExceeded(`services of ${balancer.load_balancer_type}`, max_services);
  }
  if (balancer.services.some((other) => other.listen_port === service.listen_port)) {
    throw apiError("source_port_already_used", `listen port ${service.listen_port} is already in use`);
  }
  balancer.services.push(service);
}

export const sameTarget = (a: LoadBalancerTarget, b: LoadBalancerTarget) => targetKey(a) === targetKey(b);

function targetKey(target: LoadBalancerTarget): string {
  switch (target.type) {
    case "server":
      return `server ${target.server.id}`;
    case "label_selector":
      return `label_selector ${target.label_selector.selector}`;
    case "ip":
      return `ip ${target.ip.ip}`;
  }
}

export function countTargets(context: Context, balancer: LoadBalancerRecord, targets: LoadBalancerTarget[]): number {
  return targets.reduce((sum, target) => sum + Math.max(1, serversBehind(context, balancer, target).length), 0);
}

export function addTarget(context: Context, balancer: LoadBalancerRecord, target: LoadBalancerTarget): void {
  if (balancer.targets.some((other) => sameTarget(other, target))) {
    throw apiError("target_already_defined", `${targetKey(target)} is already a target of '${balancer.name}'`);
  }
  if (target.type === "ip") {
    requireForeignIp(context, target.ip.ip);
  } else {
    requireReachable(context, balancer, target);
  }
  const { max_targets } = typeOf(balancer);
  if (countTargets(context, balancer, [...balancer.targets, target]) > max_targets) {
    throw limitExceeded(`targets of ${balancer.load_balancer_type}`, max_targets);
  }
  balancer.targets.push(target);
}

/** Only dedicated machines are targets by address. */
function requireForeignIp(context: Context, ip: string): void {
  if (!isIPv4(ip)) {
    throw invalidField("ip", `'${ip}' is not an IPv4 address`);
  }
  if (usedLoopback(context.store).has(ip)) {
    throw apiError("cloud_resource_ip_not_allowed", `${ip} belongs to a cloud resource: name the server instead`);
  }
}

type CloudTarget = Exclude<LoadBalancerTarget, { type: "ip" }>;

function requireReachable(context: Context, balancer: LoadBalancerRecord, target: CloudTarget): void {
  if (target.type === "label_selector") {
    parseSelector(target.label_selector.selector);
  }
  const network = balancer.private_net[0]?.network;
  if (target.use_private_ip && network === undefined) {
    throw apiError("load_balancer_not_attached_to_network", `'${balancer.name}' is not attached to a network`);
  }
  if (!target.use_private_ip && !balancer.public_enabled) {
    throw apiError(
      "load_balancer_public_interface_disabled",
      `the public interface of '${balancer.name}' is disabled: use_private_ip must be true`,
    );
  }
  if (target.type !== "server") {
    return;
  }
  const server = find(context, "servers", target.server.id);
  if (target.use_private_ip && !server.private_net.some((net) => net.network === network)) {
    throw apiError(
      "server_not_attached_to_network",
      `server '${server.name}' is not attached to the network of '${balancer.name}'`,
    );
  }
  if (!target.use_private_ip && !publicIp(context, server, "ipv4")) {
    throw apiError("missing_ipv4", `server '${server.name}' has no public IPv4`);
  }
}
