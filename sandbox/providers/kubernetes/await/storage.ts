import { type KubeObject, text } from "../objects";
import type { AwaitScope, Readiness } from "./types";

/** A claim is ready when it is bound, or pending where the volume is only made for the first pod that uses it. */
export function claimReadiness(claim: KubeObject, bindingMode: string, isUpdate: boolean): Readiness {
  const phase = text(claim, "status", "phase");
  if (phase === "Bound" || (bindingMode === "WaitForFirstConsumer" && phase === "Pending" && !isUpdate)) {
    return { ready: true, progress: `PersistentVolumeClaim is ${phase}` };
  }
  // An update of a claim that waits for its first consumer changes nothing about the waiting.
  if (isUpdate && bindingMode === "WaitForFirstConsumer") {
    return { ready: phase !== "Lost" };
  }
  const storageClass = text(claim, "spec", "storageClassName") || "the default class";
  return {
    ready: false,
    progress: `Waiting for PersistentVolumeClaim to be bound (${phase || "no phase yet"})`,
    problems: [
      `the PersistentVolumeClaim is ${phase || "without a phase"}; no volume of ${storageClass} was bound to it`,
    ],
  };
}

export async function checkClaim(claim: KubeObject, scope: AwaitScope): Promise<Readiness> {
  const name = text(claim, "spec", "storageClassName");
  const path = `/apis/storage.k8s.io/v1/storageclasses/${encodeURIComponent(name)}`;
  const storageClass = name === "" ? undefined : await scope.client.get(path, scope.context.signal);
  const readiness = claimReadiness(claim, text(storageClass, "volumeBindingMode"), scope.previous !== undefined);
  if (!readiness.ready && name !== "" && storageClass === undefined) {
    return { ...readiness, problems: [`the StorageClass "${name}" does not exist`] };
  }
  return readiness;
}

export function volumeReadiness(volume: KubeObject): Readiness {
  const phase = text(volume, "status", "phase");
  return {
    ready: phase === "Available" || phase === "Bound",
    progress: `Waiting for PersistentVolume (${phase || "no phase yet"})`,
    problems: [`the PersistentVolume is ${phase || "without a phase"}`],
  };
}
