import { readFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { parse } from "yaml";

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
  users: [{ user: { "client-certificate-data": string; "client-key-data": string } }];
}

/** Whether kube-apiserver, asked with this kubeconfig, answers 200 for a path such as /readyz. */
export function answersOk(kubeconfigFile: string, path: string): Promise<boolean> {
  const { clusters, users }: Kubeconfig = parse(readFileSync(kubeconfigFile, "utf8"));
  const decode = (s: string) => Buffer.from(s, "base64");
  const { server, "certificate-authority-data": ca } = clusters[0].cluster;
  const { "client-certificate-data": cert, "client-key-data": key } = users[0].user;
  return new Promise((resolve) => {
    const req = request(`${server}${path}`, {
      ca: decode(ca),
      cert: decode(cert),
      key: decode(key),
      timeout: 2000,
      agent: false,
    });
    req.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    req.on("timeout", () => req.destroy());
    req.on("error", () => resolve(false));
    req.on("close", () => resolve(false));
    req.end();
  });
}

/** Whether anything listens there. */
export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", done(true)).once("error", done(false)).once("timeout", done(false));
  });
}

/** Asks until the answer is yes; gives up when the signal says so. */
export async function until(question: () => Promise<boolean>, signal: AbortSignal, everyMs = 200): Promise<boolean> {
  while (!signal.aborted) {
    if (await question()) return true;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return false;
}
