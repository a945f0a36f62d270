import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { repository, type StackPaths } from "../paths";
import { startSampler, type Usage } from "./sampler";
import { type StateWrites, watchState } from "./state-watch";

export interface Phase {
  name: string;
  seconds: number;
}

/** What the CLI prints with --json, as far as the bench reads it. */
export interface Printed {
  phases: Phase[];
  resources?: { create: number; update: number; same: number; delete: number };
  policies?: { violations: unknown[] };
}

export interface Measured {
  command: string;
  /** The whole command, from its start to its end. */
  seconds: number;
  printed: Printed;
  usage: Usage;
  state: StateWrites;
}

export const stateFileOf = (paths: StackPaths): string =>
  path.join(paths.state, ".pulumi", "stacks", "orrery", `${path.basename(paths.root)}.json`);

export async function daemonPid(paths: StackPaths): Promise<number[]> {
  const text = await readFile(paths.daemonFile, "utf8").catch(() => "");
  return text === "" ? [] : [(JSON.parse(text) as { pid: number }).pid];
}

/** Runs one command of the sandbox's CLI, as a user would, and measures it. */
export async function measure(
  command: string,
  stackFile: string,
  paths: StackPaths,
  env: Record<string, string>,
): Promise<Measured> {
  const writes = await watchState(stateFileOf(paths));
  const sampler = await startSampler(() => daemonPid(paths));
  const started = performance.now();
  const args = ["--require", "tsx/cjs", "sandbox/cli/main.ts", command, "--stack", stackFile, "--json"];
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  sampler.watch(child.pid!);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const interrupt = () => child.kill("SIGINT");
  process.once("SIGINT", interrupt);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.off("SIGINT", interrupt);
  const seconds = (performance.now() - started) / 1000;
  const usage = await sampler.stop();
  const state = writes();
  if (code !== 0) throw new Error(`\`sandbox ${command}\` ended with exit code ${code}:\n${stderr}${stdout}`);
  const printed = { phases: [], ...(JSON.parse(stdout) as Partial<Printed>) };
  return { command, seconds, printed, usage, state };
}
