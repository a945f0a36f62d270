import type { V1Pod } from "@kubernetes/client-node";
import { isReady } from "../runtime/presence";

/** What a plugin registers with the kubelet. */
export interface Offer {
  /** Count by name. */
  devices: Readonly<Record<string, number>>;
  /** Why it registers nothing, as its log would say. */
  problem?: string;
}

/** A container by its image and, where the image has several programs, its name. */
export interface Program {
  image: RegExp;
  container?: string;
}

/** Whether the pod is ready and runs the program. */
export function runs(pod: V1Pod, { image, container }: Program): boolean {
  return (
    isReady(pod) &&
    pod.spec!.containers.some(
      (each) => image.test(each.image ?? "") && (container === undefined || each.name === container),
    )
  );
}
