import type { MetricsSource } from "../../kit/signals";
import { histogram } from "./names";

/** authentik. */
export const authentikSource: MetricsSource = {
  source: "authentik 2026.8",
  known:
    "source of github.com/goauthentik/authentik: internal/web/metrics.go, authentik/flows/apps.py, authentik/policies/apps.py; django_* from django-prometheus",
  metrics: [
    ...histogram("authentik_main_request_duration_seconds"),
    ...histogram("authentik_flows_execution_stage_time"),
    ...histogram("authentik_flows_plan_time"),
    ...histogram("authentik_policies_execution_time"),
    "django_http_requests_total_by_method_total",
    "django_http_responses_total_by_status_total",
    "django_http_exceptions_total_by_type_total",
  ],
};
