import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, callApi, connectionOf } from "../kit/kubernetes-api";

/**
 * Waits until the API server behind a kubeconfig says that it is ready. Run by the Bootstrap command; kubectl is no
 * requirement, and `talosctl health` would wait for nodes that are not ready before Cilium is there.
 */

const WAIT_SECONDS = 900;
const PAUSE_SECONDS = 1;
const REQUEST_TIMEOUT_SECONDS = 10;
const REPORT_EVERY_SECONDS = 15;

/** undefined when ready, else why not. */
export function notReady(connection: Connection): Promise<string | undefined> {
  return callApi(connection, { path: "/readyz", timeoutSeconds: REQUEST_TIMEOUT_SECONDS }).then(
    ({ status, body }) => (status === 200 ? undefined : `${status} ${body.slice(0, 500)}`),
    (error: Error) => error.message,
  );
}

export interface WaitOptions {
  waitSeconds: number;
  pauseSeconds: number;
  report(line: string): void;
}

/** @throws when the API server is not ready in time. */
export async function waitForKubernetes(connection: Connection, options: WaitOptions): Promise<void> {
  const start = Date.now();
  let reported = start;
  for (;;) {
    const reason = await notReady(connection);
    if (reason === undefined) return;
    const now = Date.now();
    if (now - start >= options.waitSeconds * 1000) {
      throw new Error(
        `The Kubernetes API at ${connection.server} was not ready after ${options.waitSeconds} s. Last answer: ${reason}. ` +
          "Look at the first control plane with `talosctl services` and `talosctl logs kubelet`, then run `pulumi up` again.",
      );
    }
    if (now - reported >= REPORT_EVERY_SECONDS * 1000) {
      options.report(`waiting for the Kubernetes API at ${connection.server}: ${reason}`);
      reported = now;
    }
    await sleep(options.pauseSeconds * 1000);
  }
}

async function main(): Promise<void> {
  await waitForKubernetes(connectionOf(await text(process.stdin)), {
    waitSeconds: WAIT_SECONDS,
    pauseSeconds: PAUSE_SECONDS,
    report: (line) => console.error(line),
  });
  console.error("the Kubernetes API is ready");
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
