import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { at, type Recorder } from "../../unit/components/recorder";
import type { Python } from "./python";
import { renderedContainer } from "./rendered";
import { until } from "./servers";

const FOLDERS = ["/etc/model-gateway-keys", "/etc/model-gateway-tls", "/etc/model-gateway"];

export interface GatewayOptions {
  /** Where it listens; the port is that of the manifests. */
  readonly address: string;
  /** Instead of every model's server. */
  readonly upstream: string;
  /** Texts of the configuration and the variables that are other ones here. */
  readonly changes?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly tls?: { readonly "tls.crt": string; readonly "tls.key": string };
}

/** The real LiteLLM, as the manifests say: its arguments, files, keys and variables; beside each other in a folder. */
export class LiteLlm {
  log = "";
  readonly url: string;
  private process: ChildProcess | undefined;

  constructor(
    private readonly made: Recorder,
    private readonly python: Python,
    private readonly root: string,
    private readonly options: GatewayOptions,
  ) {
    this.url = `${options.tls === undefined ? "http" : "https"}://${options.address}:4000`;
  }

  async start(): Promise<void> {
    const { address, environment = {}, tls } = this.options;
    for (const folder of FOLDERS) await mkdir(path.join(this.root, folder), { recursive: true });
    const config = at(this.made.one("ConfigMap", "model-gateway").inputs, "data") as Record<string, string>;
    for (const [name, text] of Object.entries(config))
      await this.write(`/etc/model-gateway/${name}`, this.changed(text));
    await this.writeKeys(this.made);
    for (const [name, text] of Object.entries(tls ?? {})) await this.write(`/etc/model-gateway-tls/${name}`, text);
    const container = renderedContainer(this.made, "Deployment", "model-gateway");
    const [program, ...args] = container.command.map((each) => this.here(each.replace("0.0.0.0", address)));
    const variables = Object.fromEntries(
      Object.entries(container.environment).map(([name, value]) => [name, this.here(this.changed(value))]),
    );
    const started = spawn(this.python.program(program!), args, {
      cwd: this.root,
      env: { PATH: process.env.PATH, ...variables, HOME: this.root, XDG_CACHE_HOME: this.root, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = started;
    for (const stream of [started.stdout!, started.stderr!]) stream.on("data", (data) => (this.log += String(data)));
  }

  /** As the probe asks; the kubelet does not check certificates. */
  async ready(ask: (url: string) => Promise<boolean>): Promise<void> {
    await until(
      async () => {
        if (this.process?.exitCode !== null) throw new Error(`LiteLLM has ended\n${this.log}`);
        return ask(`${this.url}/health/readiness`);
      },
      "LiteLLM",
      300,
    ).catch((error) => {
      throw new Error(`${String(error)}\n${this.log.slice(-3000)}`);
    });
  }

  /** The Secret as the kubelet writes it, also again. */
  async writeKeys(made: Recorder): Promise<void> {
    const keys = at(made.one("Secret", "model-gateway-keys").inputs, "stringData", "keys.json");
    await this.write("/etc/model-gateway-keys/keys.json", String(keys));
  }

  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.process!.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
  }

  /** The signal of a pod's end; false where it had to be killed. */
  async stop(): Promise<boolean> {
    const { process: running } = this;
    this.process = undefined;
    if (running === undefined) return true;
    const ended = running.exitCode === null ? once(running, "exit") : undefined;
    running.kill("SIGTERM");
    const kill = setTimeout(() => running.kill("SIGKILL"), 30_000);
    await ended;
    clearTimeout(kill);
    await rm(this.root, { recursive: true, force: true });
    return running.signalCode !== "SIGKILL";
  }

  write(file: string, text: string): Promise<void> {
    return writeFile(path.join(this.root, file), text);
  }

  private changed(text: string): string {
    const servers = text.replaceAll(/http:\/\/[a-z-]+-predictor\.ai-ml\.svc:80/g, this.options.upstream);
    return Object.entries(this.options.changes ?? {}).reduce((all, [from, to]) => all.replaceAll(from, to), servers);
  }

  /** Paths in the container, below the folder. */
  private here(text: string): string {
    return text.replaceAll(/\/etc\/model-gateway/g, path.join(this.root, "/etc/model-gateway"));
  }
}
