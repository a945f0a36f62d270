/** How the data on a service's volumes is backed up. */
export type BackupPlan =
  /** Velero copies the files of the volumes, where it runs: software that stands a copy taken while it writes. */
  | { readonly by: "velero" }
  /** The software's own backups; `reason` says which. */
  | { readonly by: "native"; readonly reason: string }
  /** No backup, and why that is right. */
  | { readonly by: "none"; readonly reason: string };

/** By this label Velero and the policies know what becomes of a pod's volumes. */
export const BACKUP_LABEL = "orrery.dev/backup";
const REASON_ANNOTATION = "orrery.dev/backup-reason";
/** Velero's own: the names of the volumes whose files it copies. */
const VOLUMES_ANNOTATION = "backup.velero.io/backup-volumes";

export function backupLabels(plan: BackupPlan): Record<string, string> {
  return { [BACKUP_LABEL]: plan.by };
}

export function backupAnnotations(plan: BackupPlan, volumes: readonly string[]): Record<string, string> {
  return plan.by === "velero" ? { [VOLUMES_ANNOTATION]: volumes.join(",") } : { [REASON_ANNOTATION]: plan.reason };
}
