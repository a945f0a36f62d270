import {
  above,
  dashboard,
  healthy,
  none,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const day = (what: string) => `sum(increase(velero_${what}{${ofService}}[24h]))`;

const count = (title: string, queries: string) =>
  stat({ title, unit: unit.count, decimals: 0, thresholds: none, noValue: "0", queries });

const LAST = `max by (schedule) (velero_backup_last_successful_timestamp{${ofService},schedule!=""})`;

/** Whether Velero's backups succeed and are young, and where they go. */
export const veleroDashboard = dashboard({
  uid: "velero",
  title: "Velero",
  folder: "platform",
  range: "7d",
  variables: () => serviceVariables("velero_backup_attempt_total"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Oldest newest backup",
        description: "Of all schedules, the one whose last success is longest ago.",
        unit: unit.seconds,
        thresholds: above({ warning: 90_000, critical: 180_000 }),
        queries: `time() - min(${LAST})`,
      }),
      count("Backups that failed, 24 h", `${day("backup_failure_total")} + ${day("backup_partial_failure_total")}`),
      count("Volumes that failed, 24 h", `${day("csi_snapshot_failure_total")} + ${day("data_upload_failure_total")}`),
      stat({
        title: "Bucket can be reached",
        unit: unit.none,
        words: { 0: "no", 1: "yes" },
        thresholds: healthy,
        queries: `min(velero_backup_location_status_gauge{${ofService}})`,
      }),
      restartsStat({ pods: "velero-.*" }),
    ]),
    row("Backups", [
      table({
        title: "Schedules",
        height: 6,
        by: { schedule: "Schedule" },
        columns: [
          { title: "Last success", expr: `1000 * ${LAST}`, unit: unit.ago },
          {
            title: "Objects",
            expr: `max by (schedule) (velero_backup_items_total{${ofService},schedule!=""})`,
            unit: unit.count,
          },
          {
            title: "Errors",
            expr: `max by (schedule) (velero_backup_items_errors{${ofService},schedule!=""})`,
            unit: unit.count,
            thresholds: none,
          },
        ],
      }),
      timeseries({
        title: "Backups",
        width: 8,
        unit: unit.count,
        queries: ["success", "partial_failure", "failure", "validation_failure"].map((what) => ({
          expr: `sum(increase(velero_backup_${what}_total{${ofService}}[1h]))`,
          legend: what,
        })),
      }),
      timeseries({
        title: "Time of a backup, 95th percentile",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `histogram_quantile(0.95, sum by (schedule, le) (rate(velero_backup_duration_seconds_bucket{${ofService}}[1d])))`,
          legend: "{{schedule}}",
        },
      }),
      timeseries({
        title: "Size of the list of objects",
        width: 8,
        unit: unit.bytes,
        queries: {
          expr: `max by (schedule) (velero_backup_tarball_size_bytes{${ofService}})`,
          legend: "{{schedule}}",
        },
      }),
    ]),
    row("Restores", [
      timeseries({
        title: "Restores",
        width: 24,
        height: 6,
        unit: unit.count,
        queries: ["success", "partial_failure", "failed"].map((what) => ({
          expr: `sum(increase(velero_restore_${what}_total{${ofService}}[1h]))`,
          legend: what,
        })),
      }),
    ]),
    workloadRow({ pods: "velero-.*|node-agent-.*" }),
    row("Logs", [serviceLogs()], { collapsed: true }),
  ],
});
