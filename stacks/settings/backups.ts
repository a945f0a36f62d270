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
export const BACKUP_BUCKETS = { velero: "velero", etcd: "etcd-backup", postgres: "postgres-backup" } as const;

/** Every backup of the environment, so that rules can look at all of them alike. */
export function plannedBackups({ backup, services }: Settings): PlannedBackup[] {
  const postgres = {
    ...services.postgres.backup,
    enabled: services.postgres.enabled && services.postgres.backup.enabled,
  };
  const all = [
    { setting: "backup.velero", bucket: BACKUP_BUCKETS.velero, of: backup.velero },
    { setting: "backup.etcd", bucket: BACKUP_BUCKETS.etcd, of: backup.etcd },
    { setting: "services.postgres.backup", bucket: BACKUP_BUCKETS.postgres, of: postgres },
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
