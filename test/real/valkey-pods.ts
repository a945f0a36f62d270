import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { paths } from "../../components/data/valkey/config";
import { at, type Data, type Recorder } from "../unit/components/recorder";
import { run } from "./programs/cache";

/** Pods of the rendered StatefulSet as processes: each has its own loopback address and its own folders. */
export interface Programs {
  /** valkey-server, or Redis's. */
  readonly server: string;
  /** valkey-cli, or Redis's. */
  readonly client: string;
  readonly environment: NodeJS.ProcessEnv;
}

interface Certificate {
  readonly "tls.crt": string;
  readonly "tls.key": string;
  readonly "ca.crt": string;
}

const HOSTS = /valkey-(\d)\.valkey-headless\.db\.svc/g;

export class ValkeyPods {
  private readonly running = new Map<string, ChildProcess>();
  private restarted = 0;

  private constructor(
    private readonly made: Recorder,
    private readonly programs: Programs,
    private readonly root: string,
    /** First three numbers of the loopback addresses. */
    private readonly network: string,
    private readonly changes: Readonly<Record<string, string>>,
  ) {}

  /** @param changes texts of the files that this program needs otherwise */
  static async create(
    made: Recorder,
    programs: Programs,
    network: string,
    changes: Readonly<Record<string, string>> = {},
  ): Promise<ValkeyPods> {
    const root = await mkdtemp(path.join(tmpdir(), "valkey-pods-"));
    await mkdir(path.join(root, "bin"));
    await symlink(programs.server, path.join(root, "bin/valkey-server"));
    await symlink(programs.client, path.join(root, "bin/valkey-cli"));
    return new ValkeyPods(made, programs, root, network, changes);
  }

  address(pod: number): string {
    return `${this.network}.${pod + 1}`;
  }

  /** Writes what the pod would have mounted. Its data stays as it is. */
  async prepare(pod: number, certificate?: Certificate): Promise<void> {
    const config = at(this.made.one("ConfigMap", "valkey").inputs, "data") as Record<string, string>;
    const credentials = at(this.made.one("Secret", "valkey-credentials").inputs, "stringData");
    await rm(this.folder(pod, paths.run), { recursive: true, force: true });
    for (const each of Object.values(paths)) await mkdir(this.folder(pod, each), { recursive: true });
    await this.write(pod, paths.config, config);
    await this.write(pod, paths.credentials, credentials as Record<string, string>);
    if (certificate) await this.writeCertificate(pod, certificate);
    await this.writeUsers(pod, ["Secret", "SecretPatch"]);
  }

  async writeCertificate(pod: number, certificate: Certificate): Promise<void> {
    await this.write(pod, paths.certificates, { ...certificate });
  }

  /** The Secret of all users, as the servers' own and the caches' patches make it. */
  async writeUsers(pod: number, kinds: readonly string[]): Promise<void> {
    const parts = this.made.resources.filter(
      ({ type, inputs }) =>
        kinds.some((kind) => type === `kubernetes:core/v1:${kind}`) &&
        at(inputs, "metadata", "name") === "valkey-users",
    );
    const files = parts.flatMap(({ inputs }) => Object.entries(at(inputs, "data") as Record<string, string>));
    await rm(this.folder(pod, paths.users), { recursive: true, force: true });
    await mkdir(this.folder(pod, paths.users));
    const decoded = files.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]);
    await this.write(pod, paths.users, Object.fromEntries(decoded) as Record<string, string>);
  }

  /** Starts the containers of the pod that have scripts of ours: server and Sentinel. */
  start(pod: number): void {
    for (const container of this.containers().filter(({ command }) => command !== undefined)) {
      this.startContainer(pod, container);
    }
  }

  /** Containers that ended by themselves start again, as the kubelet has it; how many have by now. */
  restartEnded(): number {
    for (const [key, child] of [...this.running].filter(([, { exitCode }]) => exitCode !== null)) {
      this.end(key, child, "SIGKILL");
      const container = this.containers().find(({ name }) => key.endsWith(`-${String(name)}`));
      this.startContainer(Number(key[0]), container!);
      this.restarted += 1;
    }
    return this.restarted;
  }

  private startContainer(pod: number, container: Data): void {
    const name = String(container["name"]);
    const command = (container["command"] as unknown as string[]).map((each) => this.local(pod, each));
    const log = openSync(path.join(this.root, `${pod}-${name}.log`), "a");
    const child = spawn(command[0]!, command.slice(1), {
      env: { ...this.environment(pod), CHECK_SECONDS: "1" },
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    this.running.set(`${pod}-${name}`, child);
  }

  /** The pod is gone at once, as when its node dies. */
  kill(pod: number): void {
    this.signal(pod, "SIGKILL");
  }

  /** The pod is asked to end, all its containers at once; resolves when they have. */
  async stop(pod: number): Promise<void> {
    const ended = this.of(pod).map(([, child]) => new Promise((resolve) => child.once("exit", resolve)));
    for (const [, child] of this.of(pod)) child.kill("SIGTERM");
    await Promise.all(ended);
    this.signal(pod, "SIGKILL");
  }

  async destroy(): Promise<void> {
    for (const [key, child] of [...this.running]) this.end(key, child, "SIGKILL");
    await rm(this.root, { recursive: true, force: true });
  }

  /** A client as a consumer would be one; an error's text is its answer. */
  async client(pod: number, user: string, password: string, ...command: string[]): Promise<string> {
    const tls = String(this.environment(pod)["CLI_TLS"] ?? "")
      .split(" ")
      .filter((each) => each !== "");
    const port = command[0] === "sentinel" ? "26379" : "6379";
    const args = [...tls, "--no-auth-warning", "--user", user, "-h", this.address(pod), "-p", port, ...command];
    const env = { ...this.environment(pod), REDISCLI_AUTH: password };
    return (await run("timeout", ["5", path.join(this.root, "bin/valkey-cli"), ...args], { env })).trim();
  }

  /** The readiness probes of the pod's server and Sentinel. */
  async isReady(pod: number): Promise<boolean> {
    const probes = this.containers().map((each) => at(each, "readinessProbe", "exec", "command"));
    const answers = probes
      .filter((probe) => probe !== undefined)
      .map(async (probe) => {
        const [program, ...args] = (probe as string[]).map((each) => this.local(pod, each));
        return run(program!, args, { env: this.environment(pod) });
      });
    return Promise.all(answers).then(
      () => true,
      () => false,
    );
  }

  file(pod: number, folder: string, name: string): string {
    const file = path.join(this.folder(pod, folder), name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  async wipe(pod: number): Promise<void> {
    await rm(this.folder(pod, paths.data), { recursive: true });
  }

  log(): string {
    const names = [...this.running.keys()].map((key) => path.join(this.root, `${key}.log`)).filter(existsSync);
    return names.map((name) => `${name}\n${readFileSync(name, "utf8").split("\n").slice(-40).join("\n")}`).join("\n");
  }

  private containers(): Data[] {
    return at(this.made.one("StatefulSet", "valkey").inputs, "spec", "template", "spec", "containers") as Data[];
  }

  private environment(pod: number): NodeJS.ProcessEnv {
    const list = at(this.containers()[0], "env") as { name: string; value?: string }[];
    const values = list.map(({ name, value = `valkey-${pod}` }) => [
      name,
      value.replace("$(POD_NAME)", `valkey-${pod}`),
    ]);
    const own = Object.fromEntries(values.map(([name, value]) => [name, this.local(pod, value!)]));
    return { ...this.programs.environment, ...own, PATH: `${path.join(this.root, "bin")}:${process.env.PATH}` };
  }

  private of(pod: number): [string, ChildProcess][] {
    return [...this.running].filter(([key]) => key.startsWith(`${pod}-`));
  }

  private signal(pod: number, signal: NodeJS.Signals): void {
    for (const [key, child] of this.of(pod)) this.end(key, child, signal);
  }

  private end(key: string, child: ChildProcess, signal: NodeJS.Signals): void {
    try {
      process.kill(-child.pid!, signal);
    } catch {
      // It has ended already.
    }
    this.running.delete(key);
  }

  private async write(pod: number, folder: string, files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(path.join(this.folder(pod, folder), name), this.local(pod, text));
    }
  }

  private folder(pod: number, folder: string): string {
    return path.join(this.root, String(pod), folder);
  }

  /** Folders and names of the pod as they are on this machine: all servers share it, so each has its own address. */
  private local(pod: number, text: string): string {
    const folders = Object.values(paths).filter((each) => each !== paths.data && each !== paths.config);
    const changed = Object.entries(this.changes).reduce((done, [from, to]) => done.replaceAll(from, to), text);
    const moved = folders.reduce((done, each) => done.replaceAll(each, this.folder(pod, each)), changed);
    return moved
      .replace(/(?<![\w/])\/etc\/valkey(?=[/\s]|$)/gm, this.folder(pod, paths.config))
      .replace(/(?<![\w/.])\/data(?=[/\s]|$)/gm, this.folder(pod, paths.data))
      .replaceAll(HOSTS, (_, index: string) => this.address(Number(index)))
      .replace("bind 0.0.0.0 -::", `bind ${this.address(pod)}`);
  }
}
