import type * as pulumi from "@pulumi/pulumi";
import type { Collector } from "../../../components/observability/collector";
import { HOSTS_PORT_NAME, OutsideHosts } from "../../../components/observability/hosts";
import { fullHost } from "../../settings/routes";
import type { LateSystems, SystemContext } from "../context";

/** Machines outside the cluster, before the collector, which takes what they send. */
export function createHosts({ settings, platform, opts }: SystemContext): OutsideHosts | undefined {
  const { hosts } = settings.observability;
  if (hosts.length === 0) return undefined;
  const { namespaces } = platform;
  const names = hosts.map(({ name }) => name);
  return new OutsideHosts("outside-hosts", { namespaces, cluster: settings.cluster.name, hosts: names }, opts);
}

/** The way from outside to the collector, and what is written on each machine. Rules have seen to gateway and host. */
export function exposeHosts(
  { settings }: SystemContext,
  { gateway, certificates }: LateSystems,
  { collector, hosts }: { readonly collector?: Collector; readonly hosts?: OutsideHosts },
): Record<string, pulumi.Output<string>> | undefined {
  const { hostsHost } = settings.observability;
  if (collector === undefined || hosts === undefined) return undefined;
  if (gateway === undefined || hostsHost === undefined) return undefined;
  return hosts.expose({
    gateway,
    host: fullHost(hostsHost, gateway.domain),
    backend: collector.service.backend(HOSTS_PORT_NAME),
    authority: settings.certificates.issuer === "internal" ? certificates : undefined,
  });
}
