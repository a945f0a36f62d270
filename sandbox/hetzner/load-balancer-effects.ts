import type { Context } from "./context";
import { addressOf } from "./machine-spec";
import type { Backend } from "./proxy";
import type { LoadBalancerRecord, LoadBalancerService, LoadBalancerTarget, ServerRecord } from "./records";
import { parseSelector } from "./selectors";

/** From a load balancer's record to the proxies that carry its traffic. */

/** The servers behind a target; none for an address. */
export function serversBehind(
  context: Pick<Context, "store">,
  balancer: LoadBalancerRecord,
  target: LoadBalancerTarget,
): ServerRecord[] {
  const servers = context.store.all("servers");
  if (target.type === "server") {
    return servers.filter((server) => server.id === target.server.id);
  }
  if (target.type === "ip") {
    return [];
  }
  const matches = parseSelector(target.label_selector.selector);
  const network = balancer.private_net[0]?.network;
  return servers
    .filter((server) => matches(server.labels))
    .filter((server) => !target.use_private_ip || server.private_net.some((net) => net.network === network));
}

/** Where a server answers for a service: its loopback address, whichever of its addresses the target names. */
export function backendOf(context: Context, server: ServerRecord, service: LoadBalancerService): Backend | undefined {
  const host = addressOf(context, server);
  return host && server.status === "running" ? { host, port: service.destination_port } : undefined;
}

function backends(context: Context, balancer: number, listenPort: number): Backend[] {
  const record = context.store.get("load_balancers", balancer);
  const service = record?.services.find((each) => each.listen_port === listenPort);
  if (!record || !service) {
    return [];
  }
  return record.targets.flatMap((target) => {
    if (target.type === "ip") {
      return [{ host: target.ip.ip, port: service.destination_port }];
    }
    return serversBehind(context, record, target).flatMap((server) => backendOf(context, server, service) ?? []);
  });
}

export async function syncLoadBalancer(context: Context, balancer: LoadBalancerRecord): Promise<void> {
  for (const { ip } of balancer.private_net) {
    context.machines.setAlias(ip, balancer.private_stand_in);
  }
  const addresses = [
    ...(balancer.public_enabled ? [balancer.public_ipv4] : []),
    ...(balancer.private_net.length > 0 ? [balancer.private_stand_in] : []),
  ];
  await context.proxies.set(
    balancer.id,
    balancer.services.map((service) => ({
      addresses,
      port: service.listen_port,
      algorithm: balancer.algorithm.type,
      proxyProtocol: service.proxyprotocol,
      healthIntervalMs: service.health_check.interval * 1000,
      backends: () => backends(context, balancer.id, service.listen_port),
    })),
  );
}

export async function detachFromNetwork(
  context: Context,
  balancer: LoadBalancerRecord,
  network: number,
): Promise<void> {
  const left = balancer.private_net.filter((net) => net.network === network);
  if (left.length === 0) {
    return;
  }
  for (const { ip } of left) {
    context.machines.setAlias(ip, undefined);
  }
  balancer.private_net = balancer.private_net.filter((net) => net.network !== network);
  context.store.touch();
  await syncLoadBalancer(context, balancer);
}

export function registerLoadBalancerEffects(context: Context): void {
  context.actions.handle("load-balancer.sync", async ({ loadBalancer }) => {
    const record = context.store.get("load_balancers", loadBalancer);
    if (record) {
      await syncLoadBalancer(context, record);
    }
  });
}
