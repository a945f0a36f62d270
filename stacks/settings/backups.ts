import type { Settings } from "./schema";

/** A backup that the settings switch on. */
export interface PlannedBackup {
  /** Where it stands in the settings. */
  readonly setting: string;
  /** The bucket that it asks for. */
  readonly bucket: string;
  readonly schedule: string;
  readonly retentionDays: number;
}

/** Buckets that backups ask for, also while they are off: a bucket of that name would be in their way later. */
export const BACKUP_BUCKETS = {
  velero: "velero",
  etcd: "etcd-backup",
  postgres: "postgres-backup",
  elasticsearch: "elasticsearch-backup",
  nats: "nats-backup",
  qdrant: "qdrant-backup",
  milvus: "milvus-backup",
  clickhouse: "clickhouse-backup",
  neo4j: "neo4j-backup",
} as const;

/** Buckets that services keep their data in, also while they are off. */
export const SERVICE_BUCKETS = {
  milvus: "milvus",
  loki: "loki",
  tempo: "tempo",
  mimir: "mimir",
  models: "models",
} as const;

/** Every backup of the environment, so that rules can look at all of them alike. */
export function plannedBackups({ backup, services }: Settings): PlannedBackup[] {
  const postgres = {
    ...services.postgres.backup,
    enabled: services.postgres.enabled && services.postgres.backup.enabled,
  };
  const elasticsearch = {
    ...services.elasticsearch.backup,
    enabled: services.elasticsearch.enabled && services.elasticsearch.backup.enabled,
  };
  const nats = { ...services.nats.backup, enabled: services.nats.enabled && services.nats.backup.enabled };
  const qdrant = { ...services.qdrant.backup, enabled: services.qdrant.enabled && services.qdrant.backup.enabled };
  const milvus = { ...services.milvus.backup, enabled: services.milvus.enabled && services.milvus.backup.enabled };
  const clickhouse = {
    ...services.clickhouse.backup,
    enabled: services.clickhouse.enabled && services.clickhouse.backup.enabled,
  };
  const neo4j = { ...services.neo4j.backup, enabled: services.neo4j.enabled && services.neo4j.backup.enabled };
  const all = [
    { setting: "backup.velero", bucket: BACKUP_BUCKETS.velero, of: backup.velero },
    { setting: "backup.etcd", bucket: BACKUP_BUCKETS.etcd, of: backup.etcd },
    { setting: "services.postgres.backup", bucket: BACKUP_BUCKETS.postgres, of: postgres },
    { setting: "services.elasticsearch.backup", bucket: BACKUP_BUCKETS.elasticsearch, of: elasticsearch },
    { setting: "services.nats.backup", bucket: BACKUP_BUCKETS.nats, of: nats },
    { setting: "services.qdrant.backup", bucket: BACKUP_BUCKETS.qdrant, of: qdrant },
    { setting: "services.milvus.backup", bucket: BACKUP_BUCKETS.milvus, of: milvus },
    { setting: "services.clickhouse.backup", bucket: BACKUP_BUCKETS.clickhouse, of: clickhouse },
    { setting: "services.neo4j.backup", bucket: BACKUP_BUCKETS.neo4j, of: neo4j },
  ];
  return all
    .filter(({ of }) => of.enabled)
    .map(({ setting, bucket, of: { schedule, retentionDays } }) => ({ setting, bucket, schedule, retentionDays }));
}

/** What makes the store outside necessary; undefined when nothing does. */
export function externalStoreAskedBy(settings: Settings): string | undefined {
  if (settings.objects.kind === "external") return "objects.kind";
  const backups = settings.backup.store === "external" && plannedBackups(settings).length > 0;
  return backups ? "backup.store" : undefined;
}
