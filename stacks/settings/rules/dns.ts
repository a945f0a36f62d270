import { canonicalText, contains, overlaps, parseCidr, type Range } from "../cidr";
import { dnsZone, isInZone } from "../dns";
import { plannedRoutes } from "../routes";
import type { Settings } from "../schema";
import { domainName } from "./names";
import { duplicates, type Finding, type Rule, rule } from "./rule";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const tailscaleTag = /^tag:[a-z][a-z0-9-]*$/;
const upstreamUrl = /^https?:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/;

interface Switched {
  readonly path: string;
  readonly enabled: boolean;
  /** What it does with the gateway. */
  readonly does: string;
}

/** What has nothing to lead to without a gateway. */
function ways({ dns }: Settings): Switched[] {
  return [
    { path: "dns.records.enabled", enabled: dns.records.enabled, does: "Records point to the gateway" },
    { path: "dns.tunnel.enabled", enabled: dns.tunnel.enabled, does: "The tunnel leads to the gateway" },
    {
      path: "dns.tailscale.resolver",
      enabled: dns.tailscale.enabled && dns.tailscale.resolver,
      does: "It answers with the gateway's private address",
    },
  ];
}

function routeFinding(index: number, value: string, message: string, fix: string): Finding {
  return {
    path: `dns.tailscale.routes[${index}]`,
    value,
    message,
    allowed: "IPv4 CIDRs without host bits, e.g. 10.0.0.0/24, each once",
    fix,
  };
}

/** What is wrong with one route to the tailnet. */
function checkRoute(settings: Settings, route: string, index: number, network: Range | undefined): Finding[] {
  const range = parseCidr(route);
  if (range === undefined || range.version !== 4) {
    return [routeFinding(index, route, "This is not a range of IPv4 addresses.", "Write it as <address>/<prefix>.")];
  }
  if (!range.canonical) {
    const text = canonicalText(range);
    return [routeFinding(index, route, "It has host bits, which Tailscale refuses.", `Write ${text}.`)];
  }
  if (network !== undefined && !contains(network, range)) {
    const { cidr } = settings.network;
    const part = overlaps(network, range) ? "Part of it" : "It";
    return [
      routeFinding(index, route, `${part} is outside the private network ${cidr}.`, `Use ranges inside ${cidr}.`),
    ];
  }
  return [];
}

export const dnsRules: Rule[] = [
  rule("dns-zone", ({ cluster, dns }) => {
    const { zone } = dns;
    if (zone === undefined || (domainName.test(zone) && isInZone(cluster.domain, zone))) return [];
    return [
      {
        path: "dns.zone",
        value: zone,
        message: `${cluster.domain} is not in this zone, so none of its names could be made there.`,
        allowed: `${cluster.domain} or a domain that it is part of`,
        fix: `Remove orrery:dns.zone, or set it to ${cluster.domain.split(".").slice(-2).join(".")}.`,
      },
    ];
  }),
  rule("dns-provider", ({ dns }) =>
    dns.records.enabled && dns.provider === undefined
      ? [
          {
            path: "dns.provider",
            value: undefined,
            message: "Records are wanted, and no provider is named that could make them.",
            allowed: "hetzner or cloudflare",
            fix: "Set orrery:dns.provider, or orrery:dns.records.enabled to false.",
          },
        ]
      : [],
  ),
  rule("dns-gateway", (settings) =>
    settings.gateway.enabled
      ? []
      : ways(settings)
          .filter(({ enabled }) => enabled)
          .map(({ path, does }) => ({
            path,
            value: true,
            message: `${does}, and there is none.`,
            allowed: "true with gateway.enabled",
            fix: `Set orrery:gateway.enabled to true, or orrery:${path} to false.`,
          })),
  ),
  rule("dns-host-outside-zone", (settings) => {
    if (!settings.dns.records.enabled) return [];
    const zone = dnsZone(settings);
    return plannedRoutes(settings)
      .filter(({ host }) => !isInZone(host, zone))
      .map(({ host, setting }) => ({
        path: setting,
        value: host,
        message: `Its record would have to be in the zone ${zone}, and this name is not.`,
        allowed: `names in ${zone}`,
        fix: `Use a name that ends in .${zone}, or set orrery:dns.zone to a zone that holds all names.`,
      }));
  }),
  rule("tunnel-id", ({ dns }) => {
    const { id, enabled } = dns.tunnel;
    if (!enabled || (id === undefined ? !dns.records.enabled : uuid.test(id))) return [];
    return [
      {
        path: "dns.tunnel.id",
        value: id,
        message:
          id === undefined ? "Records have to point to the tunnel, which is not named." : "This is no tunnel's id.",
        allowed: "a UUID, as `cloudflared tunnel list` prints it",
        fix: "Set orrery:dns.tunnel.id, or orrery:dns.records.enabled to false and make the records by hand.",
      },
    ];
  }),
  rule("tunnel-provider", ({ dns }) =>
    dns.tunnel.enabled && dns.records.enabled && dns.provider === "hetzner"
      ? [
          {
            path: "dns.provider",
            value: dns.provider,
            message: "Names that lead to a Cloudflare tunnel must be in a zone at Cloudflare.",
            allowed: "cloudflare with dns.tunnel.enabled",
            fix: "Move the zone to Cloudflare and set orrery:dns.provider to cloudflare, or switch the tunnel off.",
          },
        ]
      : [],
  ),
  rule("tunnel-staging", ({ certificates, dns }) =>
    dns.tunnel.enabled && certificates.issuer === "letsencrypt-staging"
      ? [
          {
            path: "certificates.issuer",
            value: certificates.issuer,
            message: "Nobody trusts certificates of the staging authority, and neither does the tunnel.",
            allowed: "internal or letsencrypt with dns.tunnel.enabled",
            fix: "Set orrery:certificates.issuer to letsencrypt or internal, or switch the tunnel off for the trial.",
          },
        ]
      : [],
  ),
  rule("gateway-private-address", ({ dns, gateway }) => {
    const inside = dns.tunnel.enabled || dns.tailscale.enabled;
    const { proxyProtocol, public: isPublic } = gateway.loadBalancer;
    if (!inside || !gateway.enabled || proxyProtocol || isPublic) return [];
    return [
      {
        path: "gateway.loadBalancer.proxyProtocol",
        value: false,
        message:
          "Pods of the tunnel or of Tailscale call the load balancer's only address, and without the PROXY protocol the cluster would shorten their way to pods that they may not reach.",
        allowed: "true while the load balancer is private and there is a tunnel or Tailscale",
        fix: "Set orrery:gateway.loadBalancer.proxyProtocol to true.",
      },
    ];
  }),
  rule("tailscale-routes", (settings) => {
    const { enabled, routes } = settings.dns.tailscale;
    if (!enabled || routes === undefined) return [];
    const network = parseCidr(settings.network.cidr);
    const empty = { path: "dns.tailscale.routes", value: routes, message: "The tailnet would reach nothing." };
    return [
      ...(routes.length > 0
        ? []
        : [{ ...empty, allowed: "at least one CIDR", fix: "Remove orrery:dns.tailscale.routes for the default." }]),
      ...routes.flatMap((route, index) => checkRoute(settings, route, index, network)),
      ...duplicates(routes).map((index) =>
        routeFinding(
          index,
          routes[index]!,
          "This range stands here twice.",
          `Remove orrery:dns.tailscale.routes[${index}].`,
        ),
      ),
    ];
  }),
  rule("tailscale-tag", ({ dns }) =>
    !dns.tailscale.enabled || tailscaleTag.test(dns.tailscale.tag)
      ? []
      : [
          {
            path: "dns.tailscale.tag",
            value: dns.tailscale.tag,
            message: "Tailscale has no tags of this form.",
            allowed: "tag: and a lower-case letter, then lower-case letters, digits and hyphens",
            fix: "Write e.g. tag:k8s.",
          },
        ],
  ),
  rule("edge-host", ({ dns }) => {
    const hosts = dns.edge.hosts.map(({ host }) => host);
    const finding = (index: number, message: string): Finding => ({
      path: `dns.edge.hosts[${index}].host`,
      value: hosts[index],
      message,
      allowed: "a full, lower-case DNS name, each once",
      fix: `Write e.g. files.example.com, or remove orrery:dns.edge.hosts[${index}].`,
    });
    return [
      ...hosts.flatMap((host, index) =>
        domainName.test(host)
          ? []
          : [finding(index, "This is not a full DNS name, so Caddy gets no certificate for it.")],
      ),
      ...duplicates(hosts).map((index) => finding(index, "Caddy refuses a name that stands there twice.")),
    ];
  }),
  rule("edge-upstream", ({ dns }) =>
    dns.edge.hosts.flatMap(({ upstream }, index) =>
      upstreamUrl.test(upstream)
        ? []
        : [
            {
              path: `dns.edge.hosts[${index}].upstream`,
              value: upstream,
              message: "Caddy passes requests on to a host, not to a path or a name without a scheme.",
              allowed: "http:// or https:// and a host, with a port where it is not the usual one",
              fix: "Write e.g. http://10.0.0.20:8080.",
            },
          ],
    ),
  ),
];
