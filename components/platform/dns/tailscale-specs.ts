import type { ChartValues } from "../../kit/chart";
import { type Exception, exceptionAnnotations } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";

/** ProxyClass of everything that the operator runs. */
export const PROXY_CLASS = "orrery";

/** Labels that the operator puts on the pods of its proxies. */
export const PROXY_LABELS = { "tailscale.com/managed": "true" };

export interface TailscaleFacts {
  readonly clusterName: string;
  /** Tag of the proxies; the operator's own tag must own it. */
  readonly tag: string;
}

const EXCEPTIONS: readonly Exception[] = [
  { rule: "service-account-token", reason: "it watches Connectors and runs their proxies" },
  { rule: "read-only-root-filesystem", reason: "it keeps files of its tailnet device in its home directory" },
];

/** Values of the operator's chart. Its credentials are the Secret `operator-oauth`. */
export function tailscaleValues({ clusterName, tag }: TailscaleFacts): ChartValues {
  return {
    operatorConfig: {
      hostname: `${clusterName}-operator`,
      // The image's tag says which it is; asking the registry at each start would make it part of every restart.
      image: { pullPolicy: "IfNotPresent" },
      priorityClassName: priorities.platform.name,
      podAnnotations: exceptionAnnotations(EXCEPTIONS),
      resources: { ...resources(50, 96, 256) },
      podSecurityContext: { seccompProfile: { type: "RuntimeDefault" } },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
    proxyConfig: { defaultTags: tag, defaultProxyClass: PROXY_CLASS },
    // Nothing here is exposed by an Ingress of Tailscale's: the gateway is the one way in.
    ingressClass: { enabled: false },
  };
}

/** Where each proxy says how it is; the operator's own. */
export const PROXY_METRICS = { name: "metrics", port: 9002 } as const;

/** Spec of the ProxyClass: how the proxies' pods are made. */
export function proxyClassSpec() {
  return {
    metrics: { enable: true },
    statefulSet: {
      pod: {
        priorityClassName: priorities.platform.name,
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
        tailscaleContainer: {
          resources: { ...resources(50, 64, 256) },
          // Routes are set up in the pod's own network: this one right, and no other.
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } },
        },
        // It switches forwarding on in the pod's own network, which takes more rights than it uses.
        tailscaleInitContainer: { resources: { ...resources(5, 16, 64) } },
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: PROXY_LABELS },
          },
        ],
      },
    },
  };
}

export interface ConnectorFacts extends TailscaleFacts {
  /** CIDRs that the tailnet reaches through the cluster. */
  readonly routes: readonly string[];
  readonly environment: Environment;
}

/** Spec of the Connector: a subnet router, and a second one that takes over in prod. */
export function connectorSpec({ clusterName, tag, routes, environment }: ConnectorFacts) {
  return {
    hostnamePrefix: clusterName,
    replicas: environment === "prod" ? 2 : 1,
    tags: [tag],
    proxyClass: PROXY_CLASS,
    subnetRouter: { advertiseRoutes: [...routes] },
  };
}

/** Ports of the nodes that administrators use: the Kubernetes API, and Talos. */
const ADMIN_PORTS = [6443, 50000];

/**
 * What the subnet routers may reach. A device of the tailnet may be behind any port, so the world is open to them; of
 * the cluster they see the ports of administrators on the nodes and nothing else.
 */
export function connectorPolicySpec() {
  return {
    endpointSelector: { matchLabels: { ...PROXY_LABELS } },
    egress: [
      { toEntities: ["world"] },
      {
        toEntities: ["kube-apiserver", "host", "remote-node"],
        toPorts: [{ ports: ADMIN_PORTS.map((port) => ({ port: String(port), protocol: "TCP" })) }],
      },
    ],
  };
}
