import { loadavg, totalmem } from "node:os";
import { cores } from "./processes";

/** The machine and the moment: without them no figure means anything. */
export interface Conditions {
  date: string;
  machine: { cores: number; memoryGiB: number; node: string };
  /** One-minute load average before the first command and the highest after any. */
  load: { before: number; highest: number };
}

export interface Watched {
  /** Looks at the load once more. */
  look(): void;
  conditions(): Conditions;
}

export function watchConditions(): Watched {
  const load = { before: loadavg()[0] ?? 0, highest: 0 };
  return {
    look: () => {
      load.highest = Math.max(load.highest, loadavg()[0] ?? 0);
    },
    conditions: () => ({
      date: new Date().toISOString().slice(0, 10),
      machine: { cores, memoryGiB: Math.round(totalmem() / 1024 ** 3), node: process.versions.node },
      load: { ...load },
    }),
  };
}

export function describeConditions({ date, machine, load }: Conditions): string {
  const { cores: count, memoryGiB, node } = machine;
  return (
    `${date}, ${count} cores, ${memoryGiB} GiB, Node ${node}; ` +
    `load average ${load.before.toFixed(1)} before, at most ${load.highest.toFixed(1)}`
  );
}
