import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Velero. */
export const veleroSource: MetricsSource = {
  source: "Velero 1.18.1",
  known: "source of github.com/vmware-tanzu/velero 1.18.1: pkg/metrics/metrics.go",
  metrics: [
    "velero_backup_total",
    "velero_backup_attempt_total",
    "velero_backup_success_total",
    "velero_backup_partial_failure_total",
    "velero_backup_failure_total",
    "velero_backup_validation_failure_total",
    ...histogram("velero_backup_duration_seconds"),
    "velero_backup_last_successful_timestamp",
    "velero_backup_last_status",
    "velero_backup_items_total",
    "velero_backup_items_errors",
    "velero_backup_tarball_size_bytes",
    "velero_backup_warning_total",
    "velero_backup_location_status_gauge",
    "velero_restore_total",
    "velero_restore_attempt_total",
    "velero_restore_success_total",
    "velero_restore_partial_failure_total",
    "velero_restore_failed_total",
    "velero_volume_snapshot_attempt_total",
    "velero_volume_snapshot_failure_total",
    "velero_csi_snapshot_attempt_total",
    "velero_csi_snapshot_failure_total",
    "velero_data_upload_success_total",
    "velero_data_upload_failure_total",
    "velero_repo_maintenance_failure_total",
  ],
};
