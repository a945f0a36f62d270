import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { connectionOf } from "../../kit/kubernetes-api";
import { type Doomed, type Left, letGo, usersOf, type VolumesApi, volumesApi } from "./volumes-api";

/**
 * Deletes the claims and volumes of a service that is switched off. Run by DataRemoval with the kubeconfig on stdin, the
 * namespace in NAMESPACE and the claims' names as a regular expression in CLAIMS; kubectl is no requirement.
 */

const WAIT_SECONDS = 900;
const PAUSE_SECONDS = 1;

/** Claims of these names, and volumes that are theirs or were. */
export function serviceData(namespace: string, claims: string): Doomed {
  const names = new RegExp(`^(?:${claims})$`);
  return {
    namespaces: [namespace],
    claim: ({ metadata }) => names.test(metadata.name),
    volume: ({ spec: { claimRef } }) => claimRef?.namespace === namespace && names.test(claimRef.name ?? ""),
  };
}

export interface DeleteOptions {
  waitSeconds: number;
  pauseSeconds: number;
  report(line: string): void;
}

/**
 * Resolves when everything is gone that no pod uses. The service's own pods may still be there: the engine deletes what
 * left the program after everything else. Their claims are on their way out already, and go with them.
 * @throws when something is left that no pod uses, or when nobody answers.
 */
export async function deleteData(api: VolumesApi, doomed: Doomed, options: DeleteOptions): Promise<void> {
  const deadline = Date.now() + options.waitSeconds * 1000;
  for (let first = true; ; first = false) {
    const found = await round(api, doomed).catch((error: Error) => error);
    if (!(found instanceof Error)) {
      if (first) for (const line of announce(found.all)) options.report(line);
      if (found.waiting.length === 0) {
        for (const line of found.used) options.report(line);
        return;
      }
    }
    if (Date.now() >= deadline) throw new Error(unfinished(found instanceof Error ? found : found.waiting));
    await sleep(options.pauseSeconds * 1000);
  }
}

interface Round {
  all: Left;
  /** What is there still although no pod uses it. */
  waiting: string[];
  /** What goes when its pods do. */
  used: string[];
}

async function round(api: VolumesApi, doomed: Doomed): Promise<Round> {
  const all = await letGo(api, doomed);
  const pods = all.claims.length === 0 ? [] : await Promise.all(doomed.namespaces.map((name) => api.pods(name)));
  const users = usersOf(pods.flat());
  const keyOf = (claim: { namespace?: string; name?: string } | undefined) => `${claim?.namespace}/${claim?.name}`;
  const claims = all.claims.map(({ metadata }) => keyOf(metadata));
  return {
    all,
    waiting: [
      ...claims.filter((key) => !users.has(key)).map((key) => `claim ${key}`),
      ...all.volumes
        .filter(({ spec }) => !users.has(keyOf(spec.claimRef)))
        .map(({ metadata, spec }) => `volume ${metadata.name} of claim ${keyOf(spec.claimRef)}`),
    ],
    used: claims
      .filter((key) => users.has(key))
      .map((key) => `claim ${key} and its volume go with the pods that still use it: ${users.get(key)?.join(", ")}`),
  };
}

function announce({ claims, volumes }: Left): string[] {
  return claims.length + volumes.length === 0
    ? ["there is no data to delete"]
    : [`deleting ${claims.length} claims and ${volumes.length} volumes, with everything on them`];
}

function unfinished(left: string[] | Error): string {
  return left instanceof Error
    ? `The Kubernetes API does not answer as it should (${left.message}). Run the same command again.`
    : `This is still there, although no pod uses it:\n${left.map((line) => `  ${line}`).join("\n")}\n` +
        "`kubectl describe` it: its events say why. Then run the same command again.";
}

async function main({ NAMESPACE = "", CLAIMS = "" }: NodeJS.ProcessEnv): Promise<void> {
  if (NAMESPACE === "" || CLAIMS === "") throw new Error("NAMESPACE and CLAIMS must say whose data is to be deleted.");
  const api = volumesApi(connectionOf(await text(process.stdin)));
  await deleteData(api, serviceData(NAMESPACE, CLAIMS), {
    waitSeconds: WAIT_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    report: (line) => console.error(line),
  });
}

if (require.main === module) {
  main(process.env).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
