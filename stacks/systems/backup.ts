import { EtcdBackup, Velero } from "../../components/platform/backup";
import { BACKUP_BUCKETS } from "../settings/backups";
import type { LateSystems, SystemContext } from "./context";

/** Backups of the cluster's objects, of volumes and of etcd; each database's own backup is its component's. */
export function createBackup({ settings, platform, opts }: SystemContext, { backups }: LateSystems): void {
  // Rules have seen to it that there is a store where something is switched on.
  if (backups === undefined) return;
  const { charts, namespaces } = platform;
  const { velero, etcd } = settings.backup;
  if (velero.enabled) {
    new Velero("velero", { ...velero, charts, namespaces, objects: backups, bucket: BACKUP_BUCKETS.velero }, opts);
  }
  if (etcd.enabled && etcd.ageRecipient !== undefined) {
    new EtcdBackup(
      "etcd-backup",
      {
        ...etcd,
        ageRecipient: etcd.ageRecipient,
        namespaces,
        objects: backups,
        bucket: BACKUP_BUCKETS.etcd,
        cluster: settings.cluster.name,
      },
      opts,
    );
  }
}
