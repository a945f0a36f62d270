import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ensureHelmShim } from "../charts/helm-shim";
import { type Daemon, ensureDaemon } from "../daemon/client";
import { type Identity, identityOf } from "../daemon/identity";
import { type Engine, openEngine } from "../engine/operations";
import { prepareWorkspace, type Workspace } from "../engine/workspace";
import { repository, type StackPaths, sandboxRoot, stackPaths, toolsDirectory } from "../paths";
import type { Progress } from "../progress";
import { ensureAnalyzer } from "../tools/analyzer";
import { ensureTools } from "../tools/build";
import type { Arguments } from "./args";

/** Everything that an operation on the sandboxed stack needs, running. */
export interface Session {
  paths: StackPaths;
  identity: Identity;
  daemon: Daemon;
  workspace: Workspace;
  engine: Engine;
  /** How long the tools and the sandbox took. */
  phases: { name: string; milliseconds: number }[];
  /** Charts that were stood in for, most recent operation last. */
  chartStandIns(): Promise<string[]>;
}

async function standInLog(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { kind: string; name: string; version?: string; reason?: string });
  return [
    ...new Set(
      lines.map(({ kind, name, version, reason }) => `${kind} ${name} ${version ?? ""}${reason ? `: ${reason}` : ""}`),
    ),
  ];
}

async function startDaemon(args: Arguments, paths: StackPaths, identity: Identity, { dedicated }: Workspace) {
  const daemon = await ensureDaemon(paths, identity, args.crds);
  await daemon.dedicated(dedicated);
  return daemon;
}

async function startEngine(
  args: Arguments,
  paths: StackPaths,
  identity: Identity,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<Engine> {
  const policyConfig = path.join(repository, "policy", `${args.stack}.json`);
  const options = {
    stack: args.stack,
    paths,
    workspace,
    providers: args.providers,
    policyPack: path.join(repository, "policy"),
    policyConfig: existsSync(policyConfig) ? policyConfig : undefined,
    env: {
      ORRERY_CACHE_DIR: path.join(sandboxRoot, "cache"),
      ...(args.charts ? { ORRERY_CHART_MIRROR: args.charts } : {}),
      ...(args.crds ? { ORRERY_CRDS_DIR: args.crds } : {}),
      // A cluster that is broken beyond answering must not keep its servers. Never for anything else: a refresh would
      // forget every object of a cluster that only cannot be reached from here.
      ...(args.command === "destroy" ? { PULUMI_K8S_DELETE_UNREACHABLE: "true" } : {}),
    },
    signal,
  };
  return openEngine(options, identity.hetznerToken);
}

/** Tools, working folder, then daemon and engine at the same time: with progress. */
export async function openSession(args: Arguments, progress: Progress, signal: AbortSignal): Promise<Session> {
  const paths = stackPaths(args.stack);
  const phases: { name: string; milliseconds: number }[] = [];
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = Date.now();
    const result = await work();
    phases.push({ name, milliseconds: Date.now() - started });
    signal.throwIfAborted();
    return result;
  };
  await phase("tools", async () => {
    const { built } = await ensureTools(progress);
    await ensureAnalyzer();
    await ensureHelmShim({ bin: paths.bin, helm: path.join(toolsDirectory, "helm") });
    if (built.length > 0) progress.note(`built ${built.join(", ")} into the cache; every clone uses them from now on`);
  });
  progress.step(`starting the sandbox of stack ${args.stack}`);
  const identity = await identityOf(paths);
  const { daemon, workspace, engine } = await phase("sandbox", async () => {
    const workspace = await prepareWorkspace(args.stack, args.stackFile, paths, identity, { charts: args.charts });
    // The engine needs the sandbox only once it works, so both start at the same time.
    const [daemon, engine] = await Promise.allSettled([
      startDaemon(args, paths, identity, workspace),
      startEngine(args, paths, identity, workspace, signal),
    ]);
    if (daemon.status === "fulfilled" && engine.status === "fulfilled") {
      return { workspace, daemon: daemon.value, engine: engine.value };
    }
    if (engine.status === "fulfilled") await engine.value.close();
    throw daemon.status === "rejected" ? daemon.reason : (engine as PromiseRejectedResult).reason;
  });
  return { paths, identity, daemon, workspace, engine, phases, chartStandIns: () => standInLog(paths.standInLog) };
}
