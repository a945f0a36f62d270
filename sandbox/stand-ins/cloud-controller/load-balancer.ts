import type { V1LoadBalancerIngress, V1Node, V1Service } from "@kubernetes/client-node";
import type { CloudLoadBalancer, LoadBalancerService } from "../hetzner/client";
import { isNodeReady } from "./node-ready";
import { providerServerId, uninitializedTaint } from "./nodes";

const prefix = "load-balancer.hetzner.cloud/";
export const serviceUidLabel = "hcloud-ccm/service-uid";

/** What a Service asks for, after its annotations. */
export interface WantedLoadBalancer {
  name: string;
  type: string;
  location?: string;
  networkZone?: string;
  algorithm: "round_robin" | "least_connections";
  publicNetwork: boolean;
  network?: number;
  privateIp?: string;
  usePrivateIp: boolean;
  services: LoadBalancerService[];
  serverIds: number[];
}

export class AnnotationError extends Error {}

/** What holds for Services that do not say otherwise: the controller's own environment. */
export type BalancerDefaults = Record<string, string>;

const environmentPrefix = "HCLOUD_LOAD_BALANCERS_";

/** Names of the environment, for the annotations that have one. */
const environmentNames: Record<string, string> = {
  location: "LOCATION",
  "network-zone": "NETWORK_ZONE",
  "use-private-ip": "USE_PRIVATE_IP",
  "disable-private-ingress": "DISABLE_PRIVATE_INGRESS",
  "disable-public-network": "DISABLE_PUBLIC_NETWORK",
  "ipv6-disabled": "DISABLE_IPV6",
  "algorithm-type": "ALGORITHM_TYPE",
  "uses-proxyprotocol": "USES_PROXYPROTOCOL",
};

export function balancerDefaults(variable: (name: string) => string | undefined): BalancerDefaults {
  const entries = Object.entries(environmentNames).map(([key, name]) => [key, variable(environmentPrefix + name)]);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined));
}

/** A place that the Service names itself replaces either place of the defaults. */
function settingsOf(service: V1Service, defaults: BalancerDefaults): (key: string) => string | undefined {
  const annotations = service.metadata?.annotations ?? {};
  const own = (key: string): string | undefined => annotations[prefix + key] || undefined;
  const placed = own("location") !== undefined || own("network-zone") !== undefined;
  return (key) => own(key) ?? (placed && (key === "location" || key === "network-zone") ? undefined : defaults[key]);
}

function isTrue(text: string | undefined): boolean {
  return /^(1|t|true)$/i.test(text ?? "");
}

export function wantedLoadBalancer(
  service: V1Service,
  nodes: readonly V1Node[],
  networkId?: number,
  defaults: BalancerDefaults = {},
): WantedLoadBalancer {
  const text = settingsOf(service, defaults);
  const flag = (key: string, fallback: boolean): boolean => {
    const value = text(key);
    if (value === undefined) return fallback;
    if (isTrue(value)) return true;
    if (/^(0|f|false)$/i.test(value)) return false;
    throw new AnnotationError(`${prefix}${key} is "${value}"; allowed are true and false`);
  };
  const location = text("location");
  const networkZone = text("network-zone");
  if (!location && !networkZone) {
    throw new AnnotationError(
      `neither ${prefix}location nor ${prefix}network-zone set: the controller does not know where to create it`,
    );
  }
  if (location && networkZone) throw new AnnotationError(`set ${prefix}location or ${prefix}network-zone, not both`);
  const usePrivateIp = flag("use-private-ip", false);
  if (usePrivateIp && networkId === undefined) {
    throw new AnnotationError(
      `${prefix}use-private-ip needs networking.enabled and a network in the controller's Secret`,
    );
  }
  return {
    name: text("name") ?? defaultName(service),
    type: text("type") ?? "lb11",
    location,
    networkZone,
    algorithm: algorithm(text("algorithm-type")),
    publicNetwork: !flag("disable-public-network", false),
    network: networkId,
    privateIp: text("private-ipv4"),
    usePrivateIp,
    services: servicesOf(service, text("protocol"), flag("uses-proxyprotocol", false)),
    serverIds: targetServers(nodes, text("node-selector")),
  };
}

/** As Kubernetes names them: "a" and the uid without dashes, 32 characters. */
export function defaultName(service: V1Service): string {
  return `a${(service.metadata?.uid ?? "").replaceAll("-", "")}`.slice(0, 32);
}

function algorithm(value = "round_robin"): WantedLoadBalancer["algorithm"] {
  if (value === "round_robin" || value === "least_connections") return value;
  throw new AnnotationError(`${prefix}algorithm-type is "${value}"; allowed are round_robin and least_connections`);
}

function servicesOf(service: V1Service, protocol = "tcp", proxyprotocol: boolean): LoadBalancerService[] {
  if (protocol !== "tcp" && protocol !== "http" && protocol !== "https") {
    throw new AnnotationError(`${prefix}protocol is "${protocol}"; allowed are tcp, http and https`);
  }
  return (service.spec?.ports ?? []).map((port) => {
    if ((port.protocol ?? "TCP") !== "TCP") {
      throw new AnnotationError(`port ${port.port} is ${port.protocol}; load balancers carry TCP only`);
    }
    return { protocol, listen_port: port.port, destination_port: port.nodePort ?? 0, proxyprotocol };
  });
}

function targetServers(nodes: readonly V1Node[], selector = ""): number[] {
  const wanted = selector
    .split(",")
    .filter((term) => term !== "")
    .map((term) => term.split(/==?/, 2) as [string, string | undefined]);
  return nodes
    .filter((node) => {
      const labels = node.metadata?.labels ?? {};
      return (
        isNodeReady(node) &&
        !("node.kubernetes.io/exclude-from-external-load-balancers" in labels) &&
        !node.spec?.taints?.some(({ key }) => key === uninitializedTaint || key === "ToBeDeletedByClusterAutoscaler") &&
        wanted.every(([key, value]) => (value === undefined ? key in labels : labels[key] === value))
      );
    })
    .map(providerServerId)
    .filter((id) => id !== undefined)
    .sort((a, b) => a - b);
}

/** Calls that bring an existing load balancer to what is wanted, in order; [] when it is as it should be. */
export function changesTo(have: CloudLoadBalancer, want: WantedLoadBalancer): { path: string; body: object }[] {
  const calls: { path: string; body: object }[] = [];
  const action = (name: string, body: object) => calls.push({ path: `actions/${name}`, body });
  if (have.load_balancer_type.name !== want.type) action("change_type", { load_balancer_type: want.type });
  if (want.network !== undefined && !have.private_net.some(({ network }) => network === want.network)) {
    action("attach_to_network", { network: want.network, ...(want.privateIp ? { ip: want.privateIp } : {}) });
  }
  if (have.public_net.enabled !== want.publicNetwork) {
    action(want.publicNetwork ? "enable_public_interface" : "disable_public_interface", {});
  }
  for (const service of have.services) {
    if (!want.services.some(({ listen_port }) => listen_port === service.listen_port)) {
      action("delete_service", { listen_port: service.listen_port });
    }
  }
  for (const service of want.services) {
    const existing = have.services.find(({ listen_port }) => listen_port === service.listen_port);
    if (!existing) action("add_service", service);
    else if (
      existing.protocol !== service.protocol ||
      existing.destination_port !== service.destination_port ||
      existing.proxyprotocol !== service.proxyprotocol
    ) {
      action("update_service", service);
    }
  }
  const targets = have.targets.filter(({ type }) => type === "server");
  for (const target of targets) {
    const id = target.server!.id;
    if (!want.serverIds.includes(id) || target.use_private_ip !== want.usePrivateIp) {
      action("remove_target", { type: "server", server: { id } });
    }
  }
  for (const id of want.serverIds) {
    const existing = targets.find(({ server }) => server?.id === id);
    if (!existing || existing.use_private_ip !== want.usePrivateIp) {
      action("add_target", { type: "server", server: { id }, use_private_ip: want.usePrivateIp });
    }
  }
  return calls;
}

export function ingressOf(
  service: V1Service,
  balancer: CloudLoadBalancer,
  defaults: BalancerDefaults = {},
): V1LoadBalancerIngress[] {
  const text = settingsOf(service, defaults);
  const hostname = text("hostname");
  if (hostname) return [{ hostname }];
  const ingress: V1LoadBalancerIngress[] = [];
  const add = (ip: string | null | undefined) => {
    if (ip) ingress.push({ ip, ipMode: isTrue(text("uses-proxyprotocol")) ? "Proxy" : "VIP" });
  };
  if (balancer.public_net.enabled) {
    add(balancer.public_net.ipv4.ip);
    if (!isTrue(text("ipv6-disabled"))) add(balancer.public_net.ipv6.ip);
  }
  if (!isTrue(text("disable-private-ingress"))) {
    for (const { ip } of balancer.private_net) add(ip);
  }
  return ingress;
}
