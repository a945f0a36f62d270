import { allProcesses, cores, machineTicks, memoryOf, TICKS_PER_SECOND, treesOf } from "./processes";

export interface Usage {
  /** At the moment when the processes together were largest. */
  peak: {
    pssKiB: number;
    rssKiB: number;
    processes: number;
    byName: { name: string; count: number; pssKiB: number }[];
  };
  /** At the moment when the command's own processes were largest: without the sandbox, which a real account replaces. */
  clientPeakPssKiB: number;
  /** Processor seconds of all processes together. */
  cpuSeconds: number;
  /** Cores that others on the machine used meanwhile, on average. */
  othersCores: number;
}

export interface Sampler {
  /** From now on this process and what descends from it counts. */
  watch(pid: number): void;
  stop(): Promise<Usage>;
}

/** Reading a process's memory walks its page tables: often enough to see a peak, seldom enough not to be one. */
const INTERVAL_MS = 750;

/** Follows the processes of a measured command until it is stopped. `roots` are asked for at each sample. */
export async function startSampler(roots: () => Promise<number[]>): Promise<Sampler> {
  const watched = new Set<number>();
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  let peak: Usage["peak"] = { pssKiB: 0, rssKiB: 0, processes: 0, byName: [] };
  let clientPeakPssKiB = 0;
  let running = true;
  const started = { machine: await machineTicks(), at: Date.now() };
  const baseline = new Set((await roots()).filter((pid) => pid > 0));

  const sample = async (): Promise<void> => {
    const processes = await allProcesses();
    for (const root of new Set([...watched, ...(await roots())])) {
      const ticks = treesOf(processes, [root]).reduce((sum, process) => sum + process.ticks, 0);
      if (ticks === 0) continue;
      // What a process that was there before had used until then is not this command's.
      if (!first.has(root)) first.set(root, baseline.has(root) ? ticks : 0);
      last.set(root, Math.max(ticks, last.get(root) ?? 0));
    }
    const daemons = await roots();
    const tree = treesOf(processes, [...new Set([...watched, ...daemons])]);
    const uses = await Promise.all(tree.map(async ({ pid, name }) => ({ pid, name, ...(await memoryOf(pid)) })));
    const sandbox = new Set(treesOf(processes, daemons).map(({ pid }) => pid));
    const client = uses.filter(({ pid }) => !sandbox.has(pid)).reduce((sum, use) => sum + use.pssKiB, 0);
    clientPeakPssKiB = Math.max(clientPeakPssKiB, client);
    const pssKiB = uses.reduce((sum, use) => sum + use.pssKiB, 0);
    if (pssKiB <= peak.pssKiB) return;
    const byName = new Map<string, { name: string; count: number; pssKiB: number }>();
    for (const use of uses) {
      const entry = byName.get(use.name) ?? { name: use.name, count: 0, pssKiB: 0 };
      byName.set(use.name, { ...entry, count: entry.count + 1, pssKiB: entry.pssKiB + use.pssKiB });
    }
    peak = {
      pssKiB,
      rssKiB: uses.reduce((sum, use) => sum + use.rssKiB, 0),
      processes: uses.length,
      byName: [...byName.values()].sort((a, b) => b.pssKiB - a.pssKiB),
    };
  };

  await sample();
  const loop = (async () => {
    while (running) {
      await sample();
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    }
  })();
  return {
    watch: (pid) => watched.add(pid),
    stop: async () => {
      running = false;
      const machine = await machineTicks();
      const seconds = (Date.now() - started.at) / 1000;
      await loop;
      const ticks = [...last].reduce((sum, [root, value]) => sum + value - (first.get(root) ?? 0), 0);
      const cpuSeconds = ticks / TICKS_PER_SECOND;
      const busy = (machine.busy - started.machine.busy) / TICKS_PER_SECOND;
      return {
        peak,
        clientPeakPssKiB,
        cpuSeconds,
        othersCores: Math.min(cores, Math.max(0, (busy - cpuSeconds) / seconds)),
      };
    },
  };
}
