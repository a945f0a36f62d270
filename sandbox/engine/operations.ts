import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type EngineEvent, LocalWorkspace, type OutputMap, type Stack } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { repository, type StackPaths, sandboxRoot, toolsDirectory } from "../paths";
import { OPERATION_VARIABLE } from "../recovery/orphans";
import { emptyReport, foldEvent, type OperationReport } from "./events";
import { type Program, projectProgram } from "./program";
import { startProviders } from "./providers-process";
import { automationCommand, pulumiRunner, type RunPulumi } from "./pulumi-command";
import { PulumiFailed } from "./pulumi-failed";
import type { Workspace } from "./workspace";

export interface EngineOptions {
  stack: string;
  paths: StackPaths;
  workspace: Workspace;
  providers: "builtin" | "official";
  policyPack: string;
  policyConfig?: string;
  /** For the built-in providers: mirror, definitions, caches. */
  env: Record<string, string>;
  signal?: AbortSignal;
}

export interface Operation {
  report: OperationReport;
  stdout: string;
  milliseconds: number;
  /** Of these, the time in which the program's own files were read and its code ran. */
  programMilliseconds: number;
  /** Of an `up`: the stack's outputs, secrets included. */
  outputs?: OutputMap;
}

export interface Engine {
  preview(watch?: Watch, options?: { policies?: boolean }): Promise<Operation>;
  up(watch?: Watch, options?: { policies?: boolean }): Promise<Operation>;
  destroy(watch?: Watch): Promise<Operation>;
  refresh(watch?: Watch): Promise<Operation>;
  /** Stack outputs, secrets included. */
  outputs(): Promise<OutputMap>;
  /** One call of the CLI on this stack. */
  run: (args: string[]) => Promise<string>;
  stack: Stack;
  close(): Promise<void>;
}

export type Watch = (report: OperationReport, event: EngineEvent) => void;

const stateFile = (options: EngineOptions) =>
  path.join(options.paths.state, ".pulumi", "stacks", "orrery", `${options.stack}.json`);

async function openStack(options: EngineOptions, program: Program, run: RunPulumi): Promise<Stack> {
  const { paths, workspace, providers, stack } = options;
  const pulumi = await automationCommand(providers === "builtin" ? sandboxRoot : undefined, run);
  const local = {
    pulumiCommand: pulumi,
    pulumiHome: providers === "builtin" ? path.join(paths.root, "pulumi-home") : undefined,
    envVars: workspace.env,
  };
  const inline = { stackName: stack, projectName: "orrery", program: program.run };
  const inWorkspace = { ...local, workDir: workspace.directory };
  // Created in the sandbox's own folder in any case: `stack init` writes to the settings file beside Pulumi.yaml.
  const opened = existsSync(stateFile(options))
    ? await LocalWorkspace.selectStack(inline, inWorkspace)
    : await LocalWorkspace.createStack(inline, inWorkspace);
  if (providers === "builtin") return opened;
  return LocalWorkspace.selectStack({ stackName: stack, workDir: repository }, local);
}

/** Opens the stack for operations: with the built-in providers and the inline program, or with what is on PATH. */
export async function openEngine(options: EngineOptions, token: string): Promise<Engine> {
  const { workspace, providers, paths } = options;
  const env: Record<string, string> = {
    ...workspace.env,
    ...options.env,
    ...(providers === "builtin" ? builtinEnv(paths) : officialEnv()),
    // What dies with its command line half done is found by this.
    [OPERATION_VARIABLE]: paths.root,
  };
  const inline = providers === "builtin";
  const program = projectProgram();
  const run = pulumiRunner(inline ? path.join(toolsDirectory, "pulumi") : "pulumi", env);
  // At the same time: the providers start, the CLI opens the stack, and then this process reads the program.
  const starting = inline ? startProviders({ ...env, ORRERY_STAND_INS_LOG: paths.standInLog }) : undefined;
  const opening = openStack(options, program, run);
  try {
    const [builtin, stack] = await Promise.all([starting?.then(reading(program)), opening]);
    await ensureToken(options, run, token);
    await setSecrets(options, run);
    if (builtin) env.PULUMI_DEBUG_PROVIDERS = builtin.debugProviders;
    return engineOf(options, stack, program, run, async () => builtin?.close());
  } catch (error) {
    await opening.catch(() => undefined);
    await starting?.then((builtin) => builtin.close()).catch(() => undefined);
    throw error;
  }
}

/** Reads the program in passing. One that cannot be read is an error of the operation that runs it. */
const reading =
  (program: Program) =>
  <T>(value: T): T => {
    try {
      program.load();
    } catch {
      // Thrown again, and shown with its place, when the engine asks for the program.
    }
    return value;
  };

/** Our own CLI, which has no plugins and must not go looking for any; and a helm that finds the sandbox's charts. */
function builtinEnv(paths: StackPaths): Record<string, string> {
  return {
    PATH: [paths.bin, toolsDirectory, process.env.PATH ?? ""].join(path.delimiter),
    ORRERY_TOOLS_DIR: toolsDirectory,
    ORRERY_HELM_SHIM: paths.bin,
    PULUMI_HOME: path.join(paths.root, "pulumi-home"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** The operator's CLI with its plugins and home; of our tools only what PATH lacks, talosctl and helm. */
function officialEnv(): Record<string, string> {
  const own = (process.env.PATH ?? "")
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== toolsDirectory);
  if (!own.some((folder) => existsSync(path.join(folder, "pulumi")))) {
    throw new Error(
      "--providers official runs the `pulumi` on your PATH, with its language host and plugins, and there is none. " +
        "Install the Pulumi CLI (https://www.pulumi.com/docs/install/), or leave the option out.",
    );
  }
  return { PATH: [...own, toolsDirectory].join(path.delimiter), ORRERY_TOOLS_DIR: toolsDirectory };
}

/** The simulated account's token is a secret of the stack, as the real one's is. */
async function ensureToken({ stack, workspace }: EngineOptions, run: RunPulumi, token: string): Promise<void> {
  const settings = parse(await readFile(workspace.configFile, "utf8")) as { config?: Record<string, unknown> };
  if (settings.config?.["hcloud:token"]) return;
  const set = ["config", "set", "--secret", "--stack", stack, "hcloud:token"];
  // On standard input: everybody on the machine can read a command line.
  await run(set, workspace.directory, {}, undefined, undefined, undefined, token);
}

/** What people bring along is encrypted in the stack's file, as it is in theirs. */
async function setSecrets({ stack, workspace }: EngineOptions, run: RunPulumi): Promise<void> {
  for (const [name, value] of Object.entries(workspace.secrets)) {
    const key = `orrery:secrets.values["${name}"]`;
    const set = ["config", "set", "--secret", "--path", "--stack", stack, key];
    await run(set, workspace.directory, {}, undefined, undefined, undefined, value);
  }
}

function engineOf(
  options: EngineOptions,
  stack: Stack,
  program: Program,
  run: RunPulumi,
  close: () => Promise<void>,
): Engine {
  const common = (watch: Watch | undefined, operation: Operation) => {
    const started = Date.now();
    return {
      color: "never" as const,
      suppressProgress: true,
      suppressOutputs: true,
      signal: options.signal,
      onEvent: (event: EngineEvent) => {
        foldEvent(operation.report, event, Date.now() - started);
        watch?.(operation.report, event);
      },
    };
  };
  const policies = {
    policyPacks: [options.policyPack],
    ...(options.policyConfig ? { policyPackConfigs: [options.policyConfig] } : {}),
  };
  const timed = async (
    work: (operation: Operation) => Promise<{ stdout: string; outputs?: OutputMap }>,
  ): Promise<Operation> => {
    const operation: Operation = { report: emptyReport(), stdout: "", milliseconds: 0, programMilliseconds: 0 };
    const started = Date.now();
    try {
      const { stdout, outputs } = await work(operation);
      Object.assign(operation, { stdout, outputs });
    } catch (error) {
      throw new OperationFailed(operation, error);
    } finally {
      operation.milliseconds = Date.now() - started;
      operation.programMilliseconds = program.elapsed();
    }
    return operation;
  };
  const runOnStack = async (args: string[]) =>
    (await run([...args, "--stack", options.stack], options.workspace.directory, {})).stdout;
  // Official: the CLI runs the checkout as it is, with its own language host; only the settings file is another.
  const official = options.providers === "official" ? { configFile: options.workspace.configFile } : {};
  return {
    preview: (watch, { policies: judged = true } = {}) =>
      timed((op) => stack.preview({ ...common(watch, op), ...(judged ? policies : {}), ...official, diff: false })),
    up: (watch, { policies: judged = true } = {}) =>
      timed((op) => stack.up({ ...common(watch, op), ...(judged ? policies : {}), ...official })),
    destroy: (watch) => timed((op) => stack.destroy({ ...common(watch, op), ...official })),
    refresh: (watch) => timed((op) => stack.refresh({ ...common(watch, op), ...official })),
    outputs: async () => {
      const outputs = JSON.parse(await runOnStack(["stack", "output", "--json", "--show-secrets"])) as object;
      // Which of them are secrets would take a second call to learn; none is shown, so all are taken for one.
      return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value, secret: true }]));
    },
    run: runOnStack,
    stack,
    close,
  };
}

/** An operation of the engine failed; what it had done until then is in the report. */
export class OperationFailed extends Error {
  constructor(
    readonly operation: Operation,
    override readonly cause: unknown,
  ) {
    super(cause instanceof PulumiFailed ? cause.message : String(cause instanceof Error ? cause.message : cause));
  }
}
