import type { V1Container, V1Node, V1Pod } from "@kubernetes/client-node";
import { bytesOf } from "../volumes/claims";

/** What metrics-server answers: here, what the pods ask for, as no process runs that could be measured. */

interface Usage {
  cpu: string;
  memory: string;
}

interface PodMetrics {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  timestamp: string;
  window: string;
  containers: { name: string; usage: Usage }[];
}

interface NodeMetrics {
  metadata: { name: string; labels?: Record<string, string> };
  timestamp: string;
  window: string;
  usage: Usage;
}

const window = "15s";
const runs = (pod: V1Pod): boolean => pod.status?.phase === "Running" && pod.metadata?.deletionTimestamp === undefined;

export function podMetrics(pods: readonly V1Pod[], now: Date): PodMetrics[] {
  return pods.filter(runs).map((pod) => ({
    metadata: { name: pod.metadata!.name!, namespace: pod.metadata!.namespace!, labels: pod.metadata!.labels },
    timestamp: now.toISOString(),
    window,
    containers: pod.spec!.containers.map((container) => ({
      name: container.name,
      usage: usageOf([container]),
    })),
  }));
}

export function nodeMetrics(nodes: readonly V1Node[], pods: readonly V1Pod[], now: Date): NodeMetrics[] {
  return nodes.map((node) => ({
    metadata: { name: node.metadata!.name!, labels: node.metadata!.labels },
    timestamp: now.toISOString(),
    window,
    usage: usageOf(
      pods
        .filter((pod) => runs(pod) && pod.spec?.nodeName === node.metadata!.name)
        .flatMap((pod) => pod.spec!.containers),
    ),
  }));
}

function usageOf(containers: readonly V1Container[]): Usage {
  const requests = containers.map((container) => container.resources?.requests ?? {});
  const milli = requests.reduce((sum, { cpu }) => sum + milliCpu(cpu), 0);
  const bytes = requests.reduce((sum, { memory }) => sum + (memory === undefined ? 0n : bytesOf(memory)), 0n);
  return { cpu: `${milli}m`, memory: `${bytes / 1024n}Ki` };
}

function milliCpu(quantity: string | undefined): number {
  if (quantity === undefined) return 0;
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Math.round(Number(quantity) * 1000);
}
