import type {
  KubernetesObject,
  V1Affinity,
  V1Container,
  V1LabelSelector,
  V1PersistentVolumeClaim,
  V1PodSecurityContext,
  V1ResourceRequirements,
  V1Toleration,
  V1TopologySpreadConstraint,
  V1Volume,
  V1VolumeMount,
} from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

/** The fields of the operator's resources that decide what runs in the cluster. */

export interface ServersSpec {
  image?: string;
  version?: string;
  replicas?: number;
  paused?: boolean;
  portName?: string;
  podMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  securityContext?: V1PodSecurityContext;
  priorityClassName?: string;
  resources?: V1ResourceRequirements;
  affinity?: V1Affinity;
  tolerations?: V1Toleration[];
  nodeSelector?: Record<string, string>;
  topologySpreadConstraints?: V1TopologySpreadConstraint[];
  storage?: { volumeClaimTemplate?: V1PersistentVolumeClaim };
  persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
  volumes?: V1Volume[];
  volumeMounts?: V1VolumeMount[];
  containers?: V1Container[];
  initContainers?: V1Container[];
  terminationGracePeriodSeconds?: number;
}

interface SecretKey {
  name: string;
  key: string;
}

export interface Prometheus extends KubernetesObject {
  spec: ServersSpec & {
    shards?: number;
    scrapeClasses?: { name: string; default?: boolean }[];
    remoteWrite?: { url: string; authorization?: { credentials?: SecretKey }; basicAuth?: { password?: SecretKey } }[];
    ruleSelector?: V1LabelSelector;
    ruleNamespaceSelector?: V1LabelSelector;
  };
  status?: { conditions?: Condition[] };
}

export interface Alertmanager extends KubernetesObject {
  spec: ServersSpec & { configSecret?: string };
  status?: { conditions?: Condition[] };
}

export interface PrometheusRule extends KubernetesObject {
  spec?: { groups?: unknown[] };
}

const kind = (name: string, plural: string): Kind => ({ apiVersion: "monitoring.coreos.com/v1", kind: name, plural });

export const prometheusKind = kind("Prometheus", "prometheuses");
export const alertmanagerKind = kind("Alertmanager", "alertmanagers");
export const ruleKind = kind("PrometheusRule", "prometheusrules");

export const statefulSets: Kind = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" };
export const configMaps: Kind = { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps" };

/** What tells the two kinds of servers apart. */
export interface Software {
  name: "prometheus" | "alertmanager";
  governingService: string;
  image: string;
  /** Of the version that this operator brings, where the resource names none. */
  version: string;
  webPort: number;
  dataPath: string;
}

export type Servers = Prometheus | Alertmanager;
