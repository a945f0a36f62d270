import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { openSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repository, type StackPaths, toolsDirectory } from "../paths";
import type { Identity } from "./identity";
import type { DaemonFile, DaemonStatus, DedicatedRequest } from "./protocol";

const daemonFolders = ["daemon", "hetzner", "machines", "control-plane", "stand-ins", "charts"];

/** Hash of what the daemon is made of, so that an edited sandbox never answers with yesterday's code. */
async function sourcesHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of daemonFolders) {
    const directory = path.join(repository, "sandbox", folder);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && /\.(ts|go|yaml)$/.test(entry.name));
    for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).sort()) {
      hash.update(file).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function daemonFile(paths: StackPaths): Promise<DaemonFile | undefined> {
  const text = await readFile(paths.daemonFile, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const file = JSON.parse(text) as DaemonFile;
  return alive(file.pid) ? file : undefined;
}

export class Daemon {
  constructor(
    private readonly file: DaemonFile,
    private readonly identity: Identity,
  ) {}

  private async call<T>(method: string, route: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.file.url}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.identity.controlToken}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The sandbox's daemon refused ${method} ${route}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  status(): Promise<DaemonStatus> {
    return this.call("GET", "/status");
  }

  /** Machines of the settings appear in maintenance mode; those that are gone from the settings are taken away. */
  dedicated(machines: DedicatedRequest[]): Promise<void> {
    return this.call("PUT", "/dedicated", machines);
  }
}

/** The running daemon, if there is one. */
export async function findDaemon(paths: StackPaths, identity: Identity): Promise<Daemon | undefined> {
  const file = await daemonFile(paths);
  return file && new Daemon(file, identity);
}

/** The daemon, started when it is not running, and restarted when its sources changed. */
export async function ensureDaemon(paths: StackPaths, identity: Identity, crds?: string): Promise<Daemon> {
  const sources = await sourcesHash();
  const running = await daemonFile(paths);
  if (running?.sources === sources) return new Daemon(running, identity);
  if (running) await stopDaemon(paths);
  await mkdir(paths.root, { recursive: true });
  await rm(paths.daemonFile, { force: true });
  const log = openSync(paths.daemonLog, "a");
  const child = spawn(
    process.execPath,
    [
      "--require",
      "tsx/cjs",
      path.join(repository, "sandbox/daemon/main.ts"),
      paths.root,
      sources,
      ...(crds ? [crds] : []),
    ],
    {
      cwd: repository,
      detached: true,
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        ORRERY_TOOLS_DIR: toolsDirectory,
        PATH: `${toolsDirectory}${path.delimiter}${process.env.PATH}`,
      },
    },
  );
  child.unref();
  let ended: number | null | undefined;
  child.once("exit", (code) => {
    ended = code;
  });
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const file = await daemonFile(paths);
    if (file) return restored(new Daemon(file, identity));
    if (ended !== undefined) break;
    await sleep(100);
  }
  const lines = (await readFile(paths.daemonLog, "utf8")).trim().split("\n").slice(-15).join("\n");
  throw new Error(
    `The sandbox's daemon did not start. The end of ${path.relative(repository, paths.daemonLog)}:\n${lines}`,
  );
}

/** The daemon, once a cluster that ran before is back: bounded, for one that cannot come back must not stop a destroy. */
async function restored(daemon: Daemon): Promise<Daemon> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { controlPlane } = await daemon.status();
    if (!controlPlane.restoring) break;
    await sleep(100);
  }
  return daemon;
}

/** Ends the daemon and everything that it started; resolves when they are gone. True: one was running. */
export async function stopDaemon(paths: StackPaths): Promise<boolean> {
  const file = await daemonFile(paths);
  if (!file) {
    await rm(paths.daemonFile, { force: true });
    return false;
  }
  process.kill(file.pid, "SIGTERM");
  for (let attempt = 0; alive(file.pid); attempt += 1) {
    // Its children end with it in any case: each watches for the daemon's death.
    if (attempt === 300) process.kill(file.pid, "SIGKILL");
    await sleep(100);
  }
  await rm(paths.daemonFile, { force: true });
  return true;
}
