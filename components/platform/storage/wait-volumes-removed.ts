import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, callApi, connectionOf } from "../../kit/kubernetes-api";

/**
 * Waits until the drivers have removed every volume that goes with its claim. Run by the VolumesRemoved command before
 * the drivers themselves are removed, with the kubeconfig on stdin and the drivers as arguments; kubectl is no requirement.
 */

const WAIT_SECONDS = 900;
/** Volumes whose claims nobody is deleting are not waited for longer than this. */
const CLAIMED_SECONDS = 60;
const PAUSE_SECONDS = 1;
const REQUEST_TIMEOUT_SECONDS = 30;
const REPORT_EVERY_SECONDS = 15;

/** As far as this looks at a PersistentVolume. */
export interface Volume {
  metadata: { name: string; annotations?: Record<string, string>; deletionTimestamp?: string };
  spec: {
    persistentVolumeReclaimPolicy?: string;
    claimRef?: { namespace?: string; name?: string };
    csi?: { volumeHandle?: string };
  };
  status?: { phase?: string };
}

const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";

/** Volumes of these provisioners that are removed with their claim. */
export function remaining(volumes: readonly Volume[], provisioners: readonly string[]): Volume[] {
  return volumes.filter(
    ({ metadata, spec }) =>
      spec.persistentVolumeReclaimPolicy === "Delete" &&
      provisioners.includes(metadata.annotations?.[PROVISIONED_BY] ?? ""),
  );
}

/** Its claim is there, and nobody has deleted the volume: it would stay for ever. */
export function isClaimed({ metadata, status }: Volume): boolean {
  return status?.phase === "Bound" && metadata.deletionTimestamp === undefined;
}

export interface WaitOptions {
  list(): Promise<Volume[]>;
  provisioners: readonly string[];
  waitSeconds: number;
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
    const patience =
      !(volumes instanceof Error) && volumes.every(isClaimed) ? options.claimedSeconds : options.waitSeconds;
    if (waited >= patience) throw new Error(left(volumes, waited));
    if (Date.now() - reported >= REPORT_EVERY_SECONDS * 1000) {
      options.report(volumes instanceof Error ? volumes.message : `volumes still to be removed: ${volumes.length}`);
      reported = Date.now();
    }
    await sleep(options.pauseSeconds * 1000);
  }
}

const THEN =
  "Then run this again. To go on without waiting, `pulumi state delete` this resource; what is left has to be removed by hand.";

function left(volumes: Volume[] | Error, waitedSeconds: number): string {
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
  const why = volumes.every(isClaimed)
    ? "Their claims are not this program's. Delete them with `kubectl delete pvc`, or keep a volume by setting its persistentVolumeReclaimPolicy to Retain."
    : "The driver has not removed them. `kubectl describe pv` says why.";
  return `After ${Math.round(waitedSeconds)} s these volumes are left, and without their driver they would stay and cost money:\n${lines.join("\n")}\n${why} ${THEN}`;
}

export async function listVolumes(connection: Connection): Promise<Volume[]> {
  const call = { path: "/api/v1/persistentvolumes", timeoutSeconds: REQUEST_TIMEOUT_SECONDS };
  const { status, body } = await callApi(connection, call);
  if (status !== 200) throw new Error(`${status} ${body.slice(0, 200)}`);
  return (JSON.parse(body) as { items: Volume[] }).items;
}

async function main(): Promise<void> {
  const connection = connectionOf(await text(process.stdin));
  await waitUntilRemoved({
    list: () => listVolumes(connection),
    provisioners: process.argv.slice(2),
    waitSeconds: WAIT_SECONDS,
    claimedSeconds: CLAIMED_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    report: (line) => console.error(line),
  });
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
