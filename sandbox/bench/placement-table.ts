import { table } from "../cli/summary";
import type { Comparison, PlacementFigures } from "./placement";
import { markdownTable } from "./table";

const HEADER = [
  "asked for",
  "clusters",
  "placed: plan",
  "FFD by memory",
  "FFD by share",
  "GPUs: plan",
  "FFD by memory",
  "FFD by share",
  "better / same / worse than FFD by memory",
  "than FFD by share",
  "mean, s",
  "slowest, s",
  "GPUs over",
  "moved by one more",
];

const counts = ({ better, same, worse }: Comparison) => `${better} / ${same} / ${worse}`;

const rowOf = ({ fill, runs, placed, gpus, ...figures }: PlacementFigures): string[] => [
  `${Math.round(100 * fill)} %`,
  String(runs),
  placed.plan.toFixed(1),
  placed.byMemory.toFixed(1),
  placed.byShare.toFixed(1),
  gpus.plan.toFixed(2),
  gpus.byMemory.toFixed(2),
  gpus.byShare.toFixed(2),
  counts(figures.againstMemory),
  counts(figures.againstShare),
  figures.meanSeconds.toFixed(3),
  figures.slowestSeconds.toFixed(3),
  String(figures.overfull),
  `${(100 * figures.moved).toFixed(1)} %`,
];

/** For the terminal. */
export function placementTable(measured: readonly PlacementFigures[]): string {
  return table(HEADER, measured.map(rowOf));
}

/** For docs/benchmarks.md. */
export function placementMarkdown(measured: readonly PlacementFigures[]): string {
  return markdownTable(HEADER, measured.map(rowOf));
}
