import type { Signals } from "../../kit/signals";

/** Talos gives etcd a quota of 2 GiB: full, it takes no more writes. */
const ETCD_NEARLY_FULL_BYTES = 0.8 * 2 * 1024 ** 3;

/** The control plane, as the API server tells it, and the nodes as it sees them. */
export const kubernetesSignals: Signals = {
  area: "kubernetes",
  metrics: [
    "apiserver_admission_webhook_rejection_count",
    "apiserver_request_duration_seconds_bucket",
    "apiserver_request_total",
    "apiserver_storage_size_bytes",
    "etcd_request_duration_seconds_count",
    "etcd_request_duration_seconds_sum",
    "kube_node_spec_unschedulable",
    "kube_node_status_condition",
  ],
  signals: [
    {
      name: "KubernetesApiNotSeen",
      severity: "critical",
      expression: "absent(apiserver_request_total)",
      forMinutes: 10,
      summary: "No API server gives its metrics: it is down, or Prometheus does not reach it.",
    },
    {
      name: "KubernetesApiErrors",
      severity: "warning",
      expression: 'sum(rate(apiserver_request_total{code=~"5.."}[5m])) / sum(rate(apiserver_request_total[5m])) > 0.03',
      forMinutes: 10,
      summary: "The API server answers more than 3 of 100 requests with an error of its own.",
    },
    {
      name: "KubernetesApiSlow",
      severity: "warning",
      expression:
        'histogram_quantile(0.99, sum by (verb, le) (rate(apiserver_request_duration_seconds_bucket{verb=~"GET|POST|PUT|PATCH|APPLY|DELETE",subresource!~"log|proxy|exec|attach|portforward"}[5m]))) > 1',
      forMinutes: 15,
      summary: "One in a hundred requests to the API server takes longer than a second.",
    },
    {
      name: "KubernetesWebhookUnreachable",
      severity: "warning",
      expression:
        'sum by (name) (increase(apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error"}[10m])) > 0',
      forMinutes: 10,
      summary: "Objects are refused because a webhook does not answer: its operator is down or its path is closed.",
    },
    {
      name: "EtcdSlow",
      severity: "warning",
      expression:
        "sum by (operation) (rate(etcd_request_duration_seconds_sum[5m])) / sum by (operation) (rate(etcd_request_duration_seconds_count[5m])) > 0.2",
      forMinutes: 15,
      summary: "etcd answers the API server slowly: mostly its disk, or the network between the control planes.",
    },
    {
      name: "EtcdNearlyFull",
      severity: "critical",
      expression: `max(apiserver_storage_size_bytes) > ${ETCD_NEARLY_FULL_BYTES}`,
      forMinutes: 10,
      summary: "etcd holds more than four fifths of its quota: full, the cluster takes no changes at all.",
    },
    {
      name: "NodeNotReady",
      severity: "critical",
      expression: 'kube_node_status_condition{condition="Ready",status="true"} == 0',
      forMinutes: 10,
      summary: "A node is not ready: its pods are moved away, and those with volumes on its disks cannot be.",
    },
    {
      name: "NodeUnderPressure",
      severity: "warning",
      expression: 'kube_node_status_condition{condition=~"MemoryPressure|DiskPressure|PIDPressure",status="true"} == 1',
      forMinutes: 5,
      summary: "A node is short of memory, disk or processes, and evicts pods.",
    },
    {
      name: "NodeCordoned",
      severity: "warning",
      expression: "kube_node_spec_unschedulable == 1",
      forMinutes: 720,
      summary: "A node has taken no new pods for twelve hours: somebody forgot to uncordon it.",
    },
  ],
};
