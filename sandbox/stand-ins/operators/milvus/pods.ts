import type { V1Container, V1Deployment, V1Service } from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { appLabels, isEntry, type Milvus, merged, type PartField, type PartSpec, partsOf } from "./types";

/** What the operator runs when the resource names no image, and whose tools it copies into every pod. */
const defaultImage = "milvusdb/milvus:v2.6.11";
const operatorImage = "milvusdb/milvus-operator:v1.3.8";
const milvusPort = 19530;
const metricsPort = 9091;
const monthSeconds = 30 * 24 * 3600;

/** One Deployment for each part; the query nodes have two, of which the second one is for the next version. */
export function deploymentsOf(milvus: Milvus): V1Deployment[] {
  return partsOf(milvus).flatMap((part) =>
    part === "queryNode"
      ? [deploymentOf(milvus, part, "0"), deploymentOf(milvus, part, "1")]
      : [deploymentOf(milvus, part)],
  );
}

/** Name of the Deployment that serves. */
export function deploymentName(milvus: Milvus, part: PartField): string {
  const name = `${milvus.metadata!.name}-milvus-${part.toLowerCase()}`;
  return part === "queryNode" ? `${name}-0` : name;
}

function deploymentOf(milvus: Milvus, part: PartField, group?: "0" | "1"): V1Deployment {
  const { namespace, name } = milvus.metadata!;
  const settings = merged(milvus, part);
  const labels = {
    ...appLabels(milvus),
    "app.kubernetes.io/component": part.toLowerCase(),
    ...(group ? { "milvus.io/querynode-group-id": group } : {}),
  };
  const waiting = group === "1";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      namespace,
      name: `${name}-milvus-${part.toLowerCase()}${group ? `-${group}` : ""}`,
      labels,
      ownerReferences: ownedBy(milvus),
    },
    spec: {
      replicas: waiting ? 0 : (settings.replicas ?? 1),
      selector: { matchLabels: labels },
      progressDeadlineSeconds: monthSeconds,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...settings.podLabels, ...labels, ...(isEntry(part) ? { "milvus.io/service": "true" } : {}) },
          annotations: { ...settings.podAnnotations, "milvus.io/using-configmap": name! },
        },
        spec: podSpec(milvus, part, waiting ? { ...settings, image: "dummy" } : settings),
      },
    },
  } as V1Deployment;
}

function podSpec(milvus: Milvus, part: PartField, settings: PartSpec): object {
  const secure = milvus.spec.components?.runAsNonRoot ? { runAsNonRoot: true, runAsUser: 1000 } : undefined;
  return {
    serviceAccountName: settings.serviceAccountName,
    priorityClassName: settings.priorityClassName,
    topologySpreadConstraints: settings.topologySpreadConstraints,
    nodeSelector: settings.nodeSelector,
    tolerations: settings.tolerations,
    affinity: settings.affinity,
    securityContext: secure,
    terminationGracePeriodSeconds: monthSeconds,
    initContainers: [configContainer()],
    containers: [container(milvus, part, settings)],
    volumes: [
      ...(settings.volumes ?? []),
      { name: "milvus-data", emptyDir: {} },
      { name: "milvus-config", configMap: { name: milvus.metadata!.name, defaultMode: 0o777 } },
      { name: "tools", emptyDir: {} },
    ],
  };
}

/** What no setting reaches: neither a seccomp profile nor dropped capabilities, and no resources. */
function configContainer(): V1Container {
  return {
    name: "config",
    image: operatorImage,
    imagePullPolicy: "IfNotPresent",
    command: ["/bin/sh"],
    args: ["/init.sh"],
    volumeMounts: builtInMounts(),
    securityContext: { runAsNonRoot: true, runAsUser: 1000 },
  };
}

function builtInMounts() {
  return [
    { name: "milvus-config", mountPath: "/milvus/configs/operator", readOnly: true },
    { name: "tools", mountPath: "/milvus/tools" },
  ];
}

function container({ spec }: Milvus, part: PartField, settings: PartSpec): V1Container {
  const secretRef = spec.dependencies?.storage?.secretRef;
  const entry = [
    { name: "milvus", containerPort: settings.port ?? milvusPort, protocol: "TCP" },
    { name: "metrics", containerPort: metricsPort, protocol: "TCP" },
    ...(settings.serviceRestfulPort
      ? [{ name: "restful", containerPort: settings.serviceRestfulPort, protocol: "TCP" }]
      : []),
  ];
  const run = part === "mixCoord" ? ["mixture", "-rootcoord", "-querycoord", "-datacoord", "-indexcoord"] : [];
  return {
    name: part.toLowerCase(),
    image: settings.image ?? defaultImage,
    imagePullPolicy: "IfNotPresent",
    args: ["/milvus/tools/run.sh", "milvus", "run", ...(run.length > 0 ? run : [part.toLowerCase()])],
    env: [...(settings.env ?? []), ...(secretRef ? storeVariables(secretRef) : [])],
    ports: isEntry(part) ? entry : [{ name: "metrics", containerPort: metricsPort, protocol: "TCP" }],
    resources: settings.resources,
    securityContext: settings.securityContext,
    volumeMounts: [
      ...(settings.volumeMounts ?? []),
      { name: "milvus-data", mountPath: "/var/lib/milvus" },
      ...builtInMounts(),
    ],
    startupProbe: { tcpSocket: { port: metricsPort }, periodSeconds: 10, failureThreshold: 18 },
    livenessProbe: { tcpSocket: { port: metricsPort }, periodSeconds: 15 },
    readinessProbe: { httpGet: { path: "/healthz", port: metricsPort, scheme: "HTTP" }, periodSeconds: 15 },
  } as V1Container;
}

function storeVariables(name: string) {
  const variable = (variableName: string, key: string) => ({
    name: variableName,
    valueFrom: { secretKeyRef: { name, key } },
  });
  return [
    variable("MINIO_ACCESS_KEY", "accesskey"),
    variable("MINIO_ACCESS_KEY_ID", "accesskey"),
    variable("MINIO_SECRET_KEY", "secretkey"),
    variable("MINIO_SECRET_ACCESS_KEY", "secretkey"),
  ];
}

/** The one Service, before the parts that clients talk to. */
export function serviceOf(milvus: Milvus): V1Service {
  const { namespace, name } = milvus.metadata!;
  const {
    port = milvusPort,
    serviceRestfulPort,
    serviceType,
  } = merged(milvus, milvus.spec.mode === "cluster" ? "proxy" : "standalone");
  const rest = serviceRestfulPort ? [{ name: "restful", port: serviceRestfulPort, targetPort: "restful" }] : [];
  const ports = [
    { name: "milvus", port, targetPort: "milvus" },
    { name: "metrics", port: metricsPort, targetPort: "metrics" },
    ...rest,
  ];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name: `${name}-milvus`, labels: appLabels(milvus), ownerReferences: ownedBy(milvus) },
    spec: {
      type: serviceType ?? "ClusterIP",
      selector: { ...appLabels(milvus), "milvus.io/service": "true" },
      ports: ports.map((each) => ({ ...each, protocol: "TCP" })),
    },
  };
}
