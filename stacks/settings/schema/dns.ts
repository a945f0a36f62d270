import { z } from "zod";
import { doc } from "./doc";

const Records = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Make the records of everything that the gateway exposes (external-dns). It needs dns.provider and the gateway.",
  ),
  policy: doc(
    z.enum(["upsert-only", "sync"]).default("upsert-only"),
    "`upsert-only` makes and changes records, and leaves those of what is gone; `sync` removes them as well. Records that somebody else made are never touched.",
  ),
});

const Tunnel = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Let the world in through a Cloudflare tunnel: no open port and no public address is needed. It needs the secret `cloudflared-token`.",
  ),
  id: doc(z.string().optional(), "The tunnel's id. Records then point to the tunnel instead of the load balancer.", {
    defaultText: "none; needed with dns.records.enabled",
    allowed: "a UUID, as `cloudflared tunnel create` prints it",
  }),
});

const Tailscale = z.strictObject({
  enabled: doc(
    z.boolean().default(false),
    "Let people of your tailnet into the private network (Tailscale operator). It needs the secrets `tailscale-client-id` and `tailscale-client-secret`.",
  ),
  routes: doc(z.array(z.string()).optional(), "What the tailnet reaches through the cluster.", {
    defaultText: "[network.nodeCidr]: the nodes, and the gateway's load balancer",
    allowed: "IPv4 CIDRs, each once, inside network.cidr",
  }),
  tag: doc(z.string().default("tag:k8s"), "Tag of the proxies in the tailnet; `tag:k8s-operator` must own it.", {
    allowed: "tag: and lower-case letters, digits and hyphens",
  }),
  resolver: doc(
    z.boolean().default(false),
    "Split horizon: a name server for the tailnet that answers the names of cluster.domain with the gateway's private address.",
  ),
});

const EdgeHost = z.strictObject({
  host: doc(z.string(), "Name under which the world finds it.", { allowed: "a full DNS name; each once" }),
  upstream: doc(z.string(), "Where it is, as seen from the edge.", {
    allowed: "http:// or https:// and a host, with a port where it is not the usual one",
  }),
});

/** DNS records, and ways in without open ports. */
export const DnsSettings = z.strictObject({
  provider: doc(
    z.enum(["hetzner", "cloudflare"]).optional(),
    "Who answers for the zone. Records and DNS-01 challenges go there, with the secret `dns-api-token`: a token of the Hetzner Cloud project that holds the zone, or one of Cloudflare with Zone.Zone:Read and Zone.DNS:Edit.",
    { defaultText: "nobody: records are made by hand" },
  ),
  zone: doc(z.string().optional(), "The zone at the provider.", {
    defaultText: "cluster.domain",
    allowed: "cluster.domain, or a domain that it is part of",
  }),
  records: doc(Records.prefault({}), "DNS records of what is exposed."),
  tunnel: doc(Tunnel.prefault({}), "A way in through Cloudflare."),
  tailscale: doc(Tailscale.prefault({}), "A way in through Tailscale."),
  edge: doc(
    z
      .strictObject({
        hosts: doc(
          z.array(EdgeHost).default([]),
          "Hosts outside the cluster that a Caddy in front of them answers for; the output `caddyfile` is its configuration.",
        ),
      })
      .prefault({}),
    "A reverse proxy for hosts outside the cluster.",
  ),
});
