import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { abortError, type OperationContext } from "../framework";

/** How long a child may take to end after SIGTERM before it is killed. */
const GRACE_MS = 2_000;

export interface CommandLine {
  command: string;
  /** @default ["/bin/sh", "-c"] */
  interpreter?: string[];
  /** @default the provider's own, the project's folder */
  dir?: string;
  environment: Record<string, string>;
  stdin?: string;
  /** Which lines are shown while the command runs. */
  logging: { stdout: boolean; stderr: boolean };
}

export interface CommandOutput {
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Its whole process group ends with the operation. */
export async function runCommand(line: CommandLine, context: OperationContext): Promise<CommandOutput> {
  if (context.signal.aborted) {
    throw abortError(context.signal);
  }
  const [program, ...args] = [...(line.interpreter?.length ? line.interpreter : ["/bin/sh", "-c"]), line.command];
  const child = spawn(program!, args, {
    cwd: line.dir,
    env: { ...process.env, ...line.environment },
    stdio: [line.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    // A group of its own, so that what the script started ends with it.
    detached: true,
  });
  const kill = (signal: NodeJS.Signals): void => killGroup(child.pid, signal);
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    kill("SIGTERM");
    timer = setTimeout(() => kill("SIGKILL"), GRACE_MS);
  };
  // Last resort: the provider itself is ended while the command runs.
  const onExit = (): void => kill("SIGKILL");
  context.signal.addEventListener("abort", onAbort, { once: true });
  process.once("exit", onExit);

  const output = { stdout: "", stderr: "", both: "" };
  const collect = (name: "stdout" | "stderr"): void => {
    const stream = child[name]!.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output[name] += text;
      output.both += text;
    });
    if (line.logging[name]) {
      createInterface({ input: stream.pipe(new PassThrough()) }).on("line", (text) => context.log("info", text, true));
    }
  };
  collect("stdout");
  collect("stderr");
  // A command that does not read its input closes the pipe early: that is its right.
  child.stdin?.on("error", () => undefined).end(line.stdin);

  try {
    const failure = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => resolve(describeEnd(code, signal)));
    });
    if (context.signal.aborted) {
      throw new Error(`${abortError(context.signal).message}: running ${quoted(line.command)}:\n${output.both}`);
    }
    if (failure !== undefined) {
      throw new Error(`${failure}: running ${quoted(line.command)}:\n${output.both}`);
    }
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener("abort", onAbort);
    process.off("exit", onExit);
  }
  return { stdout: withoutLastNewline(output.stdout), stderr: withoutLastNewline(output.stderr) };
}

/** As Go words it, for the message is the official provider's. */
function describeEnd(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal !== null) {
    return `signal: ${signal}`;
  }
  return code === 0 ? undefined : `exit status ${code}`;
}

function quoted(command: string): string {
  return JSON.stringify(command);
}

function withoutLastNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) {
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended by itself.
  }
}
