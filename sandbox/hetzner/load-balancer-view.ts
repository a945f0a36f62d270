import { findLocation, includedTraffic } from "./catalog";
import { loadBalancerTypeView } from "./catalog-views";
import type { Context } from "./context";
import { backendOf, serversBehind } from "./load-balancer-effects";
import { typeOf } from "./load-balancer-rules";
import type { LoadBalancerRecord, LoadBalancerTarget, ServerRecord } from "./records";

export function loadBalancerView(context: Context, balancer: LoadBalancerRecord) {
  const { public_enabled, public_ipv4, public_ipv4_dns_ptr, private_stand_in: _, ...record } = balancer;
  return {
    ...record,
    load_balancer_type: loadBalancerTypeView(typeOf(balancer)),
    location: findLocation(balancer.location),
    public_net: {
      enabled: public_enabled,
      ipv4: { ip: public_ipv4, dns_ptr: public_ipv4_dns_ptr },
      ipv6: { ip: `2001:db8:ffff:${(balancer.id % 65_536).toString(16)}::1`, dns_ptr: null },
    },
    targets: balancer.targets.map((target) => targetView(context, balancer, target)),
    included_traffic: includedTraffic(balancer.location),
    ingoing_traffic: 0,
    outgoing_traffic: 0,
  };
}

function targetView(context: Context, balancer: LoadBalancerRecord, target: LoadBalancerTarget) {
  const ofServer = (server: ServerRecord) =>
    balancer.services.map((service) => {
      const backend = backendOf(context, server, service);
      const status = backend ? context.proxies.health.status(backend) : "unhealthy";
      return { listen_port: service.listen_port, status };
    });
  switch (target.type) {
    case "server": {
      const [server] = serversBehind(context, balancer, target);
      return { ...target, health_status: server ? ofServer(server) : [] };
    }
    case "label_selector":
      return {
        ...target,
        targets: serversBehind(context, balancer, target).map((server) => ({
          type: "server",
          server: { id: server.id },
          use_private_ip: target.use_private_ip,
          health_status: ofServer(server),
        })),
      };
    case "ip":
      return {
        ...target,
        health_status: balancer.services.map(({ listen_port, destination_port }) => ({
          listen_port,
          status: context.proxies.health.status({ host: target.ip.ip, port: destination_port }),
        })),
      };
  }
}
