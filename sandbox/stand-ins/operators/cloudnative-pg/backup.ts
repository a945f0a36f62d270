import { type Desired, handler, type Observed } from "../types";
import {
  type Backup,
  backupKind,
  type Cluster,
  clusterKind,
  healthyPhase,
  type ScheduledBackup,
  scheduledBackupKind,
} from "./types";

export const backupHandler = handler<Backup>({ kind: backupKind, uses: [clusterKind], desired: desiredBackup });

export const scheduledBackupHandler = handler<ScheduledBackup>({
  kind: scheduledBackupKind,
  uses: [clusterKind],
  desired: desiredScheduledBackup,
});

/** Ends as the real one would end: a cluster that says nothing about backups has none. */
export function desiredBackup(backup: Backup, observed: Observed): Desired {
  if (backup.status?.phase === "completed" || backup.status?.phase === "failed") return {};
  const cluster = observed.find<Cluster>(clusterKind, backup.spec.cluster.name, backup.metadata!.namespace);
  if (cluster?.status?.phase !== healthyPhase) return { status: { phase: "pending" } };
  const spec = cluster.spec as { backup?: object; plugins?: Plugin[] };
  const configured =
    backup.spec.method === "plugin"
      ? (spec.plugins ?? []).some(({ parameters }) => parameters?.barmanObjectName !== undefined)
      : spec.backup !== undefined;
  const now = `${observed.now.toISOString().slice(0, 19)}Z`;
  if (!configured) {
    return {
      status: { phase: "failed", error: "cannot proceed with the backup as the cluster has no backup section" },
    };
  }
  return { status: { phase: "completed", startedAt: now, stoppedAt: now } };
}

/** Barman's plugin finds its bucket by the object of this name. */
interface Plugin {
  parameters?: { barmanObjectName?: string };
}

export function desiredScheduledBackup(scheduled: ScheduledBackup, observed: Observed): Desired {
  if (scheduled.status?.lastCheckTime) return {};
  return { status: { lastCheckTime: `${observed.now.toISOString().slice(0, 19)}Z` } };
}
