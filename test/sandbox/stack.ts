import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import { repository, type StackPaths, stackPaths, toolsDirectory } from "../../sandbox/paths";
import { deploymentOf } from "../../sandbox/recovery/state";

/** Printed by test files that need the tools when there are none. */
export const skipReason = process.env.ORRERY_TOOLS_DIR
  ? undefined
  : "ORRERY_TOOLS_DIR is not set: run `npm test`, which builds the tools first";

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A command of the sandbox's CLI that is under way. */
export interface RunningCli {
  child: ChildProcess;
  /** Progress and messages so far. */
  stderr(): string;
  done: Promise<CliResult>;
}

type Settings = Record<string, unknown>;

/** A resource or pending operation as the exported state has it. */
export interface ExportedState {
  resources: { urn: string; type: string; id?: string; outputs?: Record<string, unknown> }[];
  pending_operations?: { resource: { urn: string }; type: string }[];
}

export interface SandboxStack {
  name: string;
  /** The settings file. */
  file: string;
  paths: StackPaths;
  /** Starts a command without waiting for it; `--json` is added. */
  start(command: string, ...options: string[]): RunningCli;
  /** Runs a command to its end, whatever that is. */
  run(command: string, ...options: string[]): Promise<CliResult>;
  /** Runs a command without `--json`, as it prints for people. */
  text(command: string, ...options: string[]): Promise<CliResult>;
  /** Runs a command that must succeed; resolves with the object that it printed. */
  up<T = Record<string, unknown>>(...options: string[]): Promise<T>;
  preview<T = Record<string, unknown>>(...options: string[]): Promise<T>;
  destroy<T = Record<string, unknown>>(...options: string[]): Promise<T>;
  /** Changes settings for the next command; a key that is undefined is taken out. */
  configure(overrides: Settings): Promise<void>;
  /** Settings of the next command. */
  settings(): Settings;
  /** The state as it lies on the disk; secrets stay encrypted. */
  state(): Promise<ExportedState>;
  kubeconfig(): Promise<string>;
  /** A call of the simulated Hetzner: "/v1/..." or "/_sandbox/...". */
  hetzner<T = unknown>(method: string, route: string, body?: unknown): Promise<T>;
  /** Ends every process of the stack and takes its files away. */
  remove(): Promise<void>;
}

const presetFiles = {
  dev: "Pulumi.dev.yaml",
  prod: "Pulumi.prod.yaml",
  homelab: "stacks/presets/homelab.yaml",
} as const;
type Preset = keyof typeof presetFiles;

/**
 * For stacks of many hundred resources: the engine writes the whole state before and after each step, which takes longer
 * than the steps. What a killed run leaves behind is tried with small stacks.
 */
export const withoutCheckpoints = { PULUMI_SKIP_CHECKPOINTS: "true" };

/**
 * A sandboxed stack of a test's own: the settings of Pulumi.dev.yaml (or another preset) with `overrides` (whole
 * `orrery:*` keys) and environment variables, in a folder of its own under .sandbox/. Every command is a child process, as an operator's is. Call
 * `remove` at the end.
 */
export async function sandboxStack(
  name: string,
  overrides: Settings = {},
  preset: Preset = "dev",
  variables: Record<string, string> = {},
): Promise<SandboxStack> {
  const folder = await mkdtemp(path.join(tmpdir(), "orrery-stack-"));
  const file = path.join(folder, `Pulumi.${name}.yaml`);
  const paths = stackPaths(name);
  const text = await readFile(path.join(repository, presetFiles[preset]), "utf8");
  let settings = (parse(text) as { config: Settings }).config;

  const configure = async (changed: Settings) => {
    settings = Object.fromEntries(
      Object.entries({ ...settings, ...changed }).filter(([, value]) => value !== undefined),
    );
    await writeFile(file, stringify({ config: settings }));
  };

  const cli = (args: string[]) => startCli(args, repository, variables);
  const start = (command: string, ...options: string[]) => cli([command, "--stack", file, "--json", ...options]);
  const run = (command: string, ...options: string[]) => start(command, ...options).done;
  const succeed = async <T>(command: string, options: string[]): Promise<T> => {
    const result = await run(command, ...options);
    if (result.code !== 0) throw new Error(`${command} ended with ${result.code ?? result.signal}:\n${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  };

  const hetzner = async <T>(method: string, route: string, body?: unknown): Promise<T> => {
    const identity = JSON.parse(await readFile(path.join(paths.root, "identity.json"), "utf8"));
    const response = await fetch(`http://${identity.addressPrefix}.1:${identity.hetznerPort}${route}`, {
      method,
      headers: { authorization: `Bearer ${identity.hetznerToken}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };

  const remove = async () => {
    if (existsSync(paths.root)) await run("stop");
    for (const gone of [paths.root, folder]) await rm(gone, { recursive: true, force: true });
  };

  // What an earlier run of the test left behind.
  await configure(overrides);
  if (existsSync(paths.root)) {
    await run("stop");
    await rm(paths.root, { recursive: true, force: true });
  }
  return {
    name,
    file,
    paths,
    start,
    run,
    text: (command, ...options) => cli([command, "--stack", file, ...options]).done,
    up: (...options) => succeed("up", options),
    preview: (...options) => succeed("preview", options),
    destroy: (...options) => succeed("destroy", options),
    configure,
    settings: () => ({ ...settings }),
    state: async () => {
      const stateFile = path.join(paths.state, ".pulumi", "stacks", "orrery", `${name}.json`);
      const deployment = deploymentOf(await readFile(stateFile, "utf8")) as Partial<ExportedState>;
      return { ...deployment, resources: deployment.resources ?? [] };
    },
    kubeconfig: () => readFile(paths.kubeconfig, "utf8"),
    hetzner,
    remove,
  };
}

/** The CLI of this checkout, or of a clone. */
export function startCli(args: string[], checkout = repository, variables: Record<string, string> = {}): RunningCli {
  const child = spawn(process.execPath, ["--require", "tsx/cjs", path.join(checkout, "sandbox/cli/main.ts"), ...args], {
    cwd: checkout,
    // A group of its own: what an interrupted command leaves running can be told from the test's own processes.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...variables, PATH: `${toolsDirectory}${path.delimiter}${process.env.PATH}` },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return {
    child,
    stderr: () => stderr,
    done: new Promise((resolve, reject) => {
      child.on("error", reject);
      // Not "close": a killed command's children may hold its pipes for a moment longer.
      child.on("exit", (code, signal) => setImmediate(() => resolve({ code, signal, stdout, stderr })));
    }),
  };
}
