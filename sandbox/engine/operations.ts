import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type EngineEvent, LocalWorkspace, type OutputMap, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { repository, type StackPaths, sandboxRoot, toolsDirectory } from "../paths";
import { OPERATION_VARIABLE } from "../recovery/orphans";
import { emptyReport, foldEvent, type OperationReport } from "./events";
import { startProviders } from "./providers-process";
import { automationCommand, PulumiFailed, pulumiRunner, type RunPulumi } from "./pulumi-command";
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
}

export interface Engine {
  preview(watch?: Watch): Promise<Operation>;
  up(watch?: Watch): Promise<Operation>;
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

/** The project's own program. Loaded when the engine asks for it, so that the providers start at the same time. */
const program: PulumiFn = async () => {
  const main = require(path.join(repository, "index")) as PulumiFn;
  return main();
};

const stateFile = (options: EngineOptions) =>
  path.join(options.paths.state, ".pulumi", "stacks", "orrery", `${options.stack}.json`);

async function openStack(options: EngineOptions, run: RunPulumi): Promise<Stack> {
  const { workspace, providers, stack } = options;
  const pulumi = await automationCommand(providers === "builtin" ? sandboxRoot : undefined, run);
  const local = { pulumiCommand: pulumi, pulumiHome: workspace.env.PULUMI_HOME, envVars: workspace.env };
  const inline = { stackName: stack, projectName: "orrery", program };
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
  const tools = `${toolsDirectory}${path.delimiter}${process.env.PATH ?? ""}`;
  const env: Record<string, string> = {
    ...workspace.env,
    ...options.env,
    PATH: tools,
    ORRERY_TOOLS_DIR: toolsDirectory,
    [OPERATION_VARIABLE]: paths.root,
  };
  const builtin =
    providers === "builtin" ? await startProviders({ ...env, ORRERY_STAND_INS_LOG: paths.standInLog }) : undefined;
  if (builtin) env.PULUMI_DEBUG_PROVIDERS = builtin.debugProviders;
  try {
    const run = pulumiRunner(builtin ? path.join(toolsDirectory, "pulumi") : "pulumi", env);
    const stack = await openStack(options, run);
    await ensureToken(options, run, token);
    return engineOf(options, stack, run, async () => builtin?.close());
  } catch (error) {
    await builtin?.close();
    throw error;
  }
}

/** The simulated account's token is a secret of the stack, as the real one's is. */
async function ensureToken({ stack, workspace }: EngineOptions, run: RunPulumi, token: string): Promise<void> {
  const settings = parse(await readFile(workspace.configFile, "utf8")) as { config?: Record<string, unknown> };
  if (settings.config?.["hcloud:token"]) return;
  await run(["config", "set", "--secret", "--stack", stack, "hcloud:token", "--", token], workspace.directory, {});
}

function engineOf(options: EngineOptions, stack: Stack, run: RunPulumi, close: () => Promise<void>): Engine {
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
  const timed = async (work: (operation: Operation) => Promise<{ stdout: string }>): Promise<Operation> => {
    const operation: Operation = { report: emptyReport(), stdout: "", milliseconds: 0 };
    const started = Date.now();
    try {
      operation.stdout = (await work(operation)).stdout;
    } catch (error) {
      throw new OperationFailed(operation, error);
    } finally {
      operation.milliseconds = Date.now() - started;
    }
    return operation;
  };
  // Official: the CLI runs the checkout as it is, with its own language host; only the settings file is another.
  const official = options.providers === "official" ? { configFile: options.workspace.configFile } : {};
  return {
    preview: (watch) => timed((op) => stack.preview({ ...common(watch, op), ...policies, ...official, diff: false })),
    up: (watch) => timed((op) => stack.up({ ...common(watch, op), ...policies, ...official })),
    destroy: (watch) => timed((op) => stack.destroy({ ...common(watch, op), ...official })),
    refresh: (watch) => timed((op) => stack.refresh({ ...common(watch, op), ...official })),
    outputs: () => stack.outputs(),
    run: async (args) => (await run([...args, "--stack", options.stack], options.workspace.directory, {})).stdout,
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
