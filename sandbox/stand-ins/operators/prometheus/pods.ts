import type { V1Container, V1PersistentVolumeClaim, V1PodTemplateSpec, V1StatefulSet } from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { type Servers, type Software, statefulSets } from "./types";

const operatorVersion = "v0.93.1";

export function setName(software: Software, servers: Servers): string {
  return `${software.name}-${servers.metadata!.name}`;
}

/** Labels by which the pods of one resource are known. */
export function selectorLabels(software: Software, servers: Servers): Record<string, string> {
  const name = servers.metadata!.name!;
  return {
    "app.kubernetes.io/managed-by": "prometheus-operator",
    "app.kubernetes.io/name": software.name,
    "app.kubernetes.io/instance": name,
    [software.name]: name,
    ...(software.name === "prometheus"
      ? { "operator.prometheus.io/name": name, "operator.prometheus.io/shard": "0" }
      : {}),
  };
}

/**
 * The StatefulSet of the servers. Its claim templates cannot be changed: the real operator deletes it, with its pods, and
 * makes it anew, and the claims stay as they are; here the old templates stay.
 */
export function statefulSetOf(
  software: Software,
  servers: Servers,
  templates: V1PersistentVolumeClaim[],
  memory: string | undefined,
): V1StatefulSet {
  const { replicas = 1, persistentVolumeClaimRetentionPolicy } = servers.spec;
  const { namespace, labels, annotations } = servers.metadata!;
  const selector = selectorLabels(software, servers);
  return {
    apiVersion: statefulSets.apiVersion,
    kind: statefulSets.kind,
    metadata: {
      namespace,
      name: setName(software, servers),
      labels: { ...labels, ...selector },
      annotations,
      ownerReferences: ownedBy(servers),
    },
    spec: {
      serviceName: software.governingService,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      replicas,
      selector: { matchLabels: selector },
      template: template(software, servers, selector, templates, memory),
      volumeClaimTemplates: templates,
      ...(persistentVolumeClaimRetentionPolicy ? { persistentVolumeClaimRetentionPolicy } : {}),
    },
  };
}

/** The claims' template as the operator completes it; none without storage. */
export function claimTemplates(software: Software, servers: Servers): V1PersistentVolumeClaim[] {
  const template = servers.spec.storage?.volumeClaimTemplate;
  if (template === undefined) return [];
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: volumeName(software, servers), labels: template.metadata?.labels },
      spec: { accessModes: ["ReadWriteOnce"], ...template.spec },
    },
  ];
}

function volumeName(software: Software, servers: Servers): string {
  return servers.spec.storage?.volumeClaimTemplate?.metadata?.name ?? `${setName(software, servers)}-db`;
}

function template(
  software: Software,
  servers: Servers,
  selector: Record<string, string>,
  templates: V1PersistentVolumeClaim[],
  memory: string | undefined,
): V1PodTemplateSpec {
  const { spec } = servers;
  const name = setName(software, servers);
  return {
    metadata: {
      labels: {
        "app.kubernetes.io/version": version(software, servers).replace(/^v/, ""),
        ...spec.podMetadata?.labels,
        ...selector,
      },
      annotations: { "kubectl.kubernetes.io/default-container": software.name, ...spec.podMetadata?.annotations },
    },
    spec: {
      serviceAccountName: spec.serviceAccountName,
      automountServiceAccountToken: spec.automountServiceAccountToken ?? true,
      enableServiceLinks: spec.enableServiceLinks,
      securityContext: spec.securityContext,
      priorityClassName: spec.priorityClassName,
      terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? (software.name === "prometheus" ? 600 : 120),
      affinity: spec.affinity,
      tolerations: spec.tolerations,
      nodeSelector: spec.nodeSelector,
      topologySpreadConstraints: spec.topologySpreadConstraints,
      initContainers: merged([reloader("init-config-reloader", "reloader-init", 8081, memory)], spec.initContainers),
      containers: merged(
        [server(software, servers), reloader("config-reloader", "reloader-web", 8080, memory)],
        spec.containers,
      ),
      volumes: [
        { name: "config", secret: { secretName: configSecret(software, servers) } },
        { name: "config-out", emptyDir: { medium: "Memory" } },
        { name: "web-config", secret: { secretName: `${name}-web-config` } },
        ...(software.name === "prometheus"
          ? [{ name: rulesName(servers), configMap: { name: rulesName(servers), optional: true } }]
          : []),
        ...(templates.length === 0 ? [{ name: volumeName(software, servers), emptyDir: {} }] : []),
        ...(spec.volumes ?? []),
      ],
    },
  };
}

export function configSecret(software: Software, servers: Servers): string {
  const name = setName(software, servers);
  return software.name === "prometheus" ? name : `${name}-generated`;
}

export function rulesName(servers: Servers): string {
  return `prometheus-${servers.metadata!.name}-rulefiles-0`;
}

export function version(software: Software, { spec }: Servers): string {
  return spec.version ?? software.version;
}

/** What the operator puts on every container that it makes. */
const restricted = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
};

function server(software: Software, servers: Servers): V1Container {
  const { spec } = servers;
  const { portName = "web" } = spec;
  const probe = (path: string) => ({
    httpGet: { path: `/-/${path}`, port: portName },
    periodSeconds: 5,
    timeoutSeconds: 3,
    failureThreshold: 6,
  });
  const mesh = [
    { name: "mesh-tcp", containerPort: 9094, protocol: "TCP" },
    { name: "mesh-udp", containerPort: 9094, protocol: "UDP" },
  ];
  return {
    name: software.name,
    image: spec.image ?? `${software.image}:${version(software, servers)}`,
    ports: [
      { name: portName, containerPort: software.webPort, protocol: "TCP" },
      ...(software.name === "alertmanager" ? mesh : []),
    ],
    resources: spec.resources,
    securityContext: restricted,
    readinessProbe: probe("ready"),
    livenessProbe: probe("healthy"),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [{ name: volumeName(software, servers), mountPath: software.dataPath }, ...(spec.volumeMounts ?? [])],
  };
}

function reloader(name: string, port: string, number: number, memory: string | undefined): V1Container {
  return {
    name,
    image: `quay.io/prometheus-operator/prometheus-config-reloader:${operatorVersion}`,
    ports: [{ name: port, containerPort: number, protocol: "TCP" }],
    ...(memory === undefined ? {} : { resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory } } }),
    securityContext: restricted,
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}

/** Containers of the resource change those of the same name, as a strategic merge does, and the others come after. */
function merged(own: V1Container[], given: V1Container[] = []): V1Container[] {
  const changed = own.map((container) => ({ ...container, ...given.find(({ name }) => name === container.name) }));
  return [...changed, ...given.filter(({ name }) => !own.some((container) => container.name === name))];
}
