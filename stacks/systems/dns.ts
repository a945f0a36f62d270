import { gatewayLoadBalancerAddress } from "../../components/hetzner/address-plan";
import { CloudflareTunnel, caddyfile, DnsRecords, Resolver, Tailscale } from "../../components/platform/dns";
import type { Settings } from "../settings";
import { dnsZone, resolverAddress } from "../settings/dns";
import type { SystemContext, Systems } from "./context";

/** DNS records, and the ways in without open ports. */
export function createDns(context: SystemContext, systems: Systems): void {
  const { records, tailscale, tunnel } = context.settings.dns;
  if (records.enabled) {
    createRecords(context, systems);
  }
  if (tunnel.enabled) {
    createTunnel(context, systems);
  }
  if (tailscale.enabled) {
    createTailscale(context, systems);
  }
}

function createRecords({ settings, platform, opts }: SystemContext, { gateway, secrets }: Systems): void {
  const { cluster, dns } = settings;
  // Rules refuse records without them before anything is made.
  if (gateway === undefined || dns.provider === undefined) {
    throw new Error("DNS records need a gateway and orrery:dns.provider.");
  }
  new DnsRecords(
    {
      charts: platform.charts,
      namespace: platform.namespaces.get("dns"),
      secrets,
      provider: dns.provider,
      zone: dnsZone(settings),
      clusterName: cluster.name,
      policy: dns.records.policy,
      routes: settings.gateway.kind === "nginx" ? "ingress" : "gateway",
      tunnelHost: dns.tunnel.enabled ? `${dns.tunnel.id}.cfargotunnel.com` : undefined,
      domain: cluster.domain,
      address: gateway.address,
      gateway: gateway.ready,
    },
    opts,
  );
}

function createTunnel({ settings, platform, opts }: SystemContext, { certificates, secrets }: Systems): void {
  const namespace = platform.namespaces.get("edge");
  new CloudflareTunnel(
    {
      namespace,
      secrets,
      gatewayAddress: gatewayLoadBalancerAddress(settings.network.nodeCidr),
      trust: settings.certificates.issuer === "internal" ? certificates?.trust(namespace.name) : undefined,
    },
    opts,
  );
}

function createTailscale({ settings, platform, opts }: SystemContext, { secrets }: Systems): void {
  const { routes, tag, resolver } = settings.dns.tailscale;
  const { nodeCidr } = settings.network;
  const clusterIp = resolverAddress(settings);
  const namespace = platform.namespaces.get("tailscale");
  const tailscale = new Tailscale(
    {
      charts: platform.charts,
      namespace,
      secrets,
      clusterName: settings.cluster.name,
      tag,
      routes: [...(routes ?? [nodeCidr]), ...(resolver ? [`${clusterIp}/32`] : [])],
    },
    opts,
  );
  if (resolver) {
    new Resolver(
      {
        namespace: platform.namespaces.get("dns"),
        domain: settings.cluster.domain,
        gatewayAddress: gatewayLoadBalancerAddress(nodeCidr),
        clusterIp,
        clients: { pods: tailscale.pods, identity: tailscale.identity, namespace },
      },
      opts,
    );
  }
}

/** Configuration of the Caddy in front of hosts outside the cluster; undefined when there are none. */
export function edgeCaddyfile({ certificates, dns }: Settings): string | undefined {
  const { hosts } = dns.edge;
  return hosts.length === 0 ? undefined : caddyfile({ hosts, email: certificates.email });
}
