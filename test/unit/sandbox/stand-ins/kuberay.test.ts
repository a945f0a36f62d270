import type { KubernetesObject, V1Pod, V1Service } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredCluster, podsOf } from "../../../../sandbox/stand-ins/operators/kuberay/cluster";
import { desiredService } from "../../../../sandbox/stand-ins/operators/kuberay/service";
import type { ClusterSpec, RayCluster, RayService } from "../../../../sandbox/stand-ins/operators/kuberay/types";
import { observing } from "./observed";

const template = (cpu: string, labels: Record<string, string> = {}) => ({
  metadata: { labels: { "app.kubernetes.io/name": "ray", "ray.io/group": "mine", ...labels } },
  spec: {
    containers: [
      {
        name: "ray",
        image: "ray:1",
        securityContext: { runAsNonRoot: true },
        resources: { requests: { cpu } },
        ports: [
          { name: "gcs-server", containerPort: 6379 },
          { name: "serve", containerPort: 8000 },
        ],
      },
    ],
  },
});

const spec = (cpu = "1"): ClusterSpec => ({
  headGroupSpec: { rayStartParams: { "num-cpus": "0" }, template: template("1") },
  workerGroupSpecs: [{ groupName: "a", replicas: 1, minReplicas: 2, rayStartParams: {}, template: template(cpu) }],
});

function rayService(strategy?: string, cpu?: string, status?: RayService["status"]): RayService {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { namespace: "ai-ml", name: "ai-inference", uid: "u1", generation: 3 },
    spec: { rayClusterConfig: spec(cpu), ...(strategy === undefined ? {} : { upgradeStrategy: { type: strategy } }) },
    ...(status === undefined ? {} : { status }),
  };
}

const made = <T extends KubernetesObject>(kind: string, service: RayService, seen: KubernetesObject[] = []) =>
  (desiredService(service, observing(seen)).objects ?? []).filter((object) => object.kind === kind) as T[];
const clustersOf = (service: RayService, seen: KubernetesObject[] = []) =>
  made<RayCluster>("RayCluster", service, seen);

/** A cluster of which everything runs, and its pods. */
function running(cluster: RayCluster): KubernetesObject[] {
  const pods = podsOf(cluster).map((pod) => ({
    ...pod,
    status: { conditions: [{ type: "Ready", status: "True" }] },
  }));
  return [{ ...cluster, status: { state: "ready" } } as RayCluster, ...pods];
}

const statusOf = (service: RayService, seen: KubernetesObject[]) =>
  desiredService(service, observing(seen)).status as {
    activeServiceStatus: { rayClusterName: string } | null;
    numServeEndpoints: number;
    conditions: { type: string; status: string; reason: string }[];
  };

const conditionOf = (service: RayService, seen: KubernetesObject[], type: string) => {
  const { status, reason } = statusOf(service, seen).conditions.find((each) => each.type === type)!;
  return [status, reason];
};

describe("a RayService", () => {
  it("is one cluster, without Services until it serves", () => {
    const [cluster] = clustersOf(rayService("None"));
    expect(cluster!.metadata!.name).toMatch(/^ai-inference-[0-9a-f]{5}$/);
    expect(made("Service", rayService("None"))).toEqual([]);
    expect(conditionOf(rayService("None"), [], "Ready")).toEqual(["False", "Initializing"]);
  });

  it("is ready when all pods are, with the two Services to that cluster", () => {
    const service = rayService("None");
    const seen = running(clustersOf(service)[0]!);
    expect(conditionOf(service, seen, "Ready")).toEqual(["True", "NonZeroServeEndpoints"]);
    expect(statusOf(service, seen).numServeEndpoints).toBe(3);
    const services = made<V1Service>("Service", service, seen);
    expect(services.map(({ metadata }) => metadata!.name)).toEqual(["ai-inference-head-svc", "ai-inference-serve-svc"]);
    expect(services[1]!.spec).toMatchObject({
      selector: { "ray.io/cluster": seen[0]!.metadata!.name, "ray.io/serve": "true" },
      ports: [{ name: "serve", port: 8000 }],
    });
  });

  const active = clustersOf(rayService())[0]!;
  const status = { activeServiceStatus: { rayClusterName: active.metadata!.name! } };

  it("leaves a cluster that has changed as it is with the strategy None", () => {
    const changed = rayService("None", "2", status);
    expect(clustersOf(changed, running(active)).map(({ spec: { workerGroupSpecs } }) => workerGroupSpecs)).toEqual([
      spec().workerGroupSpecs,
    ]);
    expect(conditionOf(changed, running(active), "UpgradeInProgress")[0]).toBe("False");
  });

  it("makes a second cluster beside it without, and goes over when that serves", () => {
    const changed = rayService(undefined, "2", status);
    const both = clustersOf(changed, running(active));
    expect(both).toHaveLength(2);
    expect(conditionOf(changed, running(active), "UpgradeInProgress")).toEqual([
      "True",
      "BothActivePendingClustersExist",
    ]);
    expect(statusOf(changed, running(active)).activeServiceStatus).toEqual(status.activeServiceStatus);
    const later = [...running(active), ...running(both[1]!)];
    expect(clustersOf(changed, later).map(({ metadata }) => metadata!.name)).toEqual([both[1]!.metadata!.name]);
    expect(statusOf(changed, later).activeServiceStatus).toEqual({ rayClusterName: both[1]!.metadata!.name });
  });

  it("says so when nothing answers any more", () => {
    const service = rayService("None");
    const [cluster] = clustersOf(service);
    const before = statusOf(service, running(cluster!));
    const later = rayService("None", undefined, {
      activeServiceStatus: before.activeServiceStatus!,
      conditions: before.conditions as never,
    });
    expect(conditionOf(later, [cluster!], "Ready")).toEqual(["False", "ZeroServeEndpoints"]);
  });
});

describe("a RayCluster", () => {
  const [cluster] = clustersOf(rayService("None"));

  it("is a head and the workers of each group, never fewer than the least", () => {
    const pods = podsOf(cluster!);
    const name = cluster!.metadata!.name;
    expect(pods.map(({ metadata }) => metadata!.name)).toEqual([
      `${name}-head`,
      `${name}-a-worker-0`,
      `${name}-a-worker-1`,
    ]);
    expect(pods[1]!.metadata!.labels).toMatchObject({
      // The template's own, but for what says which node it is.
      "app.kubernetes.io/name": "ray",
      "ray.io/group": "a",
      "ray.io/cluster": name,
      "ray.io/node-type": "worker",
      "ray.io/serve": "true",
    });
  });

  it("has workers that wait for the head, as restricted as they are", () => {
    const [head, worker] = podsOf(cluster!) as [V1Pod, V1Pod];
    expect(head.spec!.initContainers).toBeUndefined();
    expect(worker.spec!.initContainers).toMatchObject([
      { name: "wait-gcs-ready", securityContext: { runAsNonRoot: true }, resources: { limits: { memory: "256Mi" } } },
    ]);
    expect(head.spec!.containers[0]!.args).toEqual([expect.stringContaining("ray start --head --block --num-cpus=0")]);
  });

  it("is ready when every pod is", () => {
    const [head, ...workers] = running(cluster!).slice(1) as V1Pod[];
    const state = (pods: V1Pod[]) => desiredCluster(cluster!, observing([], pods)).status as { state?: string };
    expect(state([head!, ...workers]).state).toBe("ready");
    expect(state([head!, workers[0]!]).state).toBeUndefined();
  });
});
