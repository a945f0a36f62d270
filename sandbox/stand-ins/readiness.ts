import type { V1Node, V1Pod, V1PodCondition } from "@kubernetes/client-node";
import { isNodeReady } from "./cloud-controller/node-ready";
import type { Context } from "./runtime/context";
import { keyOf, splitKey } from "./runtime/controller";
import { nodes, pods } from "./runtime/kinds";

const conditionOf = (pod: V1Pod, type: string) => pod.status?.conditions?.find((condition) => condition.type === type);

/**
 * The conditions of a pod that is marked unready although its containers are ready and its node is too; undefined when
 * there is nothing to put right.
 */
export function readyAgain(pod: V1Pod, node: V1Node | undefined, now: Date): V1PodCondition[] | undefined {
  const marked = pod.status?.phase === "Running" && conditionOf(pod, "Ready")?.status === "False";
  const runs = conditionOf(pod, "ContainersReady")?.status === "True" && pod.metadata?.deletionTimestamp === undefined;
  if (!marked || !runs || node === undefined || !isNodeReady(node)) return undefined;
  return pod.status?.conditions?.map((condition) =>
    condition.type === "Ready" ? { ...condition, status: "True", lastTransitionTime: now } : condition,
  );
}

/**
 * The kubelet's part: the node lifecycle controller marks pods unready when it believes that their node is, and that
 * belief can be seconds old. A kubelet says at its next look what is true; kwok plays each pod once.
 */
export function startReadiness(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const podStore = context.store<V1Pod>(pods);
  const nodeOf = (pod: V1Pod) => nodeStore.get(pod.spec?.nodeName ?? "");
  const wrong = (pod: V1Pod) => readyAgain(pod, nodeOf(pod), new Date()) !== undefined;

  context
    .controller({
      name: "kubelet",
      keys: () => podStore.list().filter(wrong).map(keyOf),
      reconcile: async (key) => {
        const [namespace, name] = splitKey(key);
        const pod = podStore.get(name, namespace);
        const conditions = pod && readyAgain(pod, nodeOf(pod), new Date());
        if (conditions) await context.cluster.patchPodStatus(pod, { conditions });
        return undefined;
      },
      resyncMs: 5_000,
    })
    .watch(podStore, (pod) => (wrong(pod) ? [keyOf(pod)] : []));
}
