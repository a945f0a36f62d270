import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { toolCache } from "../../../sandbox/paths";

/** Where real programs that tests bring along are kept, for all clones of this user. */
export function programCache(): string {
  return path.join(path.dirname(toolCache()), "programs");
}

/**
 * A folder of the cache, filled once: `fill` gets it, empty, and a scratch folder that is removed afterwards. It has its
 * name only when it is complete, so two that fill it at the same time do no harm.
 */
export async function cached(name: string, fill: (root: string, scratch: string) => Promise<unknown>): Promise<string> {
  const root = path.join(programCache(), name);
  if (existsSync(root)) return root;
  await mkdir(programCache(), { recursive: true });
  const work = await mkdtemp(path.join(programCache(), `.${name}-`));
  try {
    const [made, scratch] = [path.join(work, "root"), path.join(work, "scratch")];
    await mkdir(made);
    await mkdir(scratch);
    await fill(made, scratch);
    await rename(made, root).catch((error) => {
      if (!existsSync(root)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return root;
}

const execute = promisify(execFile);

/** Runs a program to its end; its output, or an error with what it said. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(program, [...args], { ...options, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}${stderr}`);
  }
}
