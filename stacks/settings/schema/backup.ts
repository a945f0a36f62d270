import { z } from "zod";
import { retentionDays, schedule } from "./data/common";
import { doc } from "./doc";

const Velero = z.strictObject({
  enabled: doc(z.boolean().default(false), "Back up the cluster's objects with Velero."),
  schedule: schedule("0 2 * * *"),
  retentionDays: retentionDays(30),
  volumes: doc(
    z.boolean().default(true),
    "Also copy the files of volumes whose pods have the label orrery.dev/backup=velero, with an agent on every node.",
  ),
});

const Etcd = z.strictObject({
  enabled: doc(z.boolean().default(false), "Take snapshots of etcd, encrypted before they leave the cluster."),
  schedule: schedule("0 * * * *"),
  retentionDays: retentionDays(14),
  ageRecipient: doc(z.string().optional(), "Public key for which the snapshots are encrypted (age).", {
    defaultText: "not set; required when enabled",
    allowed: "age1..., as `age-keygen` prints it; the private key belongs into a safe, never in here",
  }),
});

/** Backups of one PostgreSQL cluster; stands with the service. */
export const PostgresBackup = z.strictObject({
  enabled: doc(z.boolean().default(false), "Archive every change, and take base backups."),
  schedule: schedule("0 1 * * *"),
  retentionDays: retentionDays(14),
  generation: doc(z.number().int().min(1).max(9999).default(1), "Number of the archive that is written.", {
    allowed: "1 to 9999; the next one with each restore",
  }),
  restore: doc(
    z
      .strictObject({
        generation: doc(z.number().int().min(1).max(9999), "Number of the archive that is brought back."),
        targetTime: doc(z.iso.datetime({ offset: true }).optional(), "The moment to go back to.", {
          defaultText: "the newest",
          allowed: "a time like 2026-11-21T12:00:00Z",
        }),
      })
      .optional(),
    "What a new cluster begins with. It says nothing to one that is there (docs/backup.md).",
    { defaultText: "an empty cluster" },
  ),
});

/** Backups of volumes, databases and etcd. */
export const BackupSettings = z.strictObject({
  store: doc(
    z.enum(["objects", "external"]).default("objects"),
    "objects: where services keep theirs; external: the store in objects.external, also while services use MinIO.",
    { allowed: "in prod a store outside the cluster", replaces: "nothing; backups that are there are not moved" },
  ),
  velero: doc(Velero.prefault({}), "The cluster's objects, and files of volumes."),
  etcd: doc(Etcd.prefault({}), "Snapshots of etcd, taken by Talos."),
});
