import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject, V1PersistentVolumeClaim, V1Pod } from "@kubernetes/client-node";
import { bytesOf } from "../volumes/claims";

/** How each wanted object is brought about: pure, from what is wanted and what is there. */

export const templateAnnotation = "sandbox.orrery.dev/template";

export type Step =
  | { do: "apply" | "create" | "delete"; object: KubernetesObject }
  /** A claim's request may only grow. */
  | { do: "grow"; object: KubernetesObject; storage: string };

export function templateHash(pod: V1Pod): string {
  return createHash("sha256")
    .update(JSON.stringify([pod.spec, pod.metadata?.labels, pod.metadata?.annotations]))
    .digest("hex")
    .slice(0, 16);
}

export function identity(object: KubernetesObject): string {
  return `${object.kind}/${object.metadata?.namespace ?? ""}/${object.metadata?.name}`;
}

/**
 * @param owned what the resource owns now
 * Pods cannot be changed: those with an old template are replaced, one at a time and only while all others are ready.
 */
export function planChildren(
  wanted: readonly KubernetesObject[],
  owned: readonly KubernetesObject[],
  ready: (pod: V1Pod) => boolean,
  prune = true,
): Step[] {
  const have = new Map(owned.map((object) => [identity(object), object]));
  const steps: Step[] = [];
  const outdated: V1Pod[] = [];
  for (const object of wanted) {
    const existing = have.get(identity(object));
    have.delete(identity(object));
    if (object.kind === "Pod") {
      const pod = withHash(object as V1Pod);
      if (!existing) steps.push({ do: "create", object: pod });
      else if (
        existing.metadata!.annotations?.[templateAnnotation] !== pod.metadata!.annotations![templateAnnotation]
      ) {
        outdated.push(existing as V1Pod);
      }
    } else if (object.kind === "PersistentVolumeClaim") {
      if (!existing) steps.push({ do: "create", object });
      else steps.push(...planGrowth(object as V1PersistentVolumeClaim, existing as V1PersistentVolumeClaim));
    } else {
      steps.push({ do: "apply", object });
    }
  }
  for (const object of prune ? have.values() : []) {
    if (!object.metadata?.deletionTimestamp) steps.push({ do: "delete", object });
  }
  const restart = nextToRestart(
    outdated,
    owned.filter((object): object is V1Pod => object.kind === "Pod"),
    ready,
  );
  if (restart) steps.push({ do: "delete", object: restart });
  return steps;
}

/** The last one first, so that the primary, which is the first, comes last. */
function nextToRestart(outdated: V1Pod[], all: V1Pod[], ready: (pod: V1Pod) => boolean): V1Pod | undefined {
  if (all.some((pod) => pod.metadata?.deletionTimestamp)) return undefined;
  const broken = outdated.find((pod) => !ready(pod));
  if (broken) return broken;
  return all.every(ready) ? outdated.at(-1) : undefined;
}

function withHash(pod: V1Pod): V1Pod {
  const annotations = { ...pod.metadata?.annotations, [templateAnnotation]: templateHash(pod) };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/** A claim of its own, or one that it only looks after. */
export function planGrowth(wanted: V1PersistentVolumeClaim, existing: V1PersistentVolumeClaim): Step[] {
  const storage = wanted.spec?.resources?.requests?.["storage"];
  const have = existing.spec?.resources?.requests?.["storage"];
  if (!storage || !have || bytesOf(storage) <= bytesOf(have)) return [];
  // Objects of a list come without their kind.
  const { apiVersion, kind } = wanted;
  return [{ do: "grow", object: { ...existing, apiVersion, kind }, storage }];
}

/** True when every field of the wanted status is there already. */
export function statusHolds(have: object | undefined, wanted: object): boolean {
  return Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual((have as Record<string, unknown> | undefined)?.[key] ?? undefined, value ?? undefined),
  );
}
