import type { Signals } from "../../kit/signals";

/** n8n: what Kubernetes knows of its pods, and what it counts itself. */
export const n8nSignals: Signals = {
  area: "n8n",
  metrics: [
    "kube_deployment_status_replicas_available",
    "n8n_db_pool_requests_pending",
    "n8n_workflow_failed_total",
    "n8n_workflow_started_total",
  ],
  signals: [
    {
      name: "N8nDown",
      severity: "critical",
      expression: 'kube_deployment_status_replicas_available{namespace="automation",deployment="n8n"} == 0',
      forMinutes: 5,
      summary: "n8n is down: no workflow runs, and webhooks of others are lost.",
    },
    {
      name: "N8nWorkflowsFail",
      severity: "warning",
      expression:
        "sum(increase(n8n_workflow_failed_total[30m])) > 5 and sum(increase(n8n_workflow_failed_total[30m])) / sum(increase(n8n_workflow_started_total[30m])) > 0.25",
      forMinutes: 0,
      summary: "More than a quarter of the workflows of the last half an hour have failed.",
    },
    {
      name: "N8nWaitsForDatabase",
      severity: "warning",
      expression: "max by (pod) (n8n_db_pool_requests_pending) > 0",
      forMinutes: 10,
      summary: "n8n waits for connections to PostgreSQL.",
    },
  ],
};
