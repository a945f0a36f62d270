import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** Grafana. */
export const grafanaSource: MetricsSource = {
  source: "Grafana 13",
  known: "source of github.com/grafana/grafana: pkg/infra/metrics/metrics.go, pkg/middleware/request_metrics.go",
  metrics: [
    "grafana_build_info",
    ...histogram("grafana_http_request_duration_seconds"),
    "grafana_http_request_in_flight",
    "grafana_stat_totals_dashboard",
    "grafana_stat_total_users",
    "grafana_stat_active_users",
    "grafana_datasource_request_total",
    ...histogram("grafana_datasource_request_duration_seconds"),
  ],
};
