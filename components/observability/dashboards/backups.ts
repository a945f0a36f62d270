import {
  above,
  clusterVariable,
  dashboard,
  healthy,
  inCluster,
  row,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";

const DAY = 86_400;
/** Every CronJob that makes a backup has the word in its name. */
const JOBS = `${inCluster},cronjob=~".*(backup|snapshot).*"`;
const since = (metric: string, matchers: string, by: string) => `time() - max by (${by}) (${metric}{${matchers}} > 0)`;
const old = above({ warning: 1.5 * DAY, critical: 2 * DAY });
const POSTGRES = "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp";

/** Whether there is something to restore from, and how old it is. */
export const backupsDashboard = dashboard({
  uid: "backups",
  title: "Backups",
  folder: "platform",
  range: "7d",
  variables: () => [clusterVariable("kube_cronjob_status_last_schedule_time")],
  rows: [
    top([
      stat({
        title: "Oldest by a job",
        width: 6,
        queries: `max(${since("kube_cronjob_status_last_successful_time", JOBS, "namespace, cronjob")})`,
        unit: unit.seconds,
        thresholds: old,
      }),
      stat({
        title: "Oldest of PostgreSQL",
        width: 6,
        queries: `max(${since(POSTGRES, inCluster, "namespace, service")})`,
        unit: unit.seconds,
        thresholds: old,
      }),
      stat({
        title: "Oldest by Velero",
        width: 6,
        queries: `max(${since("velero_backup_last_successful_timestamp", `${inCluster},schedule!=""`, "schedule")})`,
        unit: unit.seconds,
        thresholds: old,
      }),
      stat({
        title: "Velero's bucket is reached",
        width: 6,
        queries: `min(velero_backup_location_status_gauge{${inCluster}})`,
        unit: unit.yesNo,
        thresholds: healthy,
      }),
    ]),
    row("Jobs", [
      table({
        title: "Jobs",
        by: { namespace: "Namespace", cronjob: "Job" },
        columns: [
          {
            title: "Last success, ago",
            expr: since("kube_cronjob_status_last_successful_time", JOBS, "namespace, cronjob"),
            unit: unit.seconds,
            thresholds: old,
          },
          {
            title: "Last start, ago",
            expr: since("kube_cronjob_status_last_schedule_time", JOBS, "namespace, cronjob"),
            unit: unit.seconds,
          },
          {
            title: "Running",
            expr: `max by (namespace, cronjob) (kube_cronjob_status_active{${JOBS}})`,
            unit: unit.count,
          },
          {
            title: "Switched off",
            expr: `max by (namespace, cronjob) (kube_cronjob_spec_suspend{${JOBS}})`,
            unit: unit.yesNo,
          },
        ],
      }),
    ]),
    row("Velero", [
      timeseries({
        title: "Backups that failed",
        unit: unit.count,
        queries: {
          expr: `sum by (schedule) (increase(velero_backup_failure_total{${inCluster},schedule!=""}[1h])) + sum by (schedule) (increase(velero_backup_partial_failure_total{${inCluster},schedule!=""}[1h]))`,
          legend: "{{schedule}}",
        },
      }),
      timeseries({
        title: "Size of backups",
        unit: unit.bytes,
        queries: {
          expr: `max by (schedule) (velero_backup_tarball_size_bytes{${inCluster},schedule!=""})`,
          legend: "{{schedule}}",
        },
      }),
    ]),
  ],
});
