import { addressAt } from "../../components/hetzner/address-plan";
import type { Settings } from "./schema";

/** Kubernetes gives none of a range's first 16 addresses by itself; the cluster's own DNS has the tenth. */
const RESOLVER_OFFSET = 11;

/** The zone at the DNS provider. */
export function dnsZone({ cluster, dns }: Settings): string {
  return dns.zone ?? cluster.domain;
}

/** Whether a name is the zone's, or below it. */
export function isInZone(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** Address of the name server for the private network: people write it into their tailnet's settings. */
export function resolverAddress({ network }: Settings): string {
  return addressAt(network.serviceCidr, RESOLVER_OFFSET);
}

/** Top-level domains and domains that no public authority signs, and that no provider answers for. */
const reserved = [
  "test",
  "example",
  "invalid",
  "localhost",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "onion",
  "home.arpa",
  "example.com",
  "example.net",
  "example.org",
];

/** Whether a name can never be found in the public DNS. */
export function isReservedName(name: string): boolean {
  return reserved.some((domain) => isInZone(name, domain));
}

/** The setting for which the provider's token is needed; undefined while nothing needs it. */
export function dnsTokenAskedBy({ certificates, dns }: Settings): string | undefined {
  if (dns.provider === undefined) return undefined;
  if (dns.records.enabled) return "dns.records.enabled";
  const proved = certificates.enabled && certificates.issuer !== "internal" && certificates.challenge === "dns01";
  return proved ? "certificates.challenge" : undefined;
}

export function tunnelAskedBy({ dns }: Settings): string | undefined {
  return dns.tunnel.enabled ? "dns.tunnel.enabled" : undefined;
}

export function tailscaleAskedBy({ dns }: Settings): string | undefined {
  return dns.tailscale.enabled ? "dns.tailscale.enabled" : undefined;
}
