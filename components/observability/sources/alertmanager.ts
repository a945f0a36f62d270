import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Alertmanager. */
export const alertmanagerSource: MetricsSource = {
  source: "Alertmanager",
  known: "the real program in test/real/metric-sources.test.ts",
  metrics: [
    "alertmanager_build_info",
    "alertmanager_alerts",
    "alertmanager_alerts_received_total",
    "alertmanager_alerts_invalid_total",
    "alertmanager_notifications_total",
    "alertmanager_notifications_failed_total",
    ...histogram("alertmanager_notification_latency_seconds"),
    "alertmanager_silences",
    "alertmanager_cluster_members",
    "alertmanager_cluster_peers_joined_total",
    "alertmanager_cluster_failed_peers",
    "alertmanager_config_last_reload_successful",
    "alertmanager_dispatcher_aggregation_groups",
  ],
};
