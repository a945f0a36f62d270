import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";

export interface ChildOptions {
  /** Shown in messages. */
  name: string;
  command: string;
  /** Asked at each start, so that a process that is started again gets what is true then. */
  args(): string[];
  env?: Record<string, string>;
  /** Standard error goes here, and standard output unless `onLine` takes it. */
  logFile: string;
  /** Called for each line of standard output. */
  onLine?(line: string): void;
  /** Called when the process ended without having been told to. Return false to leave it that way. */
  onExit?(code: number | null, signal: NodeJS.Signals | null): boolean;
  /** Called each time that the process has been started again. */
  onRestart?(): void;
  /** How long a process that is told to end may take, in ms, before it is killed. @default 5000 */
  graceMs?: number;
}

export interface Child {
  readonly pid: number | undefined;
  /** Writes one line to the standard input. */
  write(line: string): void;
  /** Ends the process and resolves when it is gone. */
  stop(): Promise<void>;
}

const LOG_LIMIT_BYTES = 8 * 1024 * 1024;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A process that ran this long before it ended counts as healthy: the next pause is the shortest again. */
const HEALTHY_AFTER_MS = 60_000;

/** How long to wait before the n-th start after a failure (n from 0). */
export function backoffMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, "a", 0o600);
}

/** Starts a process that is kept running until it is stopped. */
export function startChild(options: ChildOptions): Child {
  return new SupervisedChild(options);
}

class SupervisedChild implements Child {
  private process: ChildProcess | undefined;
  private gone: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private failures = 0;

  constructor(private readonly options: ChildOptions) {
    this.spawn();
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  write(line: string): void {
    this.process?.stdin?.write(`${line}\n`, () => {}); // a process that just ended is started again with the new state
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const running = this.process;
    if (running === undefined) return;
    const kill = setTimeout(() => running.kill("SIGKILL"), this.options.graceMs ?? 5000);
    running.kill("SIGTERM");
    await this.gone;
    clearTimeout(kill);
  }

  private spawn(): void {
    const { command, args, env, logFile, onLine } = this.options;
    const log = openLog(logFile);
    const started = Date.now();
    const child = spawn(command, args(), {
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/", ...env },
      stdio: ["pipe", onLine === undefined ? log : "pipe", log],
    });
    closeSync(log);
    child.stdin?.on("error", () => {});
    if (onLine !== undefined && child.stdout !== null) createInterface(child.stdout).on("line", onLine);
    this.process = child;
    this.gone = new Promise((resolve) => {
      child.once("error", () => this.ended(started, null, null, resolve));
      child.once("exit", (code, signal) => this.ended(started, code, signal, resolve));
    });
  }

  private ended(started: number, code: number | null, signal: NodeJS.Signals | null, resolve: () => void): void {
    if (this.process === undefined) return;
    this.process = undefined;
    resolve();
    if (this.stopping || this.options.onExit?.(code, signal) === false) return;
    if (Date.now() - started > HEALTHY_AFTER_MS) this.failures = 0;
    this.timer = setTimeout(
      () => {
        this.spawn();
        this.options.onRestart?.();
      },
      backoffMs(this.failures++),
    );
  }
}
