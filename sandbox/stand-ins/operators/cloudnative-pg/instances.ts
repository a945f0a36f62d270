import type { V1Affinity, V1Container, V1PersistentVolumeClaim, V1Pod, V1Volume } from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { type Cluster, clusterLabel, primaryLabel, type StorageSpec } from "./types";

const postgresUser = 26;

/** One pod and its claims for each instance; the first is the primary. */
export function instanceObjects(cluster: Cluster, image: string): (V1Pod | V1PersistentVolumeClaim)[] {
  return instanceNames(cluster).flatMap((name, index) => [
    ...claimsOf(cluster, name, index + 1),
    podOf(cluster, name, index + 1, image),
  ]);
}

export function instanceNames(cluster: Cluster): string[] {
  return Array.from({ length: cluster.spec.instances ?? 1 }, (_, index) => `${cluster.metadata!.name}-${index + 1}`);
}

function claimsOf(cluster: Cluster, instance: string, serial: number): V1PersistentVolumeClaim[] {
  const { storage, walStorage } = cluster.spec;
  return [
    claimOf(cluster, instance, instance, serial, "PG_DATA", storage),
    ...(walStorage ? [claimOf(cluster, `${instance}-wal`, instance, serial, "PG_WAL", walStorage)] : []),
  ];
}

function claimOf(
  cluster: Cluster,
  name: string,
  instance: string,
  serial: number,
  pvcRole: string,
  storage: StorageSpec = {},
): V1PersistentVolumeClaim {
  const template = storage.pvcTemplate ?? {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace: cluster.metadata!.namespace,
      name,
      labels: {
        ...cluster.spec.inheritedMetadata?.labels,
        ...clusterLabels(cluster),
        "cnpg.io/instanceName": instance,
        "cnpg.io/pvcRole": pvcRole,
      },
      annotations: {
        ...cluster.spec.inheritedMetadata?.annotations,
        "cnpg.io/nodeSerial": String(serial),
        "cnpg.io/pvcStatus": "ready",
      },
      ownerReferences: ownedBy(cluster),
    },
    spec: {
      accessModes: ["ReadWriteOnce"],
      volumeMode: "Filesystem",
      ...template,
      ...(storage.storageClass ? { storageClassName: storage.storageClass } : {}),
      ...(storage.size ? { resources: { requests: { storage: storage.size } } } : {}),
    },
  };
}

export function clusterLabels(cluster: Cluster): Record<string, string> {
  const name = cluster.metadata!.name!;
  return {
    [clusterLabel]: name,
    "app.kubernetes.io/managed-by": "cloudnative-pg",
    "app.kubernetes.io/name": "postgresql",
    "app.kubernetes.io/instance": name,
    "app.kubernetes.io/component": "database",
  };
}

function podOf(cluster: Cluster, instance: string, serial: number, image: string): V1Pod {
  const role = serial === 1 ? "primary" : "replica";
  const { spec } = cluster;
  const user = spec.postgresUID ?? postgresUser;
  const group = spec.postgresGID ?? postgresUser;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: cluster.metadata!.namespace,
      name: instance,
      labels: {
        ...spec.inheritedMetadata?.labels,
        ...clusterLabels(cluster),
        "cnpg.io/instanceName": instance,
        "cnpg.io/podRole": "instance",
        [primaryLabel]: role,
        role,
      },
      annotations: { ...spec.inheritedMetadata?.annotations, "cnpg.io/nodeSerial": String(serial) },
      ownerReferences: ownedBy(cluster),
    },
    spec: {
      hostname: instance,
      serviceAccountName: cluster.metadata!.name,
      affinity: affinityOf(cluster),
      nodeSelector: spec.affinity?.nodeSelector,
      tolerations: spec.affinity?.tolerations,
      topologySpreadConstraints: spec.topologySpreadConstraints,
      priorityClassName: spec.priorityClassName,
      schedulerName: spec.schedulerName,
      terminationGracePeriodSeconds: 1800,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: group,
        fsGroup: group,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [containerOf(cluster, image)],
      volumes: volumesOf(cluster, instance),
    },
  };
}

function containerOf(cluster: Cluster, image: string): V1Container {
  const probe = (path: string) => ({
    httpGet: { path, port: 8000, scheme: "HTTPS" },
    timeoutSeconds: 5,
    periodSeconds: 10,
  });
  return {
    name: "postgres",
    image,
    command: ["/controller/manager", "instance", "run"],
    ports: [
      { name: "postgresql", containerPort: 5432, protocol: "TCP" },
      { name: "metrics", containerPort: 9187, protocol: "TCP" },
      { name: "status", containerPort: 8000, protocol: "TCP" },
    ],
    resources: cluster.spec.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    startupProbe: { ...probe("/healthz"), failureThreshold: 360 },
    readinessProbe: probe("/readyz"),
    livenessProbe: probe("/healthz"),
    volumeMounts: [
      { name: "pgdata", mountPath: "/var/lib/postgresql/data" },
      ...(cluster.spec.walStorage ? [{ name: "pg-wal", mountPath: "/var/lib/postgresql/wal" }] : []),
      { name: "scratch-data", mountPath: "/run" },
      { name: "scratch-data", mountPath: "/controller" },
      { name: "shm", mountPath: "/dev/shm" },
    ],
  };
}

function volumesOf(cluster: Cluster, instance: string): V1Volume[] {
  const limits = cluster.spec.ephemeralVolumesSizeLimit;
  return [
    { name: "pgdata", persistentVolumeClaim: { claimName: instance } },
    ...(cluster.spec.walStorage ? [{ name: "pg-wal", persistentVolumeClaim: { claimName: `${instance}-wal` } }] : []),
    { name: "scratch-data", emptyDir: { sizeLimit: limits?.temporaryData } },
    { name: "shm", emptyDir: { medium: "Memory", sizeLimit: limits?.shm } },
  ];
}

/** Instances keep away from each other unless the cluster says otherwise. */
function affinityOf(cluster: Cluster): V1Affinity | undefined {
  const wanted = cluster.spec.affinity ?? {};
  const affinity: V1Affinity = {
    nodeAffinity: wanted.nodeAffinity,
    podAffinity: wanted.additionalPodAffinity,
    podAntiAffinity: wanted.additionalPodAntiAffinity,
  };
  if (wanted.enablePodAntiAffinity !== false) {
    const term = {
      labelSelector: { matchLabels: { [clusterLabel]: cluster.metadata!.name!, "cnpg.io/podRole": "instance" } },
      topologyKey: wanted.topologyKey ?? "kubernetes.io/hostname",
    };
    const required = affinity.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = affinity.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    affinity.podAntiAffinity =
      wanted.podAntiAffinityType === "required"
        ? { ...affinity.podAntiAffinity, requiredDuringSchedulingIgnoredDuringExecution: [...required, term] }
        : {
            ...affinity.podAntiAffinity,
            preferredDuringSchedulingIgnoredDuringExecution: [...preferred, { weight: 100, podAffinityTerm: term }],
          };
  }
  return affinity;
}
