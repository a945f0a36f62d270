import type {
  KubernetesObject,
  V1PersistentVolumeClaim,
  V1PodTemplateSpec,
  V1ServiceSpec,
} from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

/** The fields of ECK's resources that decide what runs in the cluster. */

export interface HttpSpec {
  service?: { metadata?: object; spec?: V1ServiceSpec };
  tls?: { selfSignedCertificate?: { disabled?: boolean }; certificate?: { secretName?: string } };
}

export interface NodeSet {
  name: string;
  count?: number;
  config?: Record<string, unknown>;
  podTemplate?: Partial<V1PodTemplateSpec>;
  volumeClaimTemplates?: V1PersistentVolumeClaim[];
}

interface SecretReference {
  secretName?: string;
}

export interface Elasticsearch extends KubernetesObject {
  spec: {
    version: string;
    image?: string;
    auth?: { fileRealm?: SecretReference[]; roles?: SecretReference[] };
    secureSettings?: SecretReference[];
    http?: HttpSpec;
    nodeSets: NodeSet[];
    podDisruptionBudget?: { metadata?: object; spec?: object };
  };
  status?: { phase?: string; health?: string; version?: string; conditions?: Condition[] };
}

export interface Kibana extends KubernetesObject {
  spec: {
    version: string;
    image?: string;
    count?: number;
    elasticsearchRef?: { name?: string; namespace?: string };
    http?: HttpSpec;
    podTemplate?: Partial<V1PodTemplateSpec>;
  };
  status?: { health?: string };
}

export const elasticsearchKind: Kind = {
  apiVersion: "elasticsearch.k8s.elastic.co/v1",
  kind: "Elasticsearch",
  plural: "elasticsearches",
};
export const kibanaKind: Kind = { apiVersion: "kibana.k8s.elastic.co/v1", kind: "Kibana", plural: "kibanas" };

export const typeLabel = "common.k8s.elastic.co/type";
export const clusterLabel = "elasticsearch.k8s.elastic.co/cluster-name";
export const dataVolume = "elasticsearch-data";

/** Whether it speaks TLS: it does, unless its certificate is switched off and there is none of one's own. */
export function speaksTls(http: HttpSpec | undefined): boolean {
  return http?.tls?.certificate?.secretName !== undefined || http?.tls?.selfSignedCertificate?.disabled !== true;
}
