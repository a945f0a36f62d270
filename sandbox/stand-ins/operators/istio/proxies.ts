import type { KubernetesObject } from "@kubernetes/client-node";
import type { Gateway } from "../gateway-api/types";
import { ownedBy } from "../types";
import { overlay } from "./overlay";

/** What Istio's template for gateways takes from the values of its chart. */
export interface TemplateValues {
  gateways?: { seccompProfile?: object };
  global?: { hub?: string; tag?: string; variant?: string };
}

/** Patches by the kinds of the objects, in Istio's words. */
export type Overlays = Partial<Record<"deployment" | "service" | "serviceAccount" | "podDisruptionBudget", unknown>>;

/** What Istio makes for a Gateway, under the names of the Gateway and its class together. */
export function proxyObjects(gateway: Gateway, values: TemplateValues, overlays: Overlays): KubernetesObject[] {
  const { name: gatewayName, namespace } = gateway.metadata!;
  const name = deploymentName(gateway);
  const labels = labelsOf(gateway);
  const metadata = { name, namespace, labels, ownerReferences: ownedBy(gateway) };
  const selector = { "gateway.networking.k8s.io/gateway-name": gatewayName! };
  const object = (apiVersion: string, kind: string, rest: object, patch: unknown): KubernetesObject =>
    overlay({ apiVersion, kind, metadata, ...rest }, patch ?? {});
  return [
    object("v1", "ServiceAccount", {}, overlays.serviceAccount),
    object("apps/v1", "Deployment", { spec: deploymentSpec(name, labels, selector, values) }, overlays.deployment),
    object("v1", "Service", { spec: { type: "LoadBalancer", selector, ports: ports(gateway) } }, overlays.service),
    // Only where somebody has said something about it.
    ...(overlays.podDisruptionBudget === undefined
      ? []
      : [
          object(
            "policy/v1",
            "PodDisruptionBudget",
            { spec: { selector: { matchLabels: selector } } },
            overlays.podDisruptionBudget,
          ),
        ]),
  ];
}

export function deploymentName(gateway: Gateway): string {
  return `${gateway.metadata!.name}-${gateway.spec.gatewayClassName}`;
}

function labelsOf(gateway: Gateway): Record<string, string> {
  return {
    "gateway.istio.io/managed": "istio.io-gateway-controller",
    "gateway.networking.k8s.io/gateway-class-name": gateway.spec.gatewayClassName,
    "gateway.networking.k8s.io/gateway-name": gateway.metadata!.name!,
  };
}

function ports(gateway: Gateway): object[] {
  const numbers = new Map(gateway.spec.listeners.map(({ port, name }) => [port, name]));
  const listeners = [...numbers].map(([port, name]) => ({ name, port, protocol: "TCP" }));
  return [{ name: "status-port", port: 15021, protocol: "TCP" }, ...listeners];
}

function deploymentSpec(
  name: string,
  labels: Record<string, string>,
  selector: Record<string, string>,
  { gateways = {}, global = {} }: TemplateValues,
): object {
  const { hub = "registry.istio.io/release", tag = "1.30.3", variant = "" } = global;
  return {
    selector: { matchLabels: selector },
    template: {
      metadata: {
        labels: { ...labels, "sidecar.istio.io/inject": "false" },
        annotations: { "istio.io/rev": "default" },
      },
      spec: {
        serviceAccountName: name,
        securityContext: {
          sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
          ...(gateways.seccompProfile === undefined ? {} : { seccompProfile: gateways.seccompProfile }),
        },
        containers: [proxy(`${hub}/proxyv2:${tag}${variant === "" ? "" : `-${variant}`}`)],
      },
    },
  };
}

function proxy(image: string): object {
  return {
    name: "istio-proxy",
    image,
    args: ["proxy", "router"],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "2", memory: "1Gi" } },
    securityContext: {
      capabilities: { drop: ["ALL"] },
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsUser: 1337,
      runAsGroup: 1337,
      runAsNonRoot: true,
    },
    ports: [
      { name: "metrics", containerPort: 15020, protocol: "TCP" },
      { name: "status-port", containerPort: 15021, protocol: "TCP" },
    ],
    readinessProbe: { httpGet: { path: "/healthz/ready", port: 15021, scheme: "HTTP" }, periodSeconds: 15 },
  };
}
