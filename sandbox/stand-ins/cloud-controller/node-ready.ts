import type { V1Node } from "@kubernetes/client-node";

export function isNodeReady(node: V1Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}
