import { text } from "node:stream/consumers";
import { connectionOf } from "../../kit/kubernetes-api";
import { type Doomed, letGo, type Volume, volumesApi } from "./volumes-api";
import { PROVISIONED_BY, waitUntilRemoved } from "./wait-volumes-removed";

/**
 * Deletes what an environment without protection keeps while it lives: every claim in the namespaces of data, and every
 * volume of the drivers. Run by VolumesRemoved before the drivers go, with the kubeconfig on stdin, the drivers in
 * PROVISIONERS and the namespaces in NAMESPACES; kubectl is no requirement.
 */

const WAIT_SECONDS = 900;
/** Volumes whose claims nobody is deleting are not waited for longer than this. */
const CLAIMED_SECONDS = 60;
const PAUSE_SECONDS = 1;

/** A person's way to keep a volume: with it, it outlives its environment. */
export const KEEP_ANNOTATION = "orrery.dev/keep-volume";

/** All claims in the namespaces; all volumes of the drivers but those that somebody keeps. */
export function environmentData(provisioners: readonly string[], namespaces: readonly string[]): Doomed {
  return {
    namespaces,
    claim: () => true,
    volume: ({ metadata: { annotations } }: Volume) =>
      provisioners.includes(annotations?.[PROVISIONED_BY] ?? "") && annotations?.[KEEP_ANNOTATION] !== "true",
  };
}

async function main({ PROVISIONERS = "", NAMESPACES = "" }: NodeJS.ProcessEnv): Promise<void> {
  const api = volumesApi(connectionOf(await text(process.stdin)));
  const provisioners = words(PROVISIONERS);
  const namespaces = words(NAMESPACES);
  const doomed = environmentData(provisioners, namespaces);
  await waitUntilRemoved({
    // Each time: an operator that is on its way down may have left another one.
    list: async () => {
      await letGo(api, doomed);
      return api.volumes();
    },
    provisioners,
    leaving: namespaces,
    waitSeconds: WAIT_SECONDS,
    claimedSeconds: CLAIMED_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    report: (line) => console.error(line),
  });
}

function words(list: string): string[] {
  return list.split(" ").filter((word) => word !== "");
}

if (require.main === module) {
  main(process.env).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
