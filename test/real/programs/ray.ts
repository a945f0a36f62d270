import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Python } from "./python";

/** A Ray cluster of one node on this machine. */

export interface RayNodeArgs {
  /** As the operator passes them to `ray start`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** On Python's path: our programs, and what stands in for libraries. */
  readonly pythonPath: readonly string[];
  /** Before the machine's own programs. */
  readonly programs: readonly string[];
}

/** Ray takes 127.0.0.1 for a mistake, and listens at the address that the world sees. */
const ADDRESS = "127.0.0.2";

/** Marks every process of the cluster that this test makes. */
const MARK = `ORRERY_RAY=${process.pid}-${Date.now()}`;

export class LocalRay {
  private node: ChildProcess | undefined;
  private log = "";

  /** @param base the first of 120 ports */
  constructor(
    private readonly python: Python,
    private readonly folder: string,
    private readonly base: number,
  ) {}

  get dashboard(): string {
    return `http://${ADDRESS}:${this.base + 5}`;
  }

  get http(): { host: string; port: number; url: string } {
    const port = this.base + 6;
    return { host: ADDRESS, port, url: `http://${ADDRESS}:${port}` };
  }

  /**
   * Starts the head, and waits until it is there; it runs until stop(). Ray gives its own agent 15 seconds to load, and no
   * parameter says otherwise: on a machine that has much to do, the second time is better, because files are in memory.
   */
  async start(args: RayNodeArgs, seconds: number, attempts = 4): Promise<void> {
    await this.startOnce(args, seconds).catch(async (error) => {
      await this.stop();
      if (attempts <= 1) throw error;
      await this.start(args, seconds, attempts - 1);
    });
  }

  private async startOnce({ parameters, pythonPath, programs }: RayNodeArgs, seconds: number): Promise<void> {
    const own = {
      port: this.base,
      "node-manager-port": this.base + 1,
      "object-manager-port": this.base + 2,
      "dashboard-agent-listen-port": this.base + 3,
      "dashboard-agent-grpc-port": this.base + 4,
      "dashboard-port": this.base + 5,
      "dashboard-host": ADDRESS,
      "runtime-env-agent-port": this.base + 7,
      "metrics-export-port": this.base + 8,
      "ray-client-server-port": this.base + 9,
      "min-worker-port": this.base + 20,
      "max-worker-port": this.base + 119,
      "object-store-memory": 100_000_000,
      "node-ip-address": ADDRESS,
      "temp-dir": this.folder,
    };
    // The operator's text goes through a shell, which takes the quotes away.
    const given = Object.entries(parameters).map(([key, value]) => [key, value.replace(/^'(.*)'$/, "$1")]);
    const all = { ...Object.fromEntries(given), ...own };
    const options = Object.entries(all).map(([key, value]) => `--${key}=${value}`);
    const [name, mark] = MARK.split("=") as [string, string];
    const node = spawn(
      this.python.program("ray"),
      ["start", "--head", "--block", "--disable-usage-stats", ...options],
      {
        env: {
          ...process.env,
          [name]: mark,
          RAY_raylet_start_wait_time_s: "60",
          RAY_DASHBOARD_SUBPROCESS_MODULE_WAIT_READY_TIMEOUT: String(seconds),
          PYTHONPATH: pythonPath.join(path.delimiter),
          PATH: [...programs, path.join(this.python.folder, "bin"), process.env.PATH].join(path.delimiter),
        },
      },
    );
    node.stdout.on("data", (piece) => {
      this.log += piece;
    });
    node.stderr.on("data", (piece) => {
      this.log += piece;
    });
    this.node = node;
    await until(
      seconds,
      () => `Ray to start:\n${this.log}`,
      async () => {
        const started = this.log.includes("Ray runtime started") && (await fetch(`${this.dashboard}/api/version`)).ok;
        return started || node.exitCode !== null;
      },
    );
    if (node.exitCode !== null) throw new Error(`Ray ended:\n${this.log}`);
  }

  /** As the operator does it. */
  async deploy(config: object): Promise<void> {
    // Not with fetch: Ray refuses what says that it is a browser.
    const sent = request(`${this.dashboard}/api/serve/applications/`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
    });
    sent.end(JSON.stringify(config));
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    const said = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`Serve refuses the configuration: ${answer.statusCode} ${said}`);
  }

  async applications(): Promise<Record<string, Application>> {
    const answer = await fetch(`${this.dashboard}/api/serve/applications/`);
    return ((await answer.json()) as { applications: Record<string, Application> }).applications;
  }

  async running(names: readonly string[], seconds: number): Promise<void> {
    let last: Record<string, Application> = {};
    await until(
      seconds,
      () => `${names} to run:\n${JSON.stringify(last, null, 2)}`,
      async () => {
        last = await this.applications();
        return names.every((name) => last[name]?.status === "RUNNING");
      },
    );
  }

  /** Ends what carries this test's mark; workers go when their node does. */
  async stop(): Promise<void> {
    const node = this.node;
    node?.kill("SIGTERM");
    const ended = async () => node === undefined || node.exitCode !== null || node.signalCode !== null;
    await until(20, () => "Ray to end", ended).catch(() => undefined);
    for (const pid of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  }

  /** Programs rename themselves, but keep the environment or the folder in their arguments. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((name) => ["environ", "cmdline"].some((file) => mentions(`/proc/${name}/${file}`, [MARK, this.folder])))
      .map(Number);
  }
}

export interface Application {
  readonly status: string;
  readonly message: string;
  readonly deployments: Record<
    string,
    { status: string; message: string; replicas: { state: string; actor_id: string }[] }
  >;
}

function mentions(file: string, texts: readonly string[]): boolean {
  try {
    const content = readFileSync(file, "latin1");
    return texts.some((text) => content.includes(text));
  } catch {
    return false;
  }
}

export async function until(seconds: number, what: () => string, done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await done().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`Waited ${seconds} s for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
