import type { AreaCases, Series } from "./case";

const allocatable = (node: string, resource: string) =>
  `kube_node_status_allocatable{node="${node}",resource="${resource}"}`;
const requests = (pod: string, node: string, resource: string) =>
  `kube_pod_container_resource_requests{namespace="apps",pod="${pod}",container="c",node="${node}",resource="${resource}"}`;
const running = (pod: string) => `kube_pod_status_phase{namespace="apps",pod="${pod}",phase="Running"}`;

/** Three nodes of four cores, one of them for the control plane, and a pod that has ended. */
const cluster = (cores: number): Series => ({
  [allocatable("control", "cpu")]: "4x90",
  'kube_node_spec_taint{node="control",key="node-role.kubernetes.io/control-plane",effect="NoSchedule"}': "1x90",
  [allocatable("a", "cpu")]: "4x90",
  [allocatable("b", "cpu")]: "4x90",
  [requests("system", "control", "cpu")]: "1x90",
  [running("system")]: "1x90",
  [requests("shop", "a", "cpu")]: `${cores}x90`,
  [running("shop")]: "1x90",
  [requests("done", "b", "cpu")]: "100x90",
  [running("done")]: "0x90",
});

const podsOfNode = (count: number): Series => ({
  'kube_node_status_allocatable{node="a",resource="pods"}': "2x40",
  ...Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`kube_pod_info{namespace="apps",pod="p${index}",node="a"}`, "1x40"]),
  ),
  ...Object.fromEntries(Array.from({ length: count }, (_, index) => [running(`p${index}`), "1x40"])),
});

export const capacityCases: AreaCases = {
  area: "capacity",
  recordings: [
    {
      record: "node_resource:kube_node_status_allocatable:general",
      series: cluster(3),
      minute: 5,
      samples: [
        { labels: { node: "a", resource: "cpu" }, value: 4 },
        { labels: { node: "b", resource: "cpu" }, value: 4 },
      ],
    },
    {
      record: "resource:kube_pod_container_resource_requests:general",
      series: cluster(3),
      minute: 5,
      samples: [{ labels: { resource: "cpu" }, value: 3 }],
    },
  ],
  alerts: [
    {
      alert: "CapacityRequestsHigh",
      fires: { series: cluster(7.5), minute: 40, labels: { resource: "cpu" } },
      quiet: { series: cluster(7), minute: 40 },
    },
    {
      alert: "CapacityNoRoomForNodeLoss",
      fires: { series: cluster(5), minute: 70, labels: { resource: "cpu" } },
      quiet: { series: cluster(3.9), minute: 70 },
    },
    {
      alert: "CapacityPodsOfNode",
      fires: { series: podsOfNode(2), minute: 35, labels: { node: "a" } },
      quiet: { series: podsOfNode(1), minute: 35 },
    },
  ],
};
