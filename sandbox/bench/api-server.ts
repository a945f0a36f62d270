import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toolsDirectory } from "../paths";
import { kubectl } from "./kubectl";

export interface ApiServer {
  kubeconfig: string;
  stop(): Promise<void>;
}

/** Of a network that no sandbox hands out. */
const ADDRESS = "127.63.0.1";
const READY_MS = 120_000;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, ADDRESS, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(force);
}

/** A fresh etcd and kube-apiserver, with the same flags for speed as the sandbox's own, and nothing else. */
export async function startApiServer(folder: string): Promise<ApiServer> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(24).toString("hex");
  const keyFile = path.join(folder, "service-account.key");
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await writeFile(keyFile, privateKey.export({ type: "sec1", format: "pem" }), { mode: 0o600 });
  const tokenFile = path.join(folder, "tokens.csv");
  await writeFile(tokenFile, `${token},bench,bench,system:masters\n`, { mode: 0o600 });

  const children: ChildProcess[] = [];
  const start = (name: string, args: string[]): void => {
    const log = openSync(path.join(folder, `${name}.log`), "w");
    children.push(spawn(path.join(toolsDirectory, name), args, { stdio: ["ignore", log, log] }));
  };
  const stop = async (): Promise<void> => {
    await Promise.all(children.reverse().map(end));
  };
  const etcd = `http://${ADDRESS}:${client}`;
  start("etcd", [
    `--data-dir=${path.join(folder, "etcd")}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://${ADDRESS}:${peer}`,
    `--initial-advertise-peer-urls=http://${ADDRESS}:${peer}`,
    `--initial-cluster=default=http://${ADDRESS}:${peer}`,
    "--log-level=error",
    "--unsafe-no-fsync=true",
  ]);
  start("kube-apiserver", [
    `--bind-address=${ADDRESS}`,
    "--advertise-address=192.0.2.1",
    `--cert-dir=${path.join(folder, "certificates")}`,
    `--etcd-servers=${etcd}`,
    `--secure-port=${secure}`,
    `--service-account-issuer=https://${ADDRESS}:${secure}`,
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    "--service-cluster-ip-range=10.112.0.0/16",
    `--token-auth-file=${tokenFile}`,
    "--allow-privileged=true",
    "--authorization-mode=RBAC",
    "--max-mutating-requests-inflight=1000",
    "--max-requests-inflight=2000",
  ]);
  const kubeconfig = path.join(folder, "kubeconfig");
  const server = `https://${ADDRESS}:${secure}`;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "bench", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "bench", user: { token } }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench" } }],
    "current-context": "bench",
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  try {
    await ready(kubeconfig, folder, children);
  } catch (error) {
    await stop();
    throw error;
  }
  return { kubeconfig, stop };
}

/** Resolves once the server says that it is ready and its own namespaces are there. */
async function ready(kubeconfig: string, folder: string, children: readonly ChildProcess[]): Promise<void> {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(250)) {
    if (children.some((child) => child.exitCode !== null)) break;
    const answer = await kubectl(kubeconfig, ["get", "--raw", "/readyz"]).catch(() => "");
    if (answer.trim() !== "ok") continue;
    const system = await kubectl(kubeconfig, ["get", "namespace", "kube-system"]).catch(() => "");
    if (system !== "") return;
  }
  throw new Error(`The bench's own API server did not become ready; its log is in ${folder}.`);
}
