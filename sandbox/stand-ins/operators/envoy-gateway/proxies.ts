import type { KubernetesObject, V1Container, V1Deployment } from "@kubernetes/client-node";
import type { Gateway } from "../gateway-api/types";
import { ownedBy } from "../types";

/** What Envoy Gateway 1.9 runs when the EnvoyProxy names no image. */
const envoyImage = "docker.io/envoyproxy/envoy:distroless-v1.39.0";
const shutdownImage = "docker.io/envoyproxy/gateway:v1.9.0";
/** Ports below 1024 are moved up by this. */
const shift = 10_000;

export interface EnvoyProxy extends KubernetesObject {
  spec: {
    provider?: {
      kubernetes?: {
        envoyService?: { type?: string };
        envoyDeployment?: {
          replicas?: number;
          strategy?: object;
          container?: { image?: string; resources?: object; securityContext?: object };
          pod?: { labels?: Record<string, string>; annotations?: Record<string, string> } & Record<string, unknown>;
        };
        envoyPDB?: Record<string, unknown>;
      };
    };
  };
}

type Settings = NonNullable<NonNullable<EnvoyProxy["spec"]["provider"]>["kubernetes"]>;

/** In the mode GatewayNamespace everything has the Gateway's name and namespace, and goes with it. */
export function proxyObjects(gateway: Gateway, proxy: EnvoyProxy | undefined, controller: string): KubernetesObject[] {
  const settings = proxy?.spec.provider?.kubernetes ?? {};
  const labels = labelsOf(gateway);
  const { name, namespace } = gateway.metadata!;
  const metadata = { name, namespace, labels, ownerReferences: ownedBy(gateway) };
  const object = (apiVersion: string, kind: string, rest: object) => ({ apiVersion, kind, metadata, ...rest });
  const type = settings.envoyService?.type ?? "LoadBalancer";
  return [
    object("v1", "ServiceAccount", {}),
    object("v1", "ConfigMap", { data: { "xds-trusted-ca.json": "{}", "xds_service_account_token.json": "{}" } }),
    object("v1", "Service", { spec: { type, selector: labels, ports: ports(gateway) } }),
    deployment(metadata, settings, controller),
    ...(settings.envoyPDB
      ? [
          object("policy/v1", "PodDisruptionBudget", {
            spec: { ...settings.envoyPDB, selector: { matchLabels: labels } },
          }),
        ]
      : []),
  ];
}

function labelsOf(gateway: Gateway): Record<string, string> {
  const { name, namespace } = gateway.metadata!;
  return {
    "app.kubernetes.io/component": "proxy",
    "app.kubernetes.io/managed-by": "envoy-gateway",
    "app.kubernetes.io/name": "envoy",
    "gateway.envoyproxy.io/owning-gateway-name": name!,
    "gateway.envoyproxy.io/owning-gateway-namespace": namespace!,
    "gateway.networking.k8s.io/gateway-name": name!,
  };
}

function ports(gateway: Gateway): object[] {
  const numbers = [...new Map(gateway.spec.listeners.map(({ port, protocol }) => [port, protocol]))];
  return numbers.map(([port, protocol]) => ({
    name: `${protocol.toLowerCase()}-${port}`,
    port,
    protocol: "TCP",
    targetPort: port < 1024 ? port + shift : port,
  }));
}

type Metadata = { name?: string; namespace?: string; labels: Record<string, string>; ownerReferences: unknown };

function deployment(metadata: Metadata, settings: Settings, controller: string): V1Deployment {
  const { replicas = 1, strategy, container = {}, pod = {} } = settings.envoyDeployment ?? {};
  const { labels: podLabels, annotations, ...podSpec } = pod;
  const spec = {
    replicas,
    ...(strategy ? { strategy } : {}),
    selector: { matchLabels: metadata.labels },
    template: {
      metadata: { labels: { ...podLabels, ...metadata.labels }, annotations },
      spec: {
        ...podSpec,
        automountServiceAccountToken: false,
        serviceAccountName: metadata.name,
        terminationGracePeriodSeconds: 360,
        containers: [envoy(container), shutdownManager(container.securityContext)],
        volumes: [{ name: "sa-token", projected: { sources: [token(controller)] } }],
      },
    },
  };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec } as V1Deployment;
}

const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  runAsGroup: 65532,
  runAsNonRoot: true,
  runAsUser: 65532,
  seccompProfile: { type: "RuntimeDefault" },
};

function envoy(container: { image?: string; resources?: object; securityContext?: object }): V1Container {
  return {
    name: "envoy",
    image: container.image ?? envoyImage,
    resources: container.resources ?? { requests: { cpu: "100m", memory: "512Mi" } },
    securityContext: container.securityContext ?? restricted,
    ports: [
      { name: "metrics", containerPort: 19001 },
      { name: "readiness", containerPort: 19003 },
    ],
    readinessProbe: { httpGet: { path: "/ready", port: 19003 }, periodSeconds: 5, failureThreshold: 1 },
  };
}

function shutdownManager(securityContext: object = restricted): V1Container {
  return {
    name: "shutdown-manager",
    image: shutdownImage,
    args: ["envoy", "shutdown-manager"],
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
    securityContext,
  };
}

function token(controller: string): object {
  const audience = `envoy-gateway.${controller}.svc.cluster.local`;
  return { serviceAccountToken: { audience, expirationSeconds: 3600, path: "sa-token" } };
}
