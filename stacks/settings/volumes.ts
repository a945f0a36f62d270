import { KEEPER_STORAGE_GIB } from "../../components/data/clickhouse/sizes";
import { type DurableKind, durableKind } from "../../components/platform/storage";
import { cacheVolumes } from "./model-caches";
import { observabilityVolumes } from "./observability-volumes";
import { schedulableNodes } from "./rules/control-plane";
import type { Settings } from "./schema";
import { clickhouseKeepers, clickhouseServers } from "./schema/data/clickhouse";
import { etcdReplicas } from "./schema/data/milvus";

/** Volumes that a service of the settings will claim, as they can be known before anything is made. */
export interface PlannedVolumes {
  /** The service, e.g. `services.postgres`. */
  readonly setting: string;
  /** Where its number of pods stands. */
  readonly countSetting: string;
  /** Pods with volumes of their own; no two of them share a node. */
  readonly count: number;
  /** Volumes of each pod. @default 1 */
  readonly perPod?: number;
  /** Where the size stands. */
  readonly sizeSetting: string;
  /** Of each volume. */
  readonly storageGiB: number;
  /** @default - the environment's durable class */
  readonly kind?: DurableKind;
}

/** A row of `plannedVolumes` with its defaults filled in. */
export interface PlannedClaim extends Required<Omit<PlannedVolumes, "kind">> {
  /** undefined when no StorageClass is switched on. */
  readonly kind: DurableKind | undefined;
}

/** Every volume of the environment. What keeps data adds itself here, so that rules and costs can look at all of them. */
function rows({
  environment,
  services: { clickhouse, postgres, milvus, qdrant, nats, kafka, elasticsearch, valkey, neo4j },
  objects: { kind, minio },
  secrets: { vault },
}: Settings): PlannedVolumes[] {
  return [
    ...(vault.enabled ? vaultRows(vault) : []),
    ...(kind === "minio"
      ? [
          {
            setting: "objects.minio",
            countSetting: "objects.minio.replicas",
            count: minio.replicas,
            perPod: minio.drives,
            sizeSetting: "objects.minio.storageGiB",
            storageGiB: minio.storageGiB,
            ...(minio.volumes === "local" ? { kind: "local" as const } : {}),
          },
        ]
      : []),
    ...(postgres.enabled
      ? [
          {
            setting: "services.postgres",
            countSetting: "services.postgres.instances",
            count: postgres.instances,
            sizeSetting: "services.postgres.storageGiB",
            storageGiB: postgres.storageGiB,
          },
        ]
      : []),
    ...(neo4j.enabled
      ? [
          {
            setting: "services.neo4j",
            // One server, which no setting makes more of.
            countSetting: "services.neo4j.enabled",
            count: 1,
            sizeSetting: "services.neo4j.storageGiB",
            storageGiB: neo4j.storageGiB,
          },
        ]
      : []),
    ...(kafka.enabled
      ? [
          {
            setting: "services.kafka",
            countSetting: "services.kafka.brokers",
            count: kafka.brokers,
            sizeSetting: "services.kafka.storageGiB",
            storageGiB: kafka.storageGiB,
          },
        ]
      : []),
    ...(nats.enabled
      ? [
          {
            setting: "services.nats",
            countSetting: "services.nats.replicas",
            count: nats.replicas,
            sizeSetting: "services.nats.storageGiB",
            storageGiB: nats.storageGiB,
          },
        ]
      : []),
    ...(milvus.enabled
      ? [
          {
            setting: "services.milvus",
            countSetting: "services.milvus.etcd.replicas",
            count: etcdReplicas(milvus),
            sizeSetting: "services.milvus.etcd.storageGiB",
            storageGiB: milvus.etcd.storageGiB,
          },
        ]
      : []),
    ...(elasticsearch.enabled
      ? [
          {
            setting: "services.elasticsearch",
            countSetting: "services.elasticsearch.nodes",
            count: elasticsearch.nodes,
            sizeSetting: "services.elasticsearch.storageGiB",
            storageGiB: elasticsearch.storageGiB,
          },
        ]
      : []),
    ...(clickhouse.enabled ? clickhouseRows(clickhouse, environment) : []),
    ...(valkey.enabled
      ? [
          {
            setting: "services.valkey",
            countSetting: "services.valkey.replicas",
            count: valkey.replicas,
            sizeSetting: "services.valkey.storageGiB",
            storageGiB: valkey.storageGiB,
          },
        ]
      : []),
    ...(qdrant.enabled
      ? [
          {
            setting: "services.qdrant",
            countSetting: "services.qdrant.replicas",
            count: qdrant.replicas,
            sizeSetting: "services.qdrant.storageGiB",
            storageGiB: qdrant.storageGiB,
          },
        ]
      : []),
  ];
}

/** Servers and Keepers: two of the same kind never share a node. */
function clickhouseRows(
  clickhouse: Settings["services"]["clickhouse"],
  environment: Settings["environment"],
): PlannedVolumes[] {
  const setting = "services.clickhouse";
  const { storageGiB } = clickhouse;
  return [
    {
      setting,
      countSetting: "services.clickhouse.replicas",
      count: clickhouseServers(clickhouse),
      sizeSetting: "services.clickhouse.storageGiB",
      storageGiB,
    },
    {
      setting,
      countSetting: "services.clickhouse.keepers",
      count: clickhouseKeepers(clickhouse, environment),
      sizeSetting: "services.clickhouse.storageGiB",
      storageGiB: KEEPER_STORAGE_GIB,
    },
  ];
}

/** Data and audit log of each server. */
function vaultRows({ replicas, storageGiB, auditStorageGiB }: Settings["secrets"]["vault"]): PlannedVolumes[] {
  const server = { setting: "secrets.vault", countSetting: "secrets.vault.replicas", count: replicas };
  return [
    { ...server, sizeSetting: "secrets.vault.storageGiB", storageGiB },
    { ...server, sizeSetting: "secrets.vault.auditStorageGiB", storageGiB: auditStorageGiB },
  ];
}

export function plannedVolumes(settings: Settings): PlannedClaim[] {
  const durable = durableKind(settings.storage);
  const all = [...rows(settings), ...cacheVolumes(settings), ...observabilityVolumes(settings)];
  return all.map((row) => ({ ...row, perPod: row.perPod ?? 1, kind: row.kind ?? durable }));
}

/** What Hetzner volumes cost is by this. */
export function cloudVolumesGiB(settings: Settings): number {
  return plannedVolumes(settings)
    .filter(({ kind }) => kind === "cloud")
    .reduce((sum, { count, perPod, storageGiB }) => sum + count * perPod * storageGiB, 0);
}

/** Nodes that take ordinary pods and can have volumes of this kind: Hetzner volumes attach to cloud servers alone. */
export function nodesFor(settings: Settings, kind: DurableKind | undefined): number {
  return schedulableNodes(kind === "cloud" ? { ...settings, dedicated: [] } : settings);
}

const usualReplicas = 3;

/** Copies of each Longhorn volume. */
export function longhornReplicas(settings: Settings): number {
  const { replicas } = settings.storage.longhorn;
  return replicas ?? Math.max(1, Math.min(usualReplicas, nodesFor(settings, "replicated")));
}

/** The settings' storage, with what follows from the nodes. */
export function storageArgs(settings: Settings) {
  const { storage } = settings;
  return { ...storage, longhorn: { ...storage.longhorn, replicas: longhornReplicas(settings) } };
}
