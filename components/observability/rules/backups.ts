import type { Signals } from "../../kit/signals";

const DAY = 86_400;

/** Every CronJob that makes a backup has the word in its name. */
const BACKUPS = 'cronjob=~".*backup.*"';

/** Backups by CronJob: etcd, and services whose own program makes them. */
export const backupJobSignals: Signals = {
  area: "backups",
  metrics: ["kube_cronjob_created", "kube_cronjob_status_last_successful_time"],
  signals: [
    {
      name: "BackupTooOld",
      severity: "critical",
      expression: `time() - max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{${BACKUPS}}) > ${2 * DAY}`,
      forMinutes: 30,
      summary: "The last backup that succeeded is older than two days.",
    },
    {
      name: "BackupNeverMade",
      severity: "critical",
      expression: `time() - max by (namespace, cronjob) (kube_cronjob_created{${BACKUPS}}) > ${2 * DAY} unless on (namespace, cronjob) kube_cronjob_status_last_successful_time`,
      forMinutes: 30,
      summary: "A backup has been due for two days, and has never succeeded.",
    },
  ],
};

/** Backups of volumes and of the cluster's objects. */
export const veleroSignals: Signals = {
  area: "velero",
  metrics: [
    "velero_backup_failure_total",
    "velero_backup_last_successful_timestamp",
    "velero_backup_location_status_gauge",
    "velero_backup_partial_failure_total",
  ],
  signals: [
    {
      name: "VeleroBackupTooOld",
      severity: "critical",
      expression: `time() - (max by (schedule) (velero_backup_last_successful_timestamp{schedule!=""}) > 0) > ${2 * DAY}`,
      forMinutes: 30,
      summary: "The last backup of a schedule is older than two days.",
    },
    {
      name: "VeleroNeverBackedUp",
      severity: "warning",
      expression: 'max by (schedule) (velero_backup_last_successful_timestamp{schedule!=""}) == 0',
      forMinutes: 1560,
      summary: "A schedule has been there for more than a day, and no backup of it has succeeded.",
    },
    {
      name: "VeleroBackupFailed",
      severity: "warning",
      expression:
        'sum by (schedule) (increase(velero_backup_failure_total{schedule!=""}[6h])) + sum by (schedule) (increase(velero_backup_partial_failure_total{schedule!=""}[6h])) > 0',
      forMinutes: 0,
      summary: "A backup has failed, in whole or in part.",
    },
    {
      name: "VeleroStoreUnavailable",
      severity: "critical",
      expression: "min by (backup_location_name) (velero_backup_location_status_gauge) == 0",
      forMinutes: 60,
      summary: "The bucket for backups is not reached: none can be made, and none restored.",
    },
  ],
};
