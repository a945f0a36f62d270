import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApiClient } from "../../../sandbox/providers/kubernetes/client";
import { readAccess } from "../../../sandbox/providers/kubernetes/kubeconfig";
import { PodRunner } from "./pod-runner";

const READY_TIMEOUT_MS = 90_000;

/** A real control plane for the tests: etcd, API server, controllers, scheduler, one node whose pods just run. */
export class TestCluster {
  private readonly children: ChildProcess[] = [];
  private readonly token = randomBytes(16).toString("hex");
  kubeconfig = "";
  client!: ApiClient;
  runner!: PodRunner;

  constructor(
    private readonly tools: string,
    private readonly folder: string,
    /** Of its own, where several test files run at the same time. */
    private readonly address = "127.78.0.1",
  ) {}

  async start(): Promise<void> {
    mkdirSync(join(this.folder, "certs"), { recursive: true });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = join(this.folder, "sa.key");
    writeFileSync(key, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
    const tokens = join(this.folder, "tokens.csv");
    writeFileSync(tokens, `${this.token},admin,admin,"system:masters"\n`, { mode: 0o600 });
    this.run("etcd", [
      `--data-dir=${join(this.folder, "etcd")}`,
      `--listen-client-urls=http://${this.address}:2379`,
      `--advertise-client-urls=http://${this.address}:2379`,
      `--listen-peer-urls=http://${this.address}:2380`,
      `--initial-advertise-peer-urls=http://${this.address}:2380`,
      `--initial-cluster=default=http://${this.address}:2380`,
      "--unsafe-no-fsync",
    ]);
    this.run("kube-apiserver", [
      `--etcd-servers=http://${this.address}:2379`,
      `--bind-address=${this.address}`,
      `--advertise-address=${this.address}`,
      "--secure-port=6443",
      `--cert-dir=${join(this.folder, "certs")}`,
      `--token-auth-file=${tokens}`,
      "--authorization-mode=RBAC",
      "--service-cluster-ip-range=10.96.0.0/16",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      "--enable-priority-and-fairness=false",
    ]);
    await this.connect();
    const file = join(this.folder, "kubeconfig");
    const leader = "--leader-elect=false";
    this.run("kube-controller-manager", [
      `--kubeconfig=${file}`,
      leader,
      `--service-account-private-key-file=${key}`,
      "--use-service-account-credentials=false",
      "--secure-port=0",
      "--controllers=*,-node-lifecycle-controller",
    ]);
    this.run("kube-scheduler", [`--kubeconfig=${file}`, leader, "--secure-port=0"]);
    this.runner = new PodRunner(this.client);
    await this.runner.start();
  }

  async stop(): Promise<void> {
    await this.runner?.stop();
    this.client?.close();
    for (const child of this.children.reverse()) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill("SIGKILL")) {
        await gone;
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async connect(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      try {
        const certificate = readFileSync(join(this.folder, "certs", "apiserver.crt"));
        this.kubeconfig = this.writeKubeconfig(certificate);
        this.client?.close();
        const settings = { qps: 1000, burst: 1000, timeoutSeconds: 10 };
        this.client = new ApiClient(readAccess({ kubeconfig: this.kubeconfig }), settings, "test");
        await this.client.request({ method: "GET", path: "/api/v1/namespaces/default" });
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  private writeKubeconfig(certificate: Buffer): string {
    const document = JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      clusters: [
        {
          name: "test",
          cluster: {
            server: `https://${this.address}:6443`,
            "certificate-authority-data": certificate.toString("base64"),
          },
        },
      ],
      users: [{ name: "admin", user: { token: this.token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    });
    writeFileSync(join(this.folder, "kubeconfig"), document, { mode: 0o600 });
    return document;
  }

  private run(tool: string, args: string[]): void {
    const log = createWriteStream(join(this.folder, `${tool}.log`));
    const child = spawn(join(this.tools, tool), args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.children.push(child);
  }
}
