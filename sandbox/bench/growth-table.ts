import { table } from "../cli/summary";
import type { Growth } from "./growth";
import { markdownTable } from "./table";

const HEADER = [
  "objects",
  "kubectl, s",
  "`up`, s",
  "for each object, ms",
  "× kubectl",
  "`up` without checkpoints, s",
  "for each object, ms",
  "preview without changes, s",
  "state, MB",
];

const rowOf = (growth: Growth): string[] => [
  String(growth.objects),
  growth.kubectlSeconds.toFixed(1),
  growth.upSeconds.toFixed(1),
  ((growth.upSeconds / growth.objects) * 1000).toFixed(0),
  (growth.upSeconds / growth.kubectlSeconds).toFixed(1),
  growth.withoutCheckpointsSeconds.toFixed(1),
  ((growth.withoutCheckpointsSeconds / growth.objects) * 1000).toFixed(0),
  growth.unchangedPreviewSeconds.toFixed(1),
  (growth.stateBytes / 1e6).toFixed(1),
];

/** For the terminal. */
export function growthTable(measured: readonly Growth[]): string {
  return table(HEADER, measured.map(rowOf));
}

/** For docs/benchmarks.md. */
export function growthMarkdown(measured: readonly Growth[]): string {
  return markdownTable(HEADER, measured.map(rowOf));
}
