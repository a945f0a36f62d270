import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** External Secrets. */
export const externalSecretsSource: MetricsSource = {
  source: "external-secrets 2.9.0",
  known:
    "source of github.com/external-secrets/external-secrets: pkg/controllers/**/*metrics.go; controller_runtime_* and workqueue_* from sigs.k8s.io/controller-runtime",
  metrics: [
    "externalsecret_sync_calls_total",
    "externalsecret_sync_calls_error",
    "externalsecret_status_condition",
    "externalsecret_reconcile_duration",
    "externalsecret_provider_api_calls_count",
    "secretstore_status_condition",
    "clustersecretstore_status_condition",
    "controller_runtime_reconcile_total",
    "controller_runtime_reconcile_errors_total",
    ...histogram("controller_runtime_reconcile_time_seconds"),
    "controller_runtime_active_workers",
    "controller_runtime_max_concurrent_reconciles",
  ],
};
