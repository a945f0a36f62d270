import type { V1Container, V1PersistentVolumeClaim, V1PodTemplateSpec, V1StatefulSet } from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { clusterLabel, dataVolume, type Elasticsearch, type NodeSet, speaksTls, typeLabel } from "./types";

const registry = "docker.elastic.co";
/** What every step before the start asks for. */
const stepResources = { requests: { cpu: "100m", memory: "50Mi" }, limits: { cpu: "100m", memory: "50Mi" } };

/** What ECK puts on containers that say nothing themselves. */
export const containerSecurityContext = {
  privileged: false,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
};

export function setName(cluster: Elasticsearch, set: NodeSet): string {
  return `${cluster.metadata!.name}-es-${set.name}`;
}

export function clusterLabels(cluster: Elasticsearch): Record<string, string> {
  return { [typeLabel]: "elasticsearch", [clusterLabel]: cluster.metadata!.name! };
}

export function setLabels(cluster: Elasticsearch, set: NodeSet): Record<string, string> {
  return { ...clusterLabels(cluster), "elasticsearch.k8s.elastic.co/statefulset-name": setName(cluster, set) };
}

/**
 * The StatefulSet of a set of nodes. The real one is changed by hand, pod by pod, when the cluster is green; here the
 * StatefulSet's own controller replaces one pod after the other. Its claim templates cannot be changed: ECK grows the
 * claims, and makes the StatefulSet anew around its pods, which nobody sees; here the old templates stay.
 */
export function statefulSetOf(
  cluster: Elasticsearch,
  set: NodeSet,
  templates: V1PersistentVolumeClaim[],
): V1StatefulSet {
  const labels = setLabels(cluster, set);
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: {
      namespace: cluster.metadata!.namespace,
      name: setName(cluster, set),
      labels,
      ownerReferences: ownedBy(cluster),
    },
    spec: {
      serviceName: setName(cluster, set),
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      replicas: set.count ?? 1,
      selector: { matchLabels: labels },
      template: podTemplate(cluster, set),
      volumeClaimTemplates: templates,
    },
  };
}

/** The claims of a set's nodes at the size that is asked for: those that are there grow to it. */
export function claimsOf(cluster: Elasticsearch, set: NodeSet): V1PersistentVolumeClaim[] {
  return Array.from({ length: set.count ?? 1 }).flatMap((_, index) =>
    (set.volumeClaimTemplates ?? []).map((template) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        namespace: cluster.metadata!.namespace,
        name: `${template.metadata?.name}-${setName(cluster, set)}-${index}`,
      },
      spec: template.spec,
    })),
  );
}

function podTemplate(cluster: Elasticsearch, set: NodeSet): V1PodTemplateSpec {
  const { metadata, spec } = set.podTemplate ?? {};
  const image = cluster.spec.image ?? `${registry}/elasticsearch/elasticsearch:${cluster.spec.version}`;
  const scheme = speaksTls(cluster.spec.http) ? "https" : "http";
  const own = spec?.containers?.find(({ name }) => name === "elasticsearch");
  const others = spec?.containers?.filter((container) => container !== own) ?? [];
  const steps = [
    { name: "elastic-internal-init-filesystem", resources: stepResources },
    ...(cluster.spec.secureSettings
      ? [
          {
            name: "elastic-internal-init-keystore",
            resources: { requests: { cpu: "100m", memory: "384Mi" }, limits: { memory: "384Mi" } },
          },
        ]
      : []),
    { name: "elastic-internal-suspend", resources: stepResources },
    ...(spec?.initContainers ?? []),
  ];
  const withDefaults = (container: V1Container): V1Container => ({
    image,
    securityContext: containerSecurityContext,
    ...container,
  });
  return {
    metadata: {
      ...metadata,
      labels: {
        ...metadata?.labels,
        ...setLabels(cluster, set),
        ...roleLabels(set),
        "elasticsearch.k8s.elastic.co/version": cluster.spec.version,
        "elasticsearch.k8s.elastic.co/http-scheme": scheme,
      },
    },
    spec: {
      terminationGracePeriodSeconds: 180,
      securityContext: { fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [apart(cluster)] } },
      ...spec,
      initContainers: steps.map(withDefaults),
      containers: [withDefaults(mainContainer(own, scheme)), ...others],
    },
  };
}

function mainContainer(own: V1Container | undefined, scheme: string): V1Container {
  const memory = "2Gi";
  return {
    resources: { requests: { memory }, limits: { memory } },
    ports: [
      { name: scheme, containerPort: 9200, protocol: "TCP" },
      { name: "transport", containerPort: 9300, protocol: "TCP" },
    ],
    readinessProbe: {
      exec: { command: ["bash", "-c", "/mnt/elastic-internal/scripts/readiness-port-script.sh"] },
      initialDelaySeconds: 10,
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    ...own,
    name: "elasticsearch",
    volumeMounts: [...(own?.volumeMounts ?? []), { name: dataVolume, mountPath: "/usr/share/elasticsearch/data" }],
  };
}

function apart(cluster: Elasticsearch) {
  const labelSelector = { matchLabels: { [clusterLabel]: cluster.metadata!.name! } };
  return { weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector } };
}

/** Without `node.roles` a node does everything. */
export function rolesOf(set: NodeSet): string[] | undefined {
  return set.config?.["node.roles"] as string[] | undefined;
}

function roleLabels(set: NodeSet): Record<string, string> {
  const roles = rolesOf(set);
  return Object.fromEntries(
    ["master", "data", "ingest", "ml", "transform"].map((role) => [
      `elasticsearch.k8s.elastic.co/node-${role}`,
      String(roles?.includes(role) ?? true),
    ]),
  );
}
