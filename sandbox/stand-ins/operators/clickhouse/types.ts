import type { KubernetesObject, V1PersistentVolumeClaimSpec, V1PodSpec, V1ServiceSpec } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";

/** The fields of the operator's resources that decide what runs in the cluster. Its booleans are texts. */

type Labelled = { labels?: Record<string, string>; annotations?: Record<string, string> };

export interface PodTemplate {
  name: string;
  metadata?: Labelled;
  spec: V1PodSpec;
}

export interface ClaimTemplate {
  name: string;
  reclaimPolicy?: "Retain" | "Delete";
  metadata?: Labelled;
  spec: V1PersistentVolumeClaimSpec;
}

export interface ServiceTemplate {
  name: string;
  generateName?: string;
  metadata?: Labelled;
  spec: V1ServiceSpec;
}

export interface ClusterSpec {
  name: string;
  secure?: string;
  insecure?: string;
  secret?: { valueFrom?: { secretKeyRef?: { name: string; key: string } } };
  pdbManaged?: string;
  pdbMaxUnavailable?: number;
  layout?: { shardsCount?: number; replicasCount?: number };
}

/** A ClickHouseInstallation, or a ClickHouseKeeperInstallation. */
export interface Installation extends KubernetesObject {
  spec: {
    defaults?: {
      replicasUseFQDN?: string;
      templates?: { podTemplate?: string; dataVolumeClaimTemplate?: string; serviceTemplate?: string };
    };
    configuration?: {
      zookeeper?: { nodes?: { host: string; port?: number }[] };
      files?: Record<string, string>;
      clusters?: ClusterSpec[];
    };
    templates?: {
      podTemplates?: PodTemplate[];
      volumeClaimTemplates?: ClaimTemplate[];
      serviceTemplates?: ServiceTemplate[];
    };
  };
  status?: { status?: string };
}

/** In what the two kinds of installation differ. */
export interface Flavor {
  /** What names begin with. */
  prefix: "chi" | "chk";
  group: string;
  container: string;
  /** What the Service before all of them begins with. */
  service: string;
  dataPath: string;
  configPath: string;
  configFolders: readonly [common: string, users: string, host: string];
}

export const servers: Flavor = {
  prefix: "chi",
  group: "clickhouse.altinity.com",
  container: "clickhouse",
  service: "clickhouse",
  dataPath: "/var/lib/clickhouse",
  configPath: "/etc/clickhouse-server",
  configFolders: ["config.d", "users.d", "conf.d"],
};

export const keepers: Flavor = {
  prefix: "chk",
  group: "clickhouse-keeper.altinity.com",
  container: "clickhouse-keeper",
  service: "keeper",
  dataPath: "/var/lib/clickhouse-keeper",
  configPath: "/etc/clickhouse-keeper",
  configFolders: ["keeper_config.d", "users.d", "conf.d"],
};

export const serverKind: Kind = {
  apiVersion: `${servers.group}/v1`,
  kind: "ClickHouseInstallation",
  plural: "clickhouseinstallations",
};

export const keeperKind: Kind = {
  apiVersion: `${keepers.group}/v1`,
  kind: "ClickHouseKeeperInstallation",
  plural: "clickhousekeeperinstallations",
};

/** What the operator reads as yes. */
export function isYes(text: string | undefined, otherwise = false): boolean {
  return text === undefined || text === "" ? otherwise : /^(1|true|yes|on|enable)$/i.test(text);
}
