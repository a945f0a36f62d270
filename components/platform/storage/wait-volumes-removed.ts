import { setTimeout as sleep } from "node:timers/promises";
import type { Volume } from "./volumes-api";

/** Waits until the drivers have removed every volume that goes with its claim. */

const REPORT_EVERY_SECONDS = 15;

/** Which driver made a volume. */
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

/** Volumes of these provisioners that are removed with their claim. */
export function remaining(volumes: readonly Volume[], provisioners: readonly string[]): Volume[] {
  return volumes.filter(
    ({ metadata, spec }) =>
      spec.persistentVolumeReclaimPolicy === "Delete" &&
      provisioners.includes(metadata.annotations?.[PROVISIONED_BY] ?? ""),
  );
}

/** Its claim is there, and nobody has deleted claim or volume: it would stay for ever. */
export function isClaimed({ metadata, spec, status }: Volume, leaving: readonly string[] = []): boolean {
  const isLeaving = leaving.includes(spec.claimRef?.namespace ?? "");
  return status?.phase === "Bound" && metadata.deletionTimestamp === undefined && !isLeaving;
}

export interface WaitOptions {
  list(): Promise<Volume[]>;
  provisioners: readonly string[];
  waitSeconds: number;
  /** Namespaces whose claims somebody is deleting: a pod may hold them for a while. @default - none */
  leaving?: readonly string[];
  /** How long volumes are waited for whose claims nobody is deleting. */
  claimedSeconds: number;
  pauseSeconds: number;
  report(line: string): void;
}

/** @throws when volumes are left, or when nobody answers. */
export async function waitUntilRemoved(options: WaitOptions): Promise<void> {
  const start = Date.now();
  let reported = start;
  for (;;) {
    const found = await options.list().catch((error: Error) => error);
    const volumes = found instanceof Error ? found : remaining(found, options.provisioners);
    if (!(volumes instanceof Error) && volumes.length === 0) return;
    const waited = (Date.now() - start) / 1000;
    const claimed = !(volumes instanceof Error) && volumes.every((volume) => isClaimed(volume, options.leaving));
    if (waited >= (claimed ? options.claimedSeconds : options.waitSeconds)) {
      throw new Error(left(volumes, waited, claimed));
    }
    if (Date.now() - reported >= REPORT_EVERY_SECONDS * 1000) {
      options.report(volumes instanceof Error ? volumes.message : `volumes still to be removed: ${volumes.length}`);
      reported = Date.now();
    }
    await sleep(options.pauseSeconds * 1000);
  }
}

const THEN =
  "Then run this again. To go on without waiting, `pulumi state delete` this resource; what is left has to be removed by hand.";

function left(volumes: Volume[] | Error, waitedSeconds: number, claimed: boolean): string {
  if (volumes instanceof Error) {
    return (
      `The Kubernetes API does not say which volumes are left (${volumes.message}). Look for the environment's volumes ` +
      `with \`hcloud volume list\`. ${THEN}`
    );
  }
  const lines = volumes.map((volume) => {
    const { namespace = "?", name = "?" } = volume.spec.claimRef ?? {};
    const handle = volume.spec.csi?.volumeHandle;
    return `  ${volume.metadata.name}${handle === undefined ? "" : ` (${handle})`}: claim ${namespace}/${name}, ${volume.status?.phase ?? "unknown"}`;
  });
  const why = claimed
    ? "Their claims are not this program's. Delete them with `kubectl delete pvc`, or keep a volume: `kubectl patch pv` its persistentVolumeReclaimPolicy to Retain, and annotate it orrery.dev/keep-volume=true."
    : "The driver has not removed them. `kubectl describe pv` says why.";
  return `After ${Math.round(waitedSeconds)} s these volumes are left, and without their driver they would stay and cost money:\n${lines.join("\n")}\n${why} ${THEN}`;
}
