import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Child, startChild } from "../machines/child";
import { applyManifests, loadClient } from "./apply";
import { apiServer, controllerManager, etcd, KUBE_PORT, type Program, scheduler } from "./components";
import { kwok } from "./kwok";
import { inlineManifests, talosManifests } from "./manifests";
import { type Material, readMaterial } from "./material";
import { answersOk, listens, until } from "./probe";
import { recoverEtcd } from "./recover";

export interface ControlPlaneOptions {
  /** etcd's data, logs and configs live here. */
  dir: string;
  /** Directory with etcd, etcdutl, kube-apiserver, kube-controller-manager, kube-scheduler, kwok and machine-double. */
  toolsDir: string;
  onLog?(line: string): void;
}

export interface ControlPlane {
  /**
   * Starts the control plane with the material that a machine double has written, or brings a running one in line with
   * it: only programs whose arguments have changed are started again. Resolves when kube-apiserver is ready and Talos's
   * own manifests are applied.
   */
  run(materialDir: string): Promise<void>;
  /** Whether kube-apiserver answers /readyz. */
  ready(): Promise<boolean>;
  /** Kubeconfig of an administrator, on the loopback address; undefined until something runs. */
  kubeconfig(): string | undefined;
  /** Ends all programs; the data stays. */
  stop(): Promise<void>;
  /** Ends all programs and removes etcd's data: no machine is left that has any of it. */
  forget(): Promise<void>;
  /** As stop, for good. */
  close(): Promise<void>;
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  return new LocalControlPlane(options);
}

const READY_TIMEOUT_MS = 120_000;
/** In the order in which they start; they end in the opposite one. */
const ORDER: Program["name"][] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"];

interface Running {
  program: Program;
  child: Child;
}

class LocalControlPlane implements ControlPlane {
  private readonly running = new Map<Program["name"], Running>();
  private material: Material | undefined;
  private queue: Promise<void> = Promise.resolve();
  private abort = new AbortController();

  constructor(private readonly options: ControlPlaneOptions) {
    mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  }

  run(materialDir: string): Promise<void> {
    return this.enqueue(() => this.reconcile(readMaterial(materialDir)));
  }

  async ready(): Promise<boolean> {
    const file = this.kubeconfig();
    // The file goes with the machine's disk.
    return file !== undefined && existsSync(file) && (await answersOk(file, "/readyz"));
  }

  kubeconfig(): string | undefined {
    return this.material?.file("admin.kubeconfig");
  }

  stop(): Promise<void> {
    this.abort.abort();
    return this.enqueue(() => this.stopAll());
  }

  forget(): Promise<void> {
    this.abort.abort();
    return this.enqueue(async () => {
      await this.stopAll();
      this.material = undefined;
      for (const path of [this.etcdData, this.homeFile]) rmSync(path, { recursive: true, force: true });
    });
  }

  close(): Promise<void> {
    return this.stop();
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => {});
    return result;
  }

  private async reconcile(material: Material): Promise<void> {
    this.abort = new AbortController();
    const moved = this.material !== undefined && this.material.settings.address !== material.settings.address;
    if (moved) await this.stopAll();
    this.material = material;
    const client = loadClient(); // while the programs start
    await this.recover(material);
    for (const program of this.programs(material)) await this.ensure(program, material);
    await client;
    await this.awaitReady(material);
    await this.applyTalosManifests(material);
    this.rememberHome(material);
  }

  private async recover(material: Material): Promise<void> {
    const { toolsDir } = this.options;
    if (!(await recoverEtcd(material, toolsDir, this.etcdData))) return;
    this.rememberHome(material);
    this.log("etcd's data was made from a snapshot");
  }

  private programs(material: Material): Program[] {
    const { dir } = this.options;
    const home = this.home();
    const moved = home !== undefined && home !== material.settings.address;
    return [
      etcd(material, this.etcdData, moved),
      apiServer(material, join(dir, "audit.log")),
      controllerManager(material, dir),
      scheduler(material, dir),
      kwok(material, dir),
    ];
  }

  private get etcdData(): string {
    return join(this.options.dir, "etcd");
  }

  private get homeFile(): string {
    return join(this.options.dir, "address");
  }

  /** The address at which etcd's one member was last at home: after a move its membership is written anew. */
  private home(): string | undefined {
    return existsSync(this.homeFile) ? readFileSync(this.homeFile, "utf8") : undefined;
  }

  private rememberHome({ settings }: Material): void {
    writeFileSync(this.homeFile, settings.address);
  }

  private async ensure(program: Program, material: Material): Promise<void> {
    const current = this.running.get(program.name);
    if (current !== undefined && isDeepStrictEqual(current.program, program)) return;
    if (current !== undefined) await this.end(program.name);
    if (program.name === "kube-apiserver") await this.awaitFree(material.settings.address, KUBE_PORT);
    if (program.name === "kube-controller-manager") await this.awaitReady(material);
    this.start(program);
  }

  private start(program: Program): void {
    const { toolsDir, dir } = this.options;
    for (const [file, content] of Object.entries(program.files ?? {})) writeFileSync(file, content, { mode: 0o600 });
    this.log(`starting ${program.name}`);
    const child = startChild({
      name: program.name,
      command: join(toolsDir, "machine-double"),
      args: () => ["supervise", "--", join(toolsDir, program.name), ...program.args],
      env: program.env,
      logFile: join(dir, "logs", `${program.name}.log`),
      onExit: (code, signal) => {
        this.log(`${program.name} ended (${signal ?? code}) and is started again; its log is in ${join(dir, "logs")}`);
        return true;
      },
      graceMs: 4000,
    });
    this.running.set(program.name, { program, child });
  }

  private async end(name: Program["name"]): Promise<void> {
    const current = this.running.get(name);
    this.running.delete(name);
    await current?.child.stop();
  }

  private async stopAll(): Promise<void> {
    // The clients first: kube-apiserver would wait for their watches, and etcd for kube-apiserver's.
    const names = ORDER.toReversed();
    await Promise.all(names.slice(0, 3).map((name) => this.end(name)));
    for (const name of names.slice(3)) await this.end(name);
  }

  /** A control plane whose :6443 was forwarded gives the port up within a second of being told to. */
  private async awaitFree(address: string, port: number): Promise<void> {
    const signal = AbortSignal.any([this.abort.signal, AbortSignal.timeout(15_000)]);
    if (!(await until(async () => !(await listens(address, port)), signal)) && !this.abort.signal.aborted) {
      throw new Error(`Port ${port} of ${address} is taken by another process: end it, then start the sandbox again.`);
    }
  }

  private async awaitReady(material: Material): Promise<void> {
    const signal = AbortSignal.any([this.abort.signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
    if (await until(() => answersOk(material.file("admin.kubeconfig"), "/readyz"), signal)) return;
    if (this.abort.signal.aborted) throw new Error("The control plane was stopped before it was ready.");
    throw new Error(
      `kube-apiserver did not become ready within ${READY_TIMEOUT_MS / 1000} s; its log is in ${join(this.options.dir, "logs")}.`,
    );
  }

  private async applyTalosManifests({ settings, file }: Material): Promise<void> {
    const manifests = [...talosManifests(settings), ...inlineManifests(settings)];
    await applyManifests(file("admin.kubeconfig"), manifests, (what) => this.log(`not applied: ${what}`));
    for (const url of settings.extraManifests ?? []) this.log(`cluster.extraManifests: ${url} is not fetched here`);
  }

  private log(line: string): void {
    this.options.onLog?.(line);
  }
}
