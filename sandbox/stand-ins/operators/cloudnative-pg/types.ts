import type {
  KubernetesObject,
  V1Affinity,
  V1DeploymentStrategy,
  V1ResourceRequirements,
  V1ServiceSpec,
  V1Toleration,
  V1TopologySpreadConstraint,
} from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

/** The fields of CloudNativePG's resources that decide what runs in the cluster. */

export interface StorageSpec {
  storageClass?: string;
  size?: string;
  pvcTemplate?: Record<string, unknown>;
}

export interface RoleSpec {
  name: string;
  ensure?: "present" | "absent";
  passwordSecret?: { name: string };
}

export interface Cluster extends KubernetesObject {
  spec: {
    instances?: number;
    imageName?: string;
    imageCatalogRef?: { kind: string; name: string; major: number };
    storage?: StorageSpec;
    walStorage?: StorageSpec;
    resources?: V1ResourceRequirements;
    affinity?: {
      enablePodAntiAffinity?: boolean;
      podAntiAffinityType?: "preferred" | "required";
      topologyKey?: string;
      nodeSelector?: Record<string, string>;
      tolerations?: V1Toleration[];
      nodeAffinity?: V1Affinity["nodeAffinity"];
      additionalPodAffinity?: V1Affinity["podAffinity"];
      additionalPodAntiAffinity?: V1Affinity["podAntiAffinity"];
    };
    topologySpreadConstraints?: V1TopologySpreadConstraint[];
    priorityClassName?: string;
    ephemeralVolumesSizeLimit?: { shm?: string; temporaryData?: string };
    schedulerName?: string;
    enablePDB?: boolean;
    enableSuperuserAccess?: boolean;
    postgresUID?: number;
    postgresGID?: number;
    inheritedMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
    certificates?: { serverTLSSecret?: string; serverCASecret?: string };
    bootstrap?: { initdb?: { database?: string; owner?: string; secret?: { name: string } }; recovery?: object };
    managed?: {
      roles?: RoleSpec[];
      services?: {
        disabledDefaultServices?: ("rw" | "ro" | "r")[];
        additional?: {
          selectorType: "rw" | "ro" | "r";
          serviceTemplate: { metadata: { name: string; annotations?: Record<string, string> }; spec?: V1ServiceSpec };
        }[];
      };
    };
  };
  status?: { phase?: string; conditions?: Condition[]; currentPrimary?: string };
}

export interface Database extends KubernetesObject {
  spec: {
    name: string;
    owner: string;
    cluster: { name: string };
    ensure?: "present" | "absent";
    extensions?: { name: string }[];
    schemas?: { name: string }[];
  };
}

export interface DatabaseRole extends KubernetesObject {
  spec: { name?: string; cluster: { name: string }; ensure?: "present" | "absent"; passwordSecret?: { name: string } };
}

export interface Pooler extends KubernetesObject {
  spec: {
    cluster: { name: string };
    type?: "rw" | "ro" | "r";
    instances?: number;
    deploymentStrategy?: V1DeploymentStrategy;
    pgbouncer?: { image?: string; parameters?: Record<string, string> };
    template?: { metadata?: object; spec?: Record<string, unknown> };
    serviceTemplate?: { spec?: V1ServiceSpec };
  };
}

export interface Backup extends KubernetesObject {
  spec: { cluster: { name: string }; method?: string };
  status?: { phase?: string };
}

export interface ScheduledBackup extends KubernetesObject {
  spec: { schedule: string; cluster: { name: string } };
  status?: { lastCheckTime?: string };
}

const apiVersion = "postgresql.cnpg.io/v1";
export const clusterKind: Kind = { apiVersion, kind: "Cluster", plural: "clusters" };
export const databaseKind: Kind = { apiVersion, kind: "Database", plural: "databases" };
export const roleKind: Kind = { apiVersion, kind: "DatabaseRole", plural: "databaseroles" };
export const poolerKind: Kind = { apiVersion, kind: "Pooler", plural: "poolers" };
export const backupKind: Kind = { apiVersion, kind: "Backup", plural: "backups" };
export const scheduledBackupKind: Kind = { apiVersion, kind: "ScheduledBackup", plural: "scheduledbackups" };
export const catalogKind: Kind = { apiVersion, kind: "ImageCatalog", plural: "imagecatalogs" };
export const clusterCatalogKind: Kind = { apiVersion, kind: "ClusterImageCatalog", plural: "clusterimagecatalogs" };

export const healthyPhase = "Cluster in healthy state";
export const primaryLabel = "cnpg.io/instanceRole";
export const clusterLabel = "cnpg.io/cluster";
