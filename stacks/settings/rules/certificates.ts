import { dnsZone, isInZone, isReservedName } from "../dns";
import { plannedRoutes } from "../routes";
import type { Settings } from "../schema";
import { duplicates, type Finding, type Rule, rule } from "./rule";

const emailAddress = /^[^\s@]+@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** A signing key, and the one before or after it. */
const maxGenerations = 2;

function usesAcme({ certificates }: Settings): boolean {
  return certificates.enabled && certificates.issuer !== "internal";
}

function usesChallenge(settings: Settings, challenge: "dns01" | "http01"): boolean {
  return usesAcme(settings) && settings.certificates.challenge === challenge;
}

function emailFinding(settings: Settings, message: string): Finding {
  const { email, issuer } = settings.certificates;
  return {
    path: "certificates.email",
    value: email,
    message,
    allowed: "an address that somebody reads, in a domain that is yours",
    fix: `Set orrery:certificates.email, or orrery:certificates.issuer to internal instead of ${issuer}.`,
  };
}

export const certificatesRules: Rule[] = [
  rule("certificates-off", ({ certificates }) =>
    certificates.enabled || certificates.issuer === "internal"
      ? []
      : [
          {
            path: "certificates.issuer",
            value: certificates.issuer,
            message: "Certificates are switched off, so nobody issues any.",
            allowed: "internal while certificates.enabled is false",
            fix: "Set orrery:certificates.enabled to true, or remove orrery:certificates.issuer.",
          },
        ],
  ),
  rule("certificates-email", (settings) => {
    const { email } = settings.certificates;
    if (!usesAcme(settings)) return [];
    if (email === undefined) return [emailFinding(settings, "An account with the authority needs an address.")];
    if (!emailAddress.test(email)) return [emailFinding(settings, "This is not an e-mail address.")];
    const host = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
    return isReservedName(host) ? [emailFinding(settings, `The authority refuses addresses of ${host}.`)] : [];
  }),
  rule("certificates-domain", (settings) =>
    usesAcme(settings) && isReservedName(settings.cluster.domain)
      ? [
          {
            path: "cluster.domain",
            value: settings.cluster.domain,
            message: `${settings.certificates.issuer} signs no names of this domain: it is reserved for examples or private networks.`,
            allowed: "a domain that you own in the public DNS",
            fix: "Set orrery:cluster.domain to your domain, or orrery:certificates.issuer to internal.",
          },
        ]
      : [],
  ),
  rule("certificates-wildcard", (settings) =>
    usesChallenge(settings, "http01") && settings.certificates.mode === "wildcard"
      ? [
          {
            path: "certificates.mode",
            value: "wildcard",
            message: "A wildcard can be proved by a record in the zone only, and the challenge is http01.",
            allowed: "each-host with the challenge http01; wildcard or each-host with dns01",
            fix: "Set orrery:certificates.mode to each-host, or orrery:certificates.challenge to dns01.",
          },
        ]
      : [],
  ),
  rule("certificates-provider", (settings) =>
    usesChallenge(settings, "dns01") && settings.dns.provider === undefined
      ? [
          {
            path: "certificates.challenge",
            value: "dns01",
            message: "Names are proved by a record in the zone, and no provider is named that could make it.",
            allowed: "dns01 with dns.provider, or http01",
            fix: "Set orrery:dns.provider to hetzner or cloudflare, or orrery:certificates.challenge to http01.",
          },
        ]
      : [],
  ),
  rule("certificates-http01", (settings) => {
    const { enabled, loadBalancer } = settings.gateway;
    if (!usesChallenge(settings, "http01")) return [];
    const why = !enabled
      ? "there is no gateway"
      : !loadBalancer.public
        ? "the gateway has no public address"
        : "cert-manager, which looks for it first, is led past the load balancer without the PROXY protocol";
    if (enabled && loadBalancer.public && loadBalancer.proxyProtocol) return [];
    return [
      {
        path: "certificates.challenge",
        value: "http01",
        message: `The authority asks for a page under each name, and ${why}.`,
        allowed: "http01 with a gateway whose load balancer is public and speaks the PROXY protocol, or dns01",
        fix: "Set orrery:certificates.challenge to dns01, or change orrery:gateway.loadBalancer.",
      },
    ];
  }),
  rule("certificates-zone", (settings) => {
    if (!usesChallenge(settings, "dns01")) return [];
    const zone = dnsZone(settings);
    return plannedRoutes(settings)
      .filter(({ host }) => !isInZone(host, zone))
      .map(({ host, setting }) => ({
        path: setting,
        value: host,
        message: `Its certificate is proved by a record in the zone ${zone}, and this name is not in it.`,
        allowed: `names in ${zone}`,
        fix: `Use a name that ends in .${zone}, or set orrery:certificates.challenge to http01.`,
      }));
  }),
  rule("certificates-generations", ({ certificates }) => {
    const { generations } = certificates.internal;
    const wrong = generations.length < 1 || generations.length > maxGenerations || duplicates(generations).length > 0;
    if (!wrong) return [];
    return [
      {
        path: "certificates.internal.generations",
        value: generations,
        message: "The first key signs, a second one is trusted besides; more or fewer mean nothing.",
        allowed: "one or two different numbers",
        fix: "Set it to [1] unless you are changing the key: docs/certificates.md says how.",
      },
    ];
  }),
];
