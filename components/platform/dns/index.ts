export { caddyfile, type EdgeHost } from "./caddyfile";
export { DnsRecords, type DnsRecordsArgs } from "./records";
export { Resolver, type ResolverArgs } from "./resolver";
export { Tailscale, type TailscaleArgs } from "./tailscale";
export { CloudflareTunnel, type CloudflareTunnelArgs } from "./tunnel";
