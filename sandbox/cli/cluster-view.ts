import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { V1Node, V1Pod } from "@kubernetes/client-node";
import { toolsDirectory } from "../paths";
import { parseQuantity } from "../providers/kubernetes/quantity";

/** Requested against allocatable, in the unit that the field's name says. */
export interface Usage {
  requested: number;
  allocatable: number;
}

export interface PoolUsage {
  name: string;
  nodes: number;
  cpu: Usage;
  memoryGiB: Usage;
  /** Whole ones: a slice of a shared GPU is a part of it. */
  gpus: Usage;
}

export interface ClusterView {
  nodes: number;
  pods: number;
  ready: number;
  /** Pods without a node, with the scheduler's reason. */
  unschedulable: { pod: string; reason: string }[];
  pools: PoolUsage[];
}

const poolLabel = "orrery.dev/pool";
const gpuResources = ["nvidia.com/gpu", "amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe"];
const gibibyte = 1024 ** 3;
const nano = 1e9;

function amount(quantities: Record<string, string> | undefined, resource: string): number {
  const quantity = quantities?.[resource];
  return quantity === undefined ? 0 : Number(parseQuantity(quantity) ?? 0n) / nano;
}

const gpus = (quantities: Record<string, string> | undefined) =>
  gpuResources.reduce((sum, resource) => sum + amount(quantities, resource), 0);

/** Devices that one GPU of the node counts as: 20 with `time-slicing-20`. */
function slicesOf(node: V1Node): number {
  return Number(/-(\d+)$/.exec(node.metadata?.labels?.["orrery.dev/gpu-sharing"] ?? "")?.[1] ?? 1);
}

/**
 * What the scheduler counts for a pod: the containers together, or the largest init container where that is more;
 * sidecars (init containers that restart always) run beside both.
 */
export function podRequests(pod: V1Pod, measure: (requests: Record<string, string> | undefined) => number): number {
  const inits = pod.spec?.initContainers ?? [];
  const sidecars = inits
    .filter((container) => container.restartPolicy === "Always")
    .reduce((sum, container) => sum + measure(container.resources?.requests), 0);
  const main = (pod.spec?.containers ?? []).reduce((sum, container) => sum + measure(container.resources?.requests), 0);
  const largestInit = inits
    .filter((container) => container.restartPolicy !== "Always")
    .reduce((largest, container) => Math.max(largest, measure(container.resources?.requests)), 0);
  return Math.max(main + sidecars, largestInit + sidecars) + measure(pod.spec?.overhead);
}

const finished = (pod: V1Pod) => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

function isReady(pod: V1Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false
  );
}

/** Pure: the cluster's nodes and pods, added up for each node pool. */
export function viewOf(nodes: V1Node[], pods: V1Pod[]): ClusterView {
  const poolOf = new Map(
    nodes.map((node) => [node.metadata?.name ?? "", node.metadata?.labels?.[poolLabel] ?? "other"]),
  );
  const slices = new Map(nodes.map((node) => [node.metadata?.name ?? "", slicesOf(node)]));
  const pools = new Map<string, PoolUsage>();
  const pool = (name: string): PoolUsage => {
    const known = pools.get(name);
    if (known) return known;
    const none = () => ({ requested: 0, allocatable: 0 });
    const made = { name, nodes: 0, cpu: none(), memoryGiB: none(), gpus: none() };
    pools.set(name, made);
    return made;
  };
  for (const node of nodes) {
    const usage = pool(poolOf.get(node.metadata?.name ?? "") ?? "other");
    usage.nodes += 1;
    usage.cpu.allocatable += amount(node.status?.allocatable, "cpu");
    usage.memoryGiB.allocatable += amount(node.status?.allocatable, "memory") / gibibyte;
    usage.gpus.allocatable += gpus(node.status?.allocatable) / slicesOf(node);
  }
  const live = pods.filter((pod) => !finished(pod));
  for (const pod of live) {
    const name = poolOf.get(pod.spec?.nodeName ?? "");
    if (name === undefined) continue;
    const usage = pool(name);
    usage.cpu.requested += podRequests(pod, (requests) => amount(requests, "cpu"));
    usage.memoryGiB.requested += podRequests(pod, (requests) => amount(requests, "memory")) / gibibyte;
    usage.gpus.requested += podRequests(pod, gpus) / (slices.get(pod.spec?.nodeName ?? "") ?? 1);
  }
  return {
    nodes: nodes.length,
    pods: live.length,
    ready: live.filter(isReady).length,
    unschedulable: live
      .filter((pod) => !pod.spec?.nodeName)
      .map((pod) => ({
        pod: `${pod.metadata?.namespace}/${pod.metadata?.name}`,
        reason:
          pod.status?.conditions?.find((condition) => condition.type === "PodScheduled")?.message ??
          "not scheduled yet",
      })),
    pools: [...pools.values()].sort((a, b) => a.name.localeCompare(b.name)),
  };
}

const run = promisify(execFile);

/** Reads the cluster once. kubectl answers in less time than it takes to load a client library with its 700 types. */
export async function readCluster(kubeconfigFile: string): Promise<ClusterView> {
  const list = async <T>(kind: string): Promise<T[]> => {
    const args = ["get", kind, "--all-namespaces", "--output", "json", "--kubeconfig", kubeconfigFile];
    const { stdout } = await run(path.join(toolsDirectory, "kubectl"), args, { maxBuffer: 1024 ** 3 });
    return (JSON.parse(stdout) as { items: T[] }).items;
  };
  const [nodes, pods] = await Promise.all([list<V1Node>("nodes"), list<V1Pod>("pods")]);
  return viewOf(nodes, pods);
}
