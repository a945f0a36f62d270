import type { AreaCases } from "./case";

const available = 'kube_deployment_status_replicas_available{namespace="automation",deployment="n8n"}';

export const n8nCases: AreaCases = {
  area: "n8n",
  alerts: [
    {
      alert: "N8nDown",
      fires: { series: { [available]: "0x10" }, minute: 8, labels: { namespace: "automation", deployment: "n8n" } },
      quiet: { series: { [available]: "1x10" }, minute: 8 },
    },
    {
      alert: "N8nWorkflowsFail",
      fires: {
        series: { 'n8n_workflow_failed_total{pod="a"}': "0+1x40", 'n8n_workflow_started_total{pod="a"}': "0+3x40" },
        minute: 35,
        labels: {},
      },
      // Three of four: a share that is no sample.
      quiet: {
        series: {
          'n8n_workflow_failed_total{pod="a"}': "0 1 2 3x40",
          'n8n_workflow_started_total{pod="a"}': "0 2 3 4x40",
        },
        minute: 20,
      },
    },
    {
      alert: "N8nWaitsForDatabase",
      fires: { series: { 'n8n_db_pool_requests_pending{pod="a"}': "2x15" }, minute: 12, labels: { pod: "a" } },
      quiet: { series: { 'n8n_db_pool_requests_pending{pod="a"}': "2 0 2 0x15" }, minute: 12 },
    },
  ],
};
