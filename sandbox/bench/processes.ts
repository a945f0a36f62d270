import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** A process as /proc has it; times in clock ticks, those of children that ended included. */
export interface ProcessStat {
  pid: number;
  parent: number;
  name: string;
  ticks: number;
}

export interface MemoryUse {
  /** Proportional: a page that several processes share counts once in all. */
  pssKiB: number;
  /** Resident: what `ps` shows, shared pages counted for each. */
  rssKiB: number;
}

/** Linux reports processor time in hundredths of a second, whatever the kernel's own clock is. */
export const TICKS_PER_SECOND = 100;

/** Pure: one line of /proc/<pid>/stat. The name may hold anything, blanks and brackets too. */
export function parseStat(text: string): ProcessStat | undefined {
  const match = /^(\d+) \((.*)\) \S (\d+) (.*)$/s.exec(text.trim());
  if (!match) return undefined;
  const [, pid, name = "", parent, rest = ""] = match;
  // Fields 14 to 17 of the line: user and system time, and the same of children that were waited for.
  const times = rest.split(" ").slice(9, 13).map(Number);
  if (times.length < 4 || times.some(Number.isNaN)) return undefined;
  return { pid: Number(pid), parent: Number(parent), name, ticks: times.reduce((sum, time) => sum + time, 0) };
}

/** Pure: the roots that live and everything that descends from them. */
export function treesOf(processes: readonly ProcessStat[], roots: readonly number[]): ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const process of processes) {
    children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  }
  const found = new Map<number, ProcessStat>();
  const visit = (process: ProcessStat): void => {
    if (found.has(process.pid)) return;
    found.set(process.pid, process);
    for (const child of children.get(process.pid) ?? []) visit(child);
  };
  for (const process of processes.filter(({ pid }) => roots.includes(pid))) visit(process);
  return [...found.values()];
}

/** Pure: /proc/<pid>/smaps_rollup. */
export function parseMemory(text: string): MemoryUse {
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  return { pssKiB: field("Pss"), rssKiB: field("Rss") };
}

/** Pure: ticks in which the machine's processors worked, and all ticks, from the first line of /proc/stat. */
export function parseMachine(text: string): { busy: number; all: number } {
  const line = /^cpu +(.*)$/m.exec(text)?.[1] ?? "";
  // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user time.
  const fields = line.split(" ").map(Number).slice(0, 8);
  const all = fields.reduce((sum, field) => sum + field, 0);
  return { busy: all - (fields[3] ?? 0) - (fields[4] ?? 0), all };
}

const read = (file: string) => readFile(file, "utf8").catch(() => "");

export async function allProcesses(): Promise<ProcessStat[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(async (pid) => parseStat(await read(`/proc/${pid}/stat`))));
  return stats.filter((stat) => stat !== undefined);
}

export const memoryOf = async (pid: number): Promise<MemoryUse> => parseMemory(await read(`/proc/${pid}/smaps_rollup`));

export const machineTicks = async () => parseMachine(await read("/proc/stat"));

export const cores = availableParallelism();
