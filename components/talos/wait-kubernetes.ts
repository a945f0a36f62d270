import { request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";

/**
 * Waits until the API server behind a kubeconfig says that it is ready. Run by the Bootstrap command; kubectl is no
 * requirement, and `talosctl health` would wait for nodes that are not ready before Cilium is there.
 */

const WAIT_SECONDS = 900;
const PAUSE_SECONDS = 1;
const REQUEST_TIMEOUT_SECONDS = 10;
const REPORT_EVERY_SECONDS = 15;

export interface Connection {
  server: string;
  ca: string;
  cert: string;
  key: string;
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

export function connectionOf(kubeconfig: string): Connection {
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = parse(kubeconfig) as Kubeconfig;
  return {
    server: cluster.server,
    ca: decode(cluster["certificate-authority-data"]),
    cert: decode(user["client-certificate-data"]),
    key: decode(user["client-key-data"]),
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

/** undefined when ready, else why not. */
export function notReady(connection: Connection): Promise<string | undefined> {
  const { server, ca, cert, key } = connection;
  return new Promise((resolve) => {
    const call = request(new URL("/readyz", server), { ca, cert, key, agent: false }, (response) => {
      text(response).then(
        (body) => resolve(response.statusCode === 200 ? undefined : `${response.statusCode} ${body.slice(0, 500)}`),
        (error: Error) => resolve(error.message),
      );
    });
    call.setTimeout(REQUEST_TIMEOUT_SECONDS * 1000, () => call.destroy(new Error("no answer")));
    call.on("error", (error) => resolve(error.message));
    call.end();
  });
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
