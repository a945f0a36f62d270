import type { AreaCases } from "./case";

const labels = { namespace: "backup", cronjob: "etcd-backup" };
const job = (metric: string, name = "etcd-backup") => `kube_cronjob_${metric}{namespace="backup",cronjob="${name}"}`;

export const backupJobCases: AreaCases = {
  area: "backups",
  alerts: [
    {
      alert: "BackupTooOld",
      fires: { series: { [job("status_last_successful_time")]: "-180000x40" }, minute: 35, labels },
      quiet: { series: { [job("status_last_successful_time")]: "-160000x40" }, minute: 35 },
    },
    {
      alert: "BackupNeverMade",
      fires: { series: { [job("created")]: "-180000x40" }, minute: 35, labels },
      // Another job that is no backup, and one that was made long ago and works.
      quiet: {
        series: {
          [job("created", "report")]: "-180000x40",
          [job("created")]: "-180000x40",
          [job("status_last_successful_time")]: "-1000x40",
        },
        minute: 35,
      },
    },
  ],
};

const velero = (metric: string) => `velero_backup_${metric}{pod="v",schedule="daily"}`;

export const veleroCases: AreaCases = {
  area: "velero",
  alerts: [
    {
      alert: "VeleroBackupTooOld",
      fires: {
        series: { [velero("last_successful_timestamp")]: "1x2940" },
        minute: 2935,
        labels: { schedule: "daily" },
      },
      // It has never been made: that is another alert.
      quiet: { series: { [velero("last_successful_timestamp")]: "0x2940" }, minute: 2935 },
    },
    {
      alert: "VeleroNeverBackedUp",
      fires: {
        series: { [velero("last_successful_timestamp")]: "0x1600" },
        minute: 1570,
        labels: { schedule: "daily" },
      },
      quiet: { series: { [velero("last_successful_timestamp")]: "0x1500 90000x100" }, minute: 1570 },
    },
    {
      alert: "VeleroBackupFailed",
      fires: {
        series: { [velero("failure_total")]: "0x20", [velero("partial_failure_total")]: "0x10 1x20" },
        minute: 15,
        labels: { schedule: "daily" },
      },
      quiet: { series: { [velero("failure_total")]: "3x20", [velero("partial_failure_total")]: "1x20" }, minute: 15 },
    },
    {
      alert: "VeleroStoreUnavailable",
      fires: {
        series: { 'velero_backup_location_status_gauge{pod="v",backup_location_name="default"}': "0x70" },
        minute: 65,
        labels: { backup_location_name: "default" },
      },
      quiet: {
        series: { 'velero_backup_location_status_gauge{pod="v",backup_location_name="default"}': "0x30 1x40" },
        minute: 65,
      },
    },
  ],
};
