import type { Signals } from "../../kit/signals";

/** Nodes that take any pod: control planes and machines set apart have taints. */
const TAINTED = 'kube_node_spec_taint{effect=~"NoSchedule|NoExecute"}';
const ALIVE = 'max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running"} == 1)';

/** What pods ask for, against what nodes have. */
export const capacitySignals: Signals = {
  area: "capacity",
  metrics: [
    "kube_node_spec_taint",
    "kube_node_status_allocatable",
    "kube_pod_container_resource_requests",
    "kube_pod_info",
    "kube_pod_status_phase",
  ],
  recordings: [
    {
      name: "node_resource:kube_node_status_allocatable:general",
      expression: `max by (node, resource) (kube_node_status_allocatable{resource=~"cpu|memory"}) unless on (node) ${TAINTED}`,
    },
    {
      name: "resource:kube_pod_container_resource_requests:general",
      expression: `sum by (resource) ((kube_pod_container_resource_requests{resource=~"cpu|memory"} unless on (node) ${TAINTED}) and on (namespace, pod) ${ALIVE})`,
    },
  ],
  signals: [
    {
      name: "CapacityRequestsHigh",
      severity: "warning",
      expression:
        "resource:kube_pod_container_resource_requests:general / on (resource) sum by (resource) (node_resource:kube_node_status_allocatable:general) > 0.9",
      forMinutes: 30,
      summary: "Pods ask for nine tenths of what the nodes have: soon a new one finds no place.",
    },
    {
      name: "CapacityNoRoomForNodeLoss",
      severity: "warning",
      expression:
        "resource:kube_pod_container_resource_requests:general > on (resource) (sum by (resource) (node_resource:kube_node_status_allocatable:general) - max by (resource) (node_resource:kube_node_status_allocatable:general)) and on (resource) count by (resource) (node_resource:kube_node_status_allocatable:general) > 1",
      forMinutes: 60,
      summary: "Without its biggest node the cluster could not hold all pods.",
    },
    {
      name: "CapacityPodsOfNode",
      severity: "warning",
      expression:
        'count by (node) (kube_pod_info{node!=""} and on (namespace, pod) (kube_pod_status_phase{phase="Running"} == 1)) / on (node) max by (node) (kube_node_status_allocatable{resource="pods"}) > 0.9',
      forMinutes: 30,
      summary: "A node has nine tenths of the pods that it may have.",
    },
  ],
};
