import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { repository, type StackPaths, sandboxRoot, stackPaths } from "../paths";
import type { Progress } from "../progress";
import { ensureTools } from "../tools/build";
import { daemonPid, type Measured, measure, stateFileOf } from "./command";
import { watchConditions } from "./conditions";
import type { BenchSettings, Run } from "./figures";
import { measureFloor } from "./floor";
import type { PolicyShare } from "./policies";

/** Name of the bench's own stack. */
const STACK = "bench";
const folder = path.join(sandboxRoot, "bench-work");
const stackFile = path.join(folder, `${STACK}.yaml`);

type Measure = (command: string, what: string) => Promise<Measured>;

/** An environment variable that is on for a trial, e.g. PULUMI_SKIP_CHECKPOINTS. */
export type Variables = Record<string, string>;

/** An account with nothing in it and no process, whatever an earlier run left. */
export async function clean(paths: StackPaths, file = stackFile): Promise<void> {
  if (existsSync(stateFileOf(paths))) await measure("destroy", file, paths, {});
  await measure("stop", file, paths, {});
  await rm(paths.root, { recursive: true, force: true });
}

/** Measures everything once, in the order of a stack's life. */
export async function runBench(settings: BenchSettings, progress: Progress, variables: Variables): Promise<Run> {
  const paths = stackPaths(STACK);
  await mkdir(folder, { recursive: true });
  await copyFile(path.join(repository, `Pulumi.${settings}.yaml`), stackFile);
  progress.step("tools, and an empty account");
  await ensureTools(progress);
  await clean(paths);
  const watched = watchConditions();
  const measured: Measure = async (command, what) => {
    progress.step(what);
    const tick = setInterval(() => progress.update(what), 1_000);
    try {
      return await measure(command, stackFile, paths, variables);
    } finally {
      clearInterval(tick);
      watched.look();
    }
  };
  try {
    const coldPreview = await measured("preview", "preview from nothing");
    await measure("stop", stackFile, paths, {});
    await rm(paths.root, { recursive: true, force: true });
    const up = await measured("up", "up from nothing");
    const [daemon] = await daemonPid(paths);
    const stateBytes = (await stat(stateFileOf(paths))).size;
    const warmPreview = await measured("preview", "preview without changes");
    const secondUp = await measured("up", "second up");
    expectUnchanged(secondUp);
    // An edit of the sandbox's sources restarts it with its cluster, which is no part of a preview.
    if ((await daemonPid(paths))[0] !== daemon) {
      throw new Error("The sandbox's own sources changed while the bench ran; run it again.");
    }
    progress.step("previews with and without policies");
    const policies = await policyShare(variables);
    progress.step("floor: the same objects by kubectl alone");
    const floor = await measureFloor(paths, path.join(folder, "floor"));
    const destroy = await measured("destroy", "destroy");
    return {
      settings,
      conditions: watched.conditions(),
      ...{ coldPreview, up, warmPreview, secondUp, destroy, stateBytes, floor, policies },
    };
  } finally {
    // The processes end in any case; a state that an error left behind is destroyed by the next run.
    await measure("stop", stackFile, paths, {}).catch(() => undefined);
  }
}

async function policyShare(variables: Variables): Promise<PolicyShare> {
  const args = ["--require", "tsx/cjs", "sandbox/bench/policies.ts", stackFile];
  const options = { cwd: repository, env: { ...process.env, ...variables }, maxBuffer: 1024 ** 2 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout) as PolicyShare;
}

/** Figures of a run in which something else happened than what their names say would be worse than none. */
function expectUnchanged({ printed }: Measured): void {
  const { create = 0, update = 0, delete: deleted = 0 } = printed.resources ?? {};
  if (create + update + deleted === 0) return;
  throw new Error(
    `The second \`up\` made ${create} creates, ${update} updates and ${deleted} deletes; it must make none.`,
  );
}
