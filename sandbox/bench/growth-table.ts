import { table } from "../cli/summary";
import type { Growth } from "./growth";
import { markdownTable } from "./table";

const HEADER = [
  "objects",
  "kubectl, s",
  "`up`, s",
  "for each object, ms",
  "× kubectl",
  "preview without changes, s",
  "state, MB",
  "`up` with checkpoints, s",
  "for each object, ms",
];

const perObject = (seconds: number, { objects }: Growth) => ((seconds / objects) * 1000).toFixed(0);

const rowOf = (growth: Growth): string[] => [
  String(growth.objects),
  growth.kubectlSeconds.toFixed(1),
  growth.withoutCheckpointsSeconds.toFixed(1),
  perObject(growth.withoutCheckpointsSeconds, growth),
  (growth.withoutCheckpointsSeconds / growth.kubectlSeconds).toFixed(1),
  growth.unchangedPreviewSeconds.toFixed(1),
  (growth.stateBytes / 1e6).toFixed(1),
  growth.upSeconds?.toFixed(1) ?? "-",
  growth.upSeconds === undefined ? "-" : perObject(growth.upSeconds, growth),
];

/** For the terminal. */
export function growthTable(measured: readonly Growth[]): string {
  return table(HEADER, measured.map(rowOf));
}

/** For docs/benchmarks.md. */
export function growthMarkdown(measured: readonly Growth[]): string {
  return markdownTable(HEADER, measured.map(rowOf));
}
