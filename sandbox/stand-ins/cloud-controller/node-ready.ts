import type { V1Node } from "@kubernetes/client-node";

export function isNodeReady(node: V1Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** What of a node decides whether load balancers send to it: heartbeats are no reason to ask the cloud's API. */
export function targetSignature(node: V1Node): string {
  const { labels, deletionTimestamp } = node.metadata ?? {};
  const taints = node.spec?.taints?.map(({ key }) => key);
  return JSON.stringify([isNodeReady(node), node.spec?.providerID, labels, taints, deletionTimestamp]);
}

/** Says of each object whether its signature is another one than the last time. */
export function changeDetector(signature: (node: V1Node) => string): (node: V1Node) => boolean {
  const seen = new Map<string, string>();
  return (node) => {
    const name = node.metadata?.name ?? "";
    const now = signature(node);
    if (seen.get(name) === now) return false;
    seen.set(name, now);
    return true;
  };
}
