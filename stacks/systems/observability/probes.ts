import { gatewayLoadBalancerAddress } from "../../../components/hetzner/address-plan";
import type { Operator } from "../../../components/kit/operator";
import { type GatewayFacts, Probes } from "../../../components/observability/probes";
import { envoyPodPort } from "../../../components/platform/gateway/envoy/specs";
import { nginxPodPort } from "../../../components/platform/gateway/nginx/values";
import type { Settings } from "../../settings";
import { plannedProbes } from "../../settings/probes";
import { plannedTcpRoutes } from "../../settings/routes";
import type { LateSystems, SystemContext } from "../context";

/** Whether everything that is exposed answers; undefined where nothing is to be asked. */
export function createProbes(context: SystemContext, systems: LateSystems, operator: Operator): Probes | undefined {
  const { settings, platform, opts } = context;
  const { enabled, intervalSeconds } = settings.observability.probes;
  const targets = enabled ? plannedProbes(settings) : [];
  if (targets.length === 0) return undefined;
  const { namespaces } = platform;
  return new Probes(
    "blackbox-exporter",
    { namespaces, targets, intervalSeconds, operator, gateway: gatewayFacts(context, systems) },
    opts,
  );
}

/**
 * Asked at the private address of its load balancer, through which whatever is outside comes as well. With public
 * addresses in DNS that one is not an address of the Service, so Cilium lets it leave the cluster: the load balancer
 * and the nodes' ports are tried too. Where the private address is the Service's own, the cloud controller marks it as
 * the load balancer's business (`ipMode: Proxy`) only with the PROXY protocol; without it Cilium leads the connection to
 * the gateway's pods itself.
 */
function gatewayFacts(
  { settings, platform }: SystemContext,
  { gateway, certificates }: LateSystems,
): GatewayFacts | undefined {
  if (gateway === undefined) return undefined;
  const { proxyProtocol, public: isPublic } = settings.gateway.loadBalancer;
  return {
    address: gatewayLoadBalancerAddress(settings.network.nodeCidr),
    trust: trustOf(settings, certificates),
    ...(isPublic || proxyProtocol
      ? {}
      : { direct: { pods: gateway.pods, namespace: platform.namespaces.get("gateway"), ports: podPorts(settings) } }),
  };
}

function trustOf(
  { certificates: { issuer } }: Settings,
  certificates: LateSystems["certificates"],
): GatewayFacts["trust"] {
  if (issuer === "letsencrypt-staging") return { by: "nobody" };
  if (issuer !== "internal" || certificates === undefined) return { by: "public" };
  return { by: "authority", authority: certificates.trust("observability") };
}

/** Where the gateway's pods listen for what clients ask at these ports. */
function podPorts(settings: Settings) {
  const { kind } = settings.gateway;
  const podPort = { envoy: envoyPodPort, nginx: nginxPodPort, istio: (port: number) => port }[kind];
  const ports = [443, ...plannedTcpRoutes(settings).map(({ port }) => port)];
  return ports.map((port) => ({ name: String(port), port: podPort(port) }));
}
