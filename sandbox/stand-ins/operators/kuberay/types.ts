import { createHash } from "node:crypto";
import type { KubernetesObject, V1PodTemplateSpec } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

export const serviceKind: Kind = { apiVersion: "ray.io/v1", kind: "RayService", plural: "rayservices" };
export const clusterKind: Kind = { apiVersion: "ray.io/v1", kind: "RayCluster", plural: "rayclusters" };

export interface HeadGroup {
  rayStartParams?: Record<string, string>;
  template: V1PodTemplateSpec;
}

export interface WorkerGroup extends HeadGroup {
  groupName: string;
  replicas?: number;
  minReplicas?: number;
}

export interface ClusterSpec {
  rayVersion?: string;
  headGroupSpec: HeadGroup;
  workerGroupSpecs?: WorkerGroup[];
}

export interface RayCluster extends KubernetesObject {
  spec: ClusterSpec;
  status?: { state?: string; conditions?: Condition[]; availableWorkerReplicas?: number };
}

export interface RayService extends KubernetesObject {
  spec: {
    rayClusterConfig: ClusterSpec;
    serveConfigV2?: string;
    upgradeStrategy?: { type?: string };
    excludeHeadPodFromServeSvc?: boolean;
  };
  status?: { activeServiceStatus?: { rayClusterName?: string }; conditions?: Condition[] };
}

export const clusterLabel = "ray.io/cluster";
export const serveLabel = "ray.io/serve";
export const ownerNameLabel = "ray.io/originated-from-cr-name";
export const ownerKindLabel = "ray.io/originated-from-crd";

/** What is compared to see whether a cluster is out of date: numbers of workers are not part of it. */
export function specHash(spec: ClusterSpec): string {
  const workers = (spec.workerGroupSpecs ?? []).map(({ replicas: _, ...group }) => group);
  return createHash("sha256")
    .update(JSON.stringify({ ...spec, workerGroupSpecs: workers }))
    .digest("hex");
}
