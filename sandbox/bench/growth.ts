import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { startProviders } from "../engine/providers-process";
import { automationCommand, pulumiRunner } from "../engine/pulumi-command";
import { backendUrl } from "../engine/workspace";
import { sandboxRoot, toolsDirectory } from "../paths";
import type { Progress } from "../progress";
import { type ApiServer, startApiServer } from "./api-server";
import { growthObjects } from "./growth-objects";
import { kubectl } from "./kubectl";
import type { Manifest } from "./objects";

/** How the engine's time grows with the number of objects, beside one call of kubectl for the same objects. */
export interface Growth {
  objects: number;
  /** One `kubectl apply --server-side` of all objects. */
  kubectlSeconds: number;
  /** With no state written until the end. */
  withoutCheckpointsSeconds: number;
  unchangedPreviewSeconds: number;
  stateBytes: number;
  /** With the state written as a whole before and after each step, as it is shipped; undefined where it takes too long. */
  upSeconds?: number;
}

const GROWTH_SIZES = [100, 500, 1000, 2000] as const;
/** With checkpoints the time grows with the square of the size: beyond this it is many minutes. */
const LARGEST_WITH_CHECKPOINTS = 500;

const folder = path.join(sandboxRoot, "bench-growth");
const PROJECT = "growth";

interface Bench {
  server: ApiServer;
  env: Record<string, string>;
}

/** Measures every size once, each against an API server that was just started. */
export async function measureGrowth(
  progress: Progress,
  look: () => void,
  sizes: readonly number[] = GROWTH_SIZES,
): Promise<Growth[]> {
  const measured: Growth[] = [];
  for (const size of sizes) {
    progress.step(`growth: ${size} objects`);
    measured.push(await measureSize(size));
    look();
  }
  await rm(folder, { recursive: true, force: true });
  return measured;
}

async function measureSize(size: number): Promise<Growth> {
  const objects = growthObjects(size);
  const kubectlSeconds = await withServer((bench) => applyByKubectl(bench, objects));
  const without = await withServer(async ({ server, env }) => {
    const stack = await openStack("without", server, objects, {
      ...env,
      PULUMI_EXPERIMENTAL: "true",
      PULUMI_SKIP_CHECKPOINTS: "true",
    });
    const withoutCheckpointsSeconds = await seconds(() => stack.up(quiet));
    const unchangedPreviewSeconds = await seconds(async () => {
      const { changeSummary } = await stack.preview({ ...quiet, expectNoChanges: true });
      if (changeSummary.same === undefined || changeSummary.same < size) throw new Error("The preview saw too little.");
    });
    const stateBytes = (await stat(path.join(folder, "state", ".pulumi", "stacks", PROJECT, "without.json"))).size;
    return { withoutCheckpointsSeconds, unchangedPreviewSeconds, stateBytes };
  });
  if (size > LARGEST_WITH_CHECKPOINTS) return { objects: size, kubectlSeconds, ...without };
  const upSeconds = await withServer(async ({ server, env }) => {
    const stack = await openStack("with", server, objects, env);
    return seconds(() => stack.up(quiet));
  });
  return { objects: size, kubectlSeconds, ...without, upSeconds };
}

const quiet = { color: "never", suppressProgress: true, suppressOutputs: true } as const;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function withServer<T>(work: (bench: Bench) => Promise<T>): Promise<T> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, "state"), { recursive: true });
  const server = await startApiServer(path.join(folder, "server"));
  const env = {
    PATH: `${toolsDirectory}${path.delimiter}${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: path.join(folder, "pulumi-home"),
    PULUMI_BACKEND_URL: backendUrl(path.join(folder, "state")),
    PULUMI_CONFIG_PASSPHRASE: PROJECT,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
    ORRERY_TOOLS_DIR: toolsDirectory,
    ORRERY_CACHE_DIR: path.join(sandboxRoot, "cache"),
  };
  const providers = await startProviders(env);
  try {
    return await work({ server, env: { ...env, PULUMI_DEBUG_PROVIDERS: providers.debugProviders } });
  } finally {
    await providers.close();
    await server.stop();
  }
}

async function applyByKubectl({ server }: Bench, objects: readonly Manifest[]): Promise<number> {
  const file = path.join(folder, "objects.json");
  await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  return seconds(() => kubectl(server.kubeconfig, ["apply", "--server-side", "--filename", file]));
}

async function openStack(
  stackName: string,
  server: ApiServer,
  objects: readonly Manifest[],
  envVars: Record<string, string>,
): Promise<Stack> {
  const run = pulumiRunner(path.join(toolsDirectory, "pulumi"), envVars);
  const program = async (): Promise<void> => {
    const provider = new k8s.Provider("cluster", {
      kubeconfig: server.kubeconfig,
      enableServerSideApply: true,
      kubeClientSettings: { qps: 2000, burst: 4000 },
    });
    for (const { apiVersion, kind, metadata, ...rest } of objects) {
      const name = `${kind}-${metadata.namespace ?? ""}-${metadata.name}`.toLowerCase();
      const args = { apiVersion, kind, metadata, ...rest };
      new k8s.apiextensions.CustomResource(name, args, { provider });
    }
  };
  return LocalWorkspace.createStack(
    { stackName, projectName: PROJECT, program },
    { pulumiCommand: await automationCommand(sandboxRoot, run), envVars, workDir: await workDirectory() },
  );
}

async function workDirectory(): Promise<string> {
  const directory = path.join(folder, "work");
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, "Pulumi.yaml"), `name: ${PROJECT}\nruntime: nodejs\n`);
  return directory;
}
