import { gatewayLoadBalancerAddress } from "../../components/hetzner/address-plan";
import type { Certificates } from "../../components/kit/certificates";
import type { Gateway } from "../../components/kit/route";
import {
  type DataPlane,
  EnvoyDataPlane,
  IstioDataPlane,
  NginxDataPlane,
  PublicGateway,
} from "../../components/platform/gateway";
import type { Settings } from "../settings";
import { gatewayReplicas, listenFacts } from "../settings/routes";
import type { SystemContext, Systems } from "./context";

export function createGateway(
  context: SystemContext,
  systems: Pick<Systems, "secrets" | "certificates">,
): Gateway | undefined {
  const { settings, platform, opts } = context;
  if (!settings.gateway.enabled) {
    return undefined;
  }
  return new PublicGateway(
    "gateway",
    {
      namespace: platform.namespaces.get("gateway"),
      dataPlane: createDataPlane(context),
      listen: listenFacts(settings),
      redirectHttp: settings.gateway.redirectHttp,
      certificates: needed(systems.certificates),
      loadBalancer: loadBalancer(settings),
    },
    opts,
  );
}

function createDataPlane({ settings, platform, cluster: { kubeconfig }, opts }: SystemContext): DataPlane {
  const { kind, size, loadBalancer, mesh } = settings.gateway;
  const args = {
    charts: platform.charts,
    namespaces: platform.namespaces,
    replicas: gatewayReplicas(settings),
    size,
    proxyProtocol: loadBalancer.proxyProtocol,
  };
  switch (kind) {
    case "envoy":
      return new EnvoyDataPlane("envoy-gateway", { ...args, traces: settings.observability.traces.gateway }, opts);
    case "nginx":
      return new NginxDataPlane("nginx", args, opts);
    case "istio":
      return new IstioDataPlane("istio", { ...args, kubeconfig, mesh: mesh.enabled }, opts);
  }
}

function loadBalancer({ cluster, controlPlane, gateway, network }: Settings) {
  const { type, location, proxyProtocol, public: isPublic } = gateway.loadBalancer;
  return {
    hetznerName: `${cluster.name}-gateway`,
    type,
    location: location ?? controlPlane.locations[0]!,
    privateIp: gatewayLoadBalancerAddress(network.nodeCidr),
    proxyProtocol,
    public: isPublic,
  };
}

/** A rule refuses a gateway without certificates before anything is made. */
function needed(certificates: Certificates | undefined): Certificates {
  if (certificates === undefined) {
    throw new Error("The gateway needs certificates: set orrery:certificates.enabled to true.");
  }
  return certificates;
}
