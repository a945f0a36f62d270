import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** In the environment of everything that an operation starts; its value is the stack's folder. */
export const OPERATION_VARIABLE = "ORRERY_OPERATION";

export interface OrphanProcess {
  pid: number;
  parent: number;
  /** Name of its program. */
  name: string;
}

/** An engine whose command line died ends by itself, and writes down what was in flight on the way out. */
const ENGINE_GRACE_MS = 30_000;
/** After SIGTERM: helm marks its release, a script removes what is temporary. */
const TERM_GRACE_MS = 15_000;
const POLL_MS = 200;

/** Processes with this stack's mark. Linux only; elsewhere, and for those that ended meanwhile, nothing. */
export async function markedProcesses(stackFolder: string): Promise<OrphanProcess[]> {
  const entries = await readdir("/proc").catch(() => []);
  const mark = `${OPERATION_VARIABLE}=${stackFolder}`;
  const found: OrphanProcess[] = [];
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${entry}/${file}`, "utf8").catch(() => "");
    if (!(await read("environ")).split("\0").includes(mark)) continue;
    const stat = /^\d+ \((.*)\) (\S) (\d+) /s.exec(await read("stat"));
    // Z: ended, and only waits for its parent to notice.
    if (stat && stat[2] !== "Z") found.push({ pid: Number(entry), name: stat[1] ?? "", parent: Number(stat[3]) });
  }
  return found;
}

/** Pure: those that do not descend from `root`, whose own operation they belong to. */
export function withoutDescendants(processes: readonly OrphanProcess[], root: number): OrphanProcess[] {
  const parentOf = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const descends = (pid: number): boolean => {
    const parent = parentOf.get(pid);
    return parent !== undefined && (parent === root || descends(parent));
  };
  return processes.filter(({ pid }) => pid !== root && !descends(pid));
}

/**
 * Ends what a killed operation left running: an engine may finish first, everything else is asked to end, then killed.
 * Two installs of one release, or two builds of one image, would undo each other. Returns the names of those found.
 */
export async function endOrphans(stackFolder: string): Promise<string[]> {
  const orphans = async () => withoutDescendants(await markedProcesses(stackFolder), process.pid);
  const found = await orphans();
  if (found.length === 0) return [];
  if (found.some(({ name }) => name === "pulumi")) {
    await until(async () => !(await orphans()).some(({ name }) => name === "pulumi"), ENGINE_GRACE_MS);
  }
  signal(await orphans(), "SIGTERM");
  await until(async () => (await orphans()).length === 0, TERM_GRACE_MS);
  signal(await orphans(), "SIGKILL");
  await until(async () => (await orphans()).length === 0, TERM_GRACE_MS);
  return [...new Set(found.map(({ name }) => name))].sort();
}

function signal(processes: readonly OrphanProcess[], name: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

async function until(reached: () => Promise<boolean>, limitMs: number): Promise<void> {
  for (const deadline = Date.now() + limitMs; !(await reached()) && Date.now() < deadline; ) await sleep(POLL_MS);
}
