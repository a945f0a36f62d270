import type { KubernetesObject, V1Container, V1PodSpec, V1Secret, V1StatefulSet } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { secrets } from "../../runtime/kinds";
import { type Condition, type Desired, handler, type Observed, type Operator, ownedBy, withCondition } from "../types";

type Part = Pick<V1Container, "resources" | "securityContext">;

interface ProxyClass extends KubernetesObject {
  spec: {
    metrics?: { enable?: boolean };
    statefulSet?: {
      labels?: Record<string, string>;
      pod?: Pick<V1PodSpec, "priorityClassName" | "securityContext" | "topologySpreadConstraints"> & {
        tailscaleContainer?: Part;
        tailscaleInitContainer?: Part;
      };
    };
  };
  status?: { conditions?: Condition[] };
}

interface Connector extends KubernetesObject {
  spec: {
    hostname?: string;
    hostnamePrefix?: string;
    replicas?: number;
    proxyClass?: string;
    subnetRouter?: { advertiseRoutes: string[] };
    exitNode?: boolean;
  };
  status?: { conditions?: Condition[] };
}

const apiVersion = "tailscale.com/v1alpha1";
const proxyClassKind: Kind = { apiVersion, kind: "ProxyClass", plural: "proxyclasses" };
const connectorKind: Kind = { apiVersion, kind: "Connector", plural: "connectors" };
const statefulSets: Kind = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" };

/** Of the chart; the operator takes it from its own environment. */
const image = "tailscale/tailscale:stand-in";

export const tailscale: Operator = {
  name: "tailscale-operator",
  image: /(^|\/)k8s-operator[:@]/,
  standsInFor: "Tailscale: subnet routers take their room, and join no tailnet",
  children: [statefulSets],
  handlers: [
    handler<ProxyClass>({ kind: proxyClassKind, uses: [], desired: desiredProxyClass }),
    handler<Connector>({ kind: connectorKind, uses: [proxyClassKind], desired: desiredConnector }),
  ],
};

export function desiredProxyClass({ status }: ProxyClass, { now }: Observed): Desired {
  const condition: Condition = {
    type: "ProxyClassReady",
    status: "True",
    reason: "ProxyClassValid",
    message: "ProxyClassValid",
  };
  return { status: { conditions: withCondition(status?.conditions, condition, now) } };
}

export function desiredConnector(connector: Connector, observed: Observed): Desired {
  const { proxyClass: className } = connector.spec;
  const proxyClass = className === undefined ? undefined : observed.find<ProxyClass>(proxyClassKind, className);
  const problem = problemOf(connector, proxyClass, observed);
  const condition: Condition = {
    type: "ConnectorReady",
    status: problem === undefined ? "True" : "False",
    ...(problem ?? { reason: "ConnectorCreated", message: "ConnectorCreated" }),
  };
  return {
    objects: problem === undefined ? [statefulSet(connector, proxyClass, observed)] : [],
    status: {
      conditions: withCondition(connector.status?.conditions, condition, observed.now),
      subnetRoutes: (connector.spec.subnetRouter?.advertiseRoutes ?? []).join(","),
      isExitNode: connector.spec.exitNode === true,
    },
  };
}

function problemOf(
  { spec }: Connector,
  proxyClass: ProxyClass | undefined,
  observed: Observed,
): Pick<Condition, "reason" | "message"> | undefined {
  const invalid = (message: string) => ({ reason: "ConnectorInvalid", message: `Connector is invalid: ${message}` });
  if (spec.subnetRouter === undefined && spec.exitNode !== true) {
    return invalid("a Connector must expose subnet routes or act as an exit node (or both)");
  }
  if (spec.proxyClass !== undefined && proxyClass === undefined) {
    return invalid(`ProxyClass ${spec.proxyClass} is not in a ready state, waiting`);
  }
  const oauth = observed.find<V1Secret>(secrets, "operator-oauth", observed.operatorNamespace);
  const missing = ["client_id", "client_secret"].filter((key) => oauth?.data?.[key] === undefined);
  return missing.length === 0
    ? undefined
    : { reason: "ConnectorCreationFailed", message: `operator-oauth has no ${missing.join(" and no ")}` };
}

/** What the operator adds where the class switches metrics on. */
const metricsPort = { name: "metrics", protocol: "TCP", containerPort: 9002 };

function statefulSet(connector: Connector, proxyClass: ProxyClass | undefined, observed: Observed): V1StatefulSet {
  const name = `ts-${connector.metadata!.name}`;
  const labels = {
    ...proxyClass?.spec.statefulSet?.labels,
    app: connector.metadata!.uid!,
    "tailscale.com/managed": "true",
    "tailscale.com/parent-resource": connector.metadata!.name!,
    "tailscale.com/parent-resource-type": "connector",
  };
  const { tailscaleContainer = {}, tailscaleInitContainer = {}, ...pod } = proxyClass?.spec.statefulSet?.pod ?? {};
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: observed.operatorNamespace, labels, ownerReferences: ownedBy(connector) },
    spec: {
      serviceName: name,
      replicas: connector.spec.replicas ?? 1,
      selector: { matchLabels: { app: labels.app } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: "proxies",
          ...pod,
          initContainers: [
            { name: "sysctler", image, securityContext: { privileged: true }, ...tailscaleInitContainer },
          ],
          containers: [
            {
              name: "tailscale",
              image,
              securityContext: { capabilities: { add: ["NET_ADMIN"] } },
              ...(proxyClass?.spec.metrics?.enable ? { ports: [metricsPort] } : {}),
              ...tailscaleContainer,
            },
          ],
        },
      },
    },
  };
}
