import type { V1Pod } from "@kubernetes/client-node";

export function isReady(pod: V1Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true
  );
}

export function runsImage(pod: V1Pod, image: RegExp): boolean {
  return pod.spec?.containers.some((container) => image.test(container.image ?? "")) === true;
}

export function readyPods(pods: readonly V1Pod[], image: RegExp): V1Pod[] {
  return pods.filter((pod) => runsImage(pod, image) && isReady(pod));
}
