import type { ChartValues } from "../../kit/chart";
import { type Environment, resources } from "../../kit/sizes";

export interface LonghornFacts {
  readonly environment: Environment;
  /** Copies of each volume. */
  readonly replicas: number;
  /** Whether volumes outlive the environment. */
  readonly keptOnDestroy: boolean;
}

/** Port of the managers' admission webhook. */
export const LONGHORN_WEBHOOK_PORT = 9502;

/** Each node's manager tells of the volumes and disks of its node, at the port of its API. */
export const LONGHORN_METRICS = { name: "manager", port: 9500 } as const;
export const LONGHORN_MANAGER_LABELS = { app: "longhorn-manager" } as const;

/** Values of Longhorn's chart. */
export function longhornValues(facts: LonghornFacts): ChartValues {
  return {
    // The program makes the class itself, where a preview and the policies see it.
    persistence: { createStorageClass: false },
    // Told, not detected: the detection reads the kubelet's command line, which on Talos is in another container.
    csi: { kubeletRootDir: "/var/lib/kubelet", ...sidecarReplicas(facts.environment === "prod" ? 2 : 1) },
    defaultSettings: settings(facts),
    longhornManager: { resources: { ...resources(100, 256, 1024) } },
    // Reached by port-forward only: it shows and deletes every volume, and knows no users.
    longhornUI: { replicas: 1 },
  };
}

function sidecarReplicas(count: number): ChartValues {
  return {
    attacherReplicaCount: count,
    provisionerReplicaCount: count,
    resizerReplicaCount: count,
    snapshotterReplicaCount: count,
  };
}

function settings({ environment, replicas, keptOnDestroy }: LonghornFacts): ChartValues {
  return {
    defaultReplicaCount: perEngine(replicas),
    defaultDataLocality: "best-effort",
    replicaAutoBalance: "best-effort",
    // The share of each node's CPU that is asked for, for the processes that serve its volumes.
    guaranteedInstanceManagerCPU: perEngine(environment === "prod" ? 12 : 5),
    // Without it, pods of a lost node keep their volumes for ever, and a StatefulSet does not move.
    nodeDownPodDeletionPolicy: "delete-both-statefulset-and-deployment-pod",
    systemManagedCSIComponentsResourceLimits: JSON.stringify(sidecarResources()),
    // Uninstalling it destroys every volume, and it refuses unless this is set: so where volumes are kept, it refuses.
    deletingConfirmationFlag: !keptOnDestroy,
    // Neither calls home.
    upgradeChecker: false,
    allowCollectingLonghornUsageMetrics: false,
  };
}

/** Longhorn's own form of a setting that differs between its data engines. */
function perEngine(value: number): string {
  return JSON.stringify({ v1: String(value) });
}

function sidecarResources() {
  const sidecar = resources(10, 32, 128);
  return {
    "csi-attacher": sidecar,
    "csi-provisioner": sidecar,
    "csi-resizer": sidecar,
    "csi-snapshotter": sidecar,
    "longhorn-csi-plugin": resources(20, 64, 256),
    "node-driver-registrar": sidecar,
    "longhorn-liveness-probe": sidecar,
  };
}
