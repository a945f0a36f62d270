import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repository, toolsDirectory } from "../../../sandbox/paths";
import { createProgress } from "../../../sandbox/progress";
import { ensureTools } from "../../../sandbox/tools/build";
import { testToolModules } from "../../../sandbox/tools/catalog";
import { at, type Recorder } from "../../unit/components/recorder";

/** Builds the tools of these names, or finds them built. */
export async function ensurePrograms(...names: string[]): Promise<void> {
  const modules = testToolModules(repository).filter(({ name }) => names.includes(name));
  await ensureTools(createProgress(process.stderr), modules);
}

/** A file of a rendered ConfigMap. */
export function renderedFile(made: Recorder, configMap: string, file: string): string {
  const text = at(made.one("ConfigMap", configMap).inputs, "data", file);
  if (typeof text !== "string") throw new Error(`the ConfigMap ${configMap} has no ${file}`);
  return text;
}

/** Until `check` gives something, or for a minute; errors on the way are what is said at last. */
export async function until<T>(check: () => Promise<T | undefined | false>, what: string, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown = "nothing";
  while (Date.now() < end) {
    try {
      const found = await check();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await sleep(250);
  }
  throw new Error(`${what}: not within ${seconds} s (${String(last)})`);
}

/** A server on this machine, from its start to its end. */
export class Server {
  log = "";
  private process: ChildProcess | undefined;

  constructor(
    private readonly binary: string,
    private readonly args: readonly string[],
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  /** Starts it, and waits until the address answers with 200. */
  async start(readyUrl: string, seconds = 90): Promise<void> {
    const started = spawn(path.join(toolsDirectory, this.binary), [...this.args], {
      env: { ...this.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = started;
    for (const stream of [started.stdout!, started.stderr!]) stream.on("data", (data) => (this.log += String(data)));
    const answers = async () => (await fetch(readyUrl, { signal: AbortSignal.timeout(5_000) })).ok;
    const ready = until(
      async () => started.exitCode !== null || (await answers()),
      `${this.binary} at ${readyUrl}`,
      seconds,
    );
    await ready.catch((error) => {
      throw new Error(`${String(error)}\n${this.trouble()}`);
    });
    if (started.exitCode !== null) throw new Error(`${this.binary} has ended\n${this.trouble()}`);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { process: running } = this;
    this.process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    running.kill(signal);
    const kill = setTimeout(() => running.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(kill);
  }

  /** What it says of errors, else what it said last. */
  private trouble(): string {
    const lines = this.log.split("\n");
    const errors = lines.filter((line) => /level"?[=:]"?(error|fatal)|panic|^error/i.test(line));
    return (errors.length > 0 ? errors.slice(0, 8) : lines.slice(-15)).join("\n");
  }

  /** Memory that it has in use, in MiB. */
  async memoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.process!.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
  }
}
