import type { KubernetesObject } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

export const milvusKind: Kind = { apiVersion: "milvus.io/v1beta1", kind: "Milvus", plural: "milvuses" };

/** What a part, or all parts together, can be given. */
export interface PartSpec {
  replicas?: number;
  image?: string;
  port?: number;
  serviceRestfulPort?: number;
  serviceType?: string;
  resources?: object;
  podLabels?: Record<string, string>;
  podAnnotations?: Record<string, string>;
  securityContext?: object;
  serviceAccountName?: string;
  priorityClassName?: string;
  topologySpreadConstraints?: object[];
  nodeSelector?: Record<string, string>;
  tolerations?: object[];
  affinity?: object;
  env?: { name: string }[];
  volumes?: { name: string }[];
  volumeMounts?: { name: string }[];
}

export type PartField = "proxy" | "mixCoord" | "queryNode" | "dataNode" | "streamingNode" | "standalone";

export interface Milvus extends KubernetesObject {
  spec: {
    mode?: "cluster" | "standalone";
    components?: PartSpec & { runAsNonRoot?: boolean } & Partial<Record<PartField, PartSpec>>;
    dependencies?: {
      msgStreamType?: string;
      etcd?: { external?: boolean; endpoints?: string[] };
      storage?: {
        external?: boolean;
        endpoint?: string;
        secretRef?: string;
        ssl?: { enabled?: boolean; caCertificateRef?: string };
      };
    };
    config?: Record<string, unknown>;
  };
  status?: { status?: string; conditions?: Condition[] };
}

/** The parts of version 2.6, in the mode of the resource. */
export function partsOf({ spec }: Milvus): PartField[] {
  return spec.mode === "cluster" ? ["mixCoord", "dataNode", "streamingNode", "queryNode", "proxy"] : ["standalone"];
}

export function isEntry(part: PartField): boolean {
  return part === "proxy" || part === "standalone";
}

export function appLabels(milvus: Milvus): Record<string, string> {
  return {
    "app.kubernetes.io/instance": milvus.metadata!.name!,
    "app.kubernetes.io/name": "milvus",
    "app.kubernetes.io/managed-by": "milvus-operator",
  };
}

/** Settings of a part over those of all parts. */
export function merged({ spec }: Milvus, part: PartField): PartSpec {
  const { components: all = {} } = spec;
  const own = all[part] ?? {};
  return {
    ...all,
    ...own,
    podLabels: { ...all.podLabels, ...own.podLabels },
    podAnnotations: { ...all.podAnnotations, ...own.podAnnotations },
    env: [...(all.env ?? []), ...(own.env ?? [])],
    volumeMounts: [...(all.volumeMounts ?? []), ...(own.volumeMounts ?? [])],
  };
}
