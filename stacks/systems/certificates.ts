import type { Certificates } from "../../components/kit/certificates";
import { ChartDefinitions } from "../../components/kit/chart-definitions";
import { locateChart } from "../../components/kit/chart-location";
import { charts } from "../../components/kit/charts";
import { type AcmeArgs, PlatformCertificates } from "../../components/platform/certificates";
import { GATEWAY, GATEWAY_NAMESPACE } from "../../components/platform/gateway/names";
import { INGRESS_CLASS } from "../../components/platform/gateway/nginx/values";
import type { Settings } from "../settings";
import { dnsZone } from "../settings/dns";
import type { SystemContext, Systems } from "./context";

/** cert-manager, the internal authority, and the issuer of what the world sees. */
export function createCertificates(
  context: SystemContext,
  systems: Pick<Systems, "secrets">,
): Certificates | undefined {
  const { settings, platform, protection, opts } = context;
  if (!settings.certificates.enabled) {
    return undefined;
  }
  return new PlatformCertificates(
    "certificates",
    {
      charts: platform.charts,
      namespaces: platform.namespaces,
      clusterName: settings.cluster.name,
      generations: settings.certificates.internal.generations,
      acme: acme(settings, systems),
      protection,
      gatewayApi: createGatewayApi(context),
    },
    opts,
  );
}

/** Who signs over ACME, and how names are proved; undefined while the internal authority signs everything. */
function acme(settings: Settings, { secrets }: Pick<Systems, "secrets">): AcmeArgs | undefined {
  const { issuer, email = "", challenge } = settings.certificates;
  if (issuer === "internal") {
    return undefined;
  }
  const { provider } = settings.dns;
  if (challenge === "dns01" && provider !== undefined) {
    return { issuer, email, challenge: { kind: "dns01", provider, zone: dnsZone(settings), secrets } };
  }
  return {
    issuer,
    email,
    challenge: {
      kind: "http01",
      namespace: GATEWAY_NAMESPACE,
      through:
        settings.gateway.kind === "nginx"
          ? { via: "ingress", ingressClass: INGRESS_CLASS }
          : { via: "gateway", gateway: GATEWAY, namespace: GATEWAY_NAMESPACE, listener: "http" },
    },
  };
}

/** The Gateway API's definitions before there is a gateway: cert-manager does not start without what it watches. */
function createGatewayApi({ settings, platform, opts }: SystemContext): ChartDefinitions | undefined {
  const { issuer, challenge } = settings.certificates;
  const { kubeconfig } = platform.charts;
  const watched = issuer !== "internal" && challenge === "http01" && settings.gateway.kind !== "nginx";
  return watched && kubeconfig !== undefined
    ? new ChartDefinitions(
        "gateway-api-definitions",
        { location: locateChart(charts.envoyGateway, platform.charts), kubeconfig },
        opts,
      )
    : undefined;
}
