import { type PlannedBackup, plannedBackups } from "../backups";
import { ALLOWED_SCHEDULES, cronProblem, longestGapDays } from "../cron";
import { looksSecret } from "../problem";
import { type Finding, type Rule, rule } from "./rule";

/** An age X25519 recipient: bech32 with the prefix age. */
const ageRecipient = /^age1[02-9ac-hj-np-z]{58}$/;

function perBackup(id: string, check: (backup: PlannedBackup) => Finding[]): Rule {
  return rule(id, (settings) => plannedBackups(settings).flatMap(check));
}

export const backupRules: Rule[] = [
  rule("backup-without-objects", (settings) =>
    settings.objects.kind !== "off" || settings.backup.store === "external"
      ? []
      : plannedBackups(settings).map(({ setting }) => ({
          path: `${setting}.enabled`,
          value: true,
          message: "Object storage is switched off, so there is no bucket for this backup.",
          allowed: "false while objects.kind is off and backup.store is objects",
          fix: "Set orrery:backup.store to external and orrery:objects.external, or orrery:objects.kind to minio.",
        })),
  ),
  rule("backup-outside-prod", (settings) =>
    settings.environment !== "prod" ||
    settings.backup.store === "external" ||
    settings.objects.kind !== "minio" ||
    plannedBackups(settings).length === 0
      ? []
      : [
          {
            path: "backup.store",
            value: settings.backup.store,
            message: "The backups would be in the cluster that they are backups of, and be lost with it.",
            allowed: "external in prod, with objects.external",
            fix: "Set orrery:backup.store to external, and orrery:objects.external.endpoint and region.",
          },
        ],
  ),
  perBackup("backup-schedule", ({ setting, schedule }) => {
    const problem = cronProblem(schedule);
    return problem === undefined
      ? []
      : [
          {
            path: `${setting}.schedule`,
            value: schedule,
            message: `This is no schedule: ${problem}.`,
            allowed: ALLOWED_SCHEDULES,
            fix: `Write e.g. "0 3 * * *".`,
          },
        ];
  }),
  perBackup("backup-retention", ({ setting, schedule, retentionDays }) => {
    const gap = cronProblem(schedule) === undefined ? longestGapDays(schedule) : undefined;
    return gap === undefined || retentionDays >= gap
      ? []
      : [
          {
            path: `${setting}.retentionDays`,
            value: retentionDays,
            message: `Up to ${gap} days lie between two backups, so that for a time there would be none.`,
            allowed: `${gap} or more with this schedule`,
            fix: `Set orrery:${setting}.retentionDays to ${gap * 2}, or back up more often.`,
          },
        ];
  }),
  rule("postgres-backup-certificates", ({ services: { postgres }, certificates }) =>
    !postgres.enabled || !postgres.backup.enabled || certificates.enabled
      ? []
      : [
          {
            path: "services.postgres.backup.enabled",
            value: true,
            message:
              "The plugin that archives PostgreSQL gets its certificates from cert-manager, which is switched off.",
            allowed: "false while certificates.enabled is false",
            fix: "Set orrery:certificates.enabled to true.",
          },
        ],
  ),
  rule("postgres-restore", ({ services: { postgres } }) => {
    const { enabled, generation, restore } = postgres.backup;
    if (restore === undefined || (enabled && restore.generation < generation)) return [];
    return [
      {
        path: "services.postgres.backup.restore",
        value: restore,
        message: enabled
          ? "A restored cluster may not go on in the archive that it was restored from: it would overwrite it."
          : "An archive is brought back through the same store that backups go to, and they are switched off.",
        allowed: "a generation below services.postgres.backup.generation, with backups switched on",
        fix: enabled
          ? `Set orrery:services.postgres.backup.generation to ${restore.generation + 1}.`
          : "Set orrery:services.postgres.backup.enabled to true.",
      },
    ];
  }),
  rule("etcd-recipient", ({ backup: { etcd } }) => {
    const { enabled, ageRecipient: given } = etcd;
    // A private key has a rule of its own, as every secret in plain text.
    if (given === undefined ? !enabled : ageRecipient.test(given) || looksSecret(given)) return [];
    return [
      {
        path: "backup.etcd.ageRecipient",
        value: given,
        message:
          given === undefined
            ? "A snapshot of etcd holds every secret of the cluster, so it leaves the cluster encrypted only."
            : "This is no public key of age.",
        allowed: "age1 and 58 more characters",
        fix: "Run age-keygen, put the private key into a safe, and the public key here.",
      },
    ];
  }),
];
