import type { ChartValues } from "../../../kit/chart";
import { exceptionAnnotations } from "../../../kit/labels";
import { priorities } from "../../../kit/priorities";
import { type Environment, resources } from "../../../kit/sizes";
import type { DataPlaneSize } from "../data-plane";
import { GATEWAY, GATEWAY_NAMESPACE } from "../names";
import { proxyResources } from "../sizes";

/** Class of the Gateway. Istio's own, `istio`, is left to others: how these pods look is said for each class. */
export const GATEWAY_CLASS = "orrery-istio";
export const CONTROLLER_NAME = "istio.io/gateway-controller";

/** Labels that Istio puts on the pods of a Gateway. */
export const PROXY_LABELS = { "gateway.networking.k8s.io/gateway-name": GATEWAY };
/** Where the proxies say what goes through them: Istio's own. */
export const PROXY_METRICS = { port: { name: "metrics", port: 15020 }, path: "/stats/prometheus" } as const;
/** Labels of the control plane's pods. */
export const ISTIOD_LABELS = { istio: "pilot" };
/** Labels of the agents that lead a pod's traffic into the mesh. */
export const CNI_LABELS = { "k8s-app": "istio-cni-node" };
/** Labels of the proxies of the mesh, one on each node. */
export const ZTUNNEL_LABELS = { app: "ztunnel" };

/** Images without a shell. */
const VARIANT = "distroless";

const RUNTIME_DEFAULT = { type: "RuntimeDefault" };

export interface IstiodValuesArgs extends Pick<DataPlaneSize, "replicas" | "size" | "proxyProtocol"> {
  readonly environment: Environment;
  /** Whether pods speak mutual TLS with each other. */
  readonly mesh: boolean;
}

/** Values of the chart base: definitions, and nothing that runs. */
export function baseValues(): ChartValues {
  // An account for clusters that are reached from another one.
  return { global: { enableReaderRBAC: false } };
}

/** Values of the chart istiod: the control plane, and how the pods of our Gateway look. */
export function istiodValues(args: IstiodValuesArgs): ChartValues {
  const several = args.environment === "prod";
  return {
    autoscaleEnabled: false,
    replicaCount: several ? 2 : 1,
    // The chart asks for 500m and 2 GiB; Istio's own measurement is 1 GiB for 1,000 services.
    resources: { ...(several ? resources(200, 512, 2048) : resources(50, 256, 1024)) },
    seccompProfile: RUNTIME_DEFAULT,
    podAnnotations: token("istiod reads Gateways, routes and Services, and makes the gateway's pods"),
    ...(several ? { topologySpreadConstraints: spread(ISTIOD_LABELS) } : {}),
    global: { variant: VARIANT, priorityClassName: priorities.platform.name },
    gateways: { seccompProfile: RUNTIME_DEFAULT },
    gatewayClasses: { [GATEWAY_CLASS]: gatewayOverlays(args) },
    meshConfig: { defaultConfig: proxyConfig(args) },
    ...(args.mesh ? { env: { PILOT_ENABLE_AMBIENT: "true" } } : {}),
  };
}

/** Only gateways look at the topology, and this mesh has no other. */
function proxyConfig({ proxyProtocol, mesh }: IstiodValuesArgs): ChartValues {
  return {
    ...(proxyProtocol ? { gatewayTopology: { proxyProtocol: {} } } : {}),
    ...(mesh ? { proxyMetadata: { ISTIO_META_ENABLE_HBONE: "true" } } : {}),
  };
}

/** Laid over the objects that Istio makes for a Gateway of our class. */
function gatewayOverlays({ replicas, size }: Pick<DataPlaneSize, "replicas" | "size">): ChartValues {
  return {
    // The load balancer is a Service of ours.
    service: { spec: { type: "ClusterIP" } },
    deployment: {
      spec: {
        replicas,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: {
          metadata: {
            labels: { "orrery.dev/metrics-port": PROXY_METRICS.port.name, "orrery.dev/domain": GATEWAY_NAMESPACE },
            annotations: { "orrery.dev/metrics-path": PROXY_METRICS.path },
          },
          spec: {
            priorityClassName: priorities.platform.name,
            // A node's drain and a roll-out wait for requests under way.
            terminationGracePeriodSeconds: 60,
            containers: [{ name: "istio-proxy", resources: { ...proxyResources(size) } }],
            ...(replicas > 1 ? { topologySpreadConstraints: spread(PROXY_LABELS) } : {}),
          },
        },
      },
    },
    ...(replicas > 1 ? { podDisruptionBudget: { spec: { maxUnavailable: 1 } } } : {}),
  };
}

function spread(matchLabels: Readonly<Record<string, string>>) {
  const even = { maxSkew: 1, nodeTaintsPolicy: "Honor", labelSelector: { matchLabels } };
  return [
    { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule", ...even },
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", ...even },
  ];
}

/** Values of the chart cni. Talos keeps CNI's programs and settings where the chart looks for them. */
export function cniValues(): ChartValues {
  return {
    ambient: { enabled: true },
    // For sidecars, of which there are none.
    repair: { enabled: false },
    resources: { ...resources(50, 100, 256) },
    podAnnotations: {
      ...token("the agent watches the pods of its node"),
      ...exceptionAnnotations([
        {
          rule: "read-only-root-filesystem",
          reason: "the chart does not offer it; the agent writes into the node's CNI directories",
        },
      ]),
    },
    global: { variant: VARIANT },
  };
}

/** Values of the chart ztunnel. Its own 512 MiB are for 200,000 pods or 100,000 connections at once. */
export function ztunnelValues(): ChartValues {
  return {
    resources: { ...resources(100, 128, 1024) },
    podAnnotations: token("ztunnel shows it to istiod, which signs the certificates of the node's pods"),
  };
}

function token(reason: string): Record<string, string> {
  return exceptionAnnotations([{ rule: "service-account-token", reason }]);
}
