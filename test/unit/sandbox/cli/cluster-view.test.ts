import type { V1Container, V1Node, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { podRequests, viewOf } from "../../../../sandbox/cli/cluster-view";

const container = (cpu: string, more: Partial<V1Container> = {}): V1Container => ({
  name: "c",
  resources: { requests: { cpu } },
  ...more,
});
const milliCpu = (requests: Record<string, string> | undefined) => Number((requests?.cpu ?? "0").replace("m", ""));
const pod = (name: string, node: string | undefined, more: Partial<V1Pod> = {}): V1Pod => ({
  metadata: { namespace: "ns", name },
  spec: {
    nodeName: node,
    containers: [{ name: "c", resources: { requests: { cpu: "500m", memory: "1Gi", "nvidia.com/gpu": "1" } } }],
  },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  ...more,
});
const node = (name: string, pool?: string): V1Node => ({
  metadata: { name, labels: pool === undefined ? {} : { "orrery.dev/pool": pool } },
  status: { allocatable: { cpu: "3950m", memory: "8Gi", "nvidia.com/gpu": "2" } },
});

describe("what a pod asks for", () => {
  it.each<[string, V1Pod["spec"], number]>([
    ["its containers together", { containers: [container("100m"), container("50m")] }, 150],
    ["a larger init container", { containers: [container("100m")], initContainers: [container("300m")] }, 300],
    [
      "the largest of several",
      { containers: [container("1m")], initContainers: [container("3m"), container("5m")] },
      5,
    ],
    [
      "a sidecar beside its containers",
      { containers: [container("100m")], initContainers: [container("30m", { restartPolicy: "Always" })] },
      130,
    ],
    [
      "a sidecar beside its init container",
      {
        containers: [container("10m")],
        initContainers: [container("30m", { restartPolicy: "Always" }), container("100m")],
      },
      130,
    ],
    ["its overhead", { containers: [container("100m")], overhead: { cpu: "20m" } }, 120],
    ["nothing", { containers: [{ name: "c" }] }, 0],
  ])("is %s", (_what, spec, expected) => {
    expect(podRequests({ spec }, milliCpu)).toBe(expected);
  });
});

describe("the cluster's view", () => {
  it("counts a slice of a shared GPU as a part of one", () => {
    const shared = node("a", "gpu");
    shared.metadata!.labels!["orrery.dev/gpu-sharing"] = "time-slicing-2";
    const whole = node("b", "gpu");
    whole.metadata!.labels!["orrery.dev/gpu-sharing"] = "none";
    const [pool] = viewOf([shared, whole], [pod("1", "a"), pod("2", "b")]).pools;
    expect(pool?.gpus).toEqual({ requested: 1.5, allocatable: 3 });
  });

  it("adds nodes and pods up for each pool", () => {
    const view = viewOf(
      [node("a", "general"), node("b", "general"), node("c", "gpu"), node("d")],
      [pod("1", "a"), pod("2", "b"), pod("3", "c")],
    );
    expect(view).toMatchObject({ nodes: 4, pods: 3, ready: 3, unschedulable: [] });
    expect(view.pools.map(({ name, nodes }) => [name, nodes])).toEqual([
      ["general", 2],
      ["gpu", 1],
      ["other", 1],
    ]);
    expect(view.pools[0]).toEqual({
      name: "general",
      nodes: 2,
      cpu: { requested: 1, allocatable: 7.9 },
      memoryGiB: { requested: 2, allocatable: 16 },
      gpus: { requested: 2, allocatable: 4 },
    });
  });

  it("leaves out what has ended, and counts only what is ready", () => {
    const done = pod("done", "a", { status: { phase: "Succeeded" } });
    const starting = pod("starting", "a", { status: { phase: "Pending" } });
    const view = viewOf([node("a", "general")], [pod("1", "a"), done, starting]);
    expect(view).toMatchObject({ pods: 2, ready: 1, unschedulable: [] });
    expect(view.pools[0]?.cpu.requested).toBe(1);
  });

  it("gives the scheduler's reason for a pod without a node", () => {
    const message = "0/1 nodes are available: 1 Insufficient cpu.";
    const refused = pod("big", undefined, {
      status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message }] },
    });
    const unseen = pod("new", undefined, { status: { phase: "Pending" } });
    const view = viewOf([node("a", "general")], [refused, unseen]);
    expect(view.unschedulable).toEqual([
      { pod: "ns/big", reason: message },
      { pod: "ns/new", reason: "not scheduled yet" },
    ]);
    expect(view.pools[0]?.cpu.requested).toBe(0);
  });
});
