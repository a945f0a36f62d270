import { table } from "../cli/summary";
import type { Measured } from "./command";
import { type Conditions, describeConditions } from "./conditions";
import type { Floor } from "./floor";
import type { PolicyShare } from "./policies";
import { markdownTable } from "./table";

/** Whose settings are measured: Pulumi.<name>.yaml. */
export const benchSettings = ["dev", "prod"] as const;
export type BenchSettings = (typeof benchSettings)[number];

/** All that one run measured, in the order in which it ran. */
export interface Run {
  settings: BenchSettings;
  conditions: Conditions;
  coldPreview: Measured;
  up: Measured;
  warmPreview: Measured;
  secondUp: Measured;
  destroy: Measured;
  stateBytes: number;
  floor: Floor;
  policies: PolicyShare;
}

export interface Figure {
  name: string;
  value: number;
  unit: "s" | "GiB" | "MB" | "×" | "%" | "";
  /** The figure must not be above it. */
  target?: number;
}

const KIB_PER_GIB = 1024 ** 2;
const MB = 1e6;

interface Targets {
  coldPreview?: number;
  up: number;
  program?: number;
  warmPreview: number;
  destroy?: number;
  /** Of all processes together, GiB. */
  memory?: number;
  /** Of the command without the sandbox, GiB. */
  clientMemory?: number;
  /** The engine's update as a multiple of the floor. */
  floors?: number;
  /** Part of the preview without changes, percent. */
  policies?: number;
  /** MB. */
  state?: number;
}

/** Targets on two cores with the tools built, in seconds where nothing else is said. */
const TARGETS: Readonly<Record<BenchSettings, Targets>> = {
  dev: { coldPreview: 10, up: 90, program: 2, warmPreview: 8, destroy: 60, memory: 3 },
  prod: { up: 240, warmPreview: 20, clientMemory: 1, floors: 5, policies: 20, state: 8 },
};

const phase = (measured: Measured, name: string): number =>
  measured.printed.phases.find((candidate) => candidate.name === name)?.seconds ?? Number.NaN;

const PROGRAM = "of it the program itself";
const ENGINE = "up, all together";

export function figuresOf(run: Run): Figure[] {
  const { coldPreview, up, warmPreview, secondUp, destroy, floor, policies } = run;
  const targets = TARGETS[run.settings];
  const all = [coldPreview, up, warmPreview, secondUp, destroy];
  const largest = all.reduce((a, b) => (b.usage.peak.pssKiB > a.usage.peak.pssKiB ? b : a));
  const { resources } = up.printed;
  const engine = phase(up, ENGINE);
  return [
    { name: "preview from nothing, whole command", value: coldPreview.seconds, unit: "s", target: targets.coldPreview },
    { name: "  of it the engine's preview", value: phase(coldPreview, "preview"), unit: "s" },
    { name: "`up` from nothing, whole command", value: up.seconds, unit: "s", target: targets.up },
    { name: "  of it the engine's preview", value: phase(up, "preview"), unit: "s" },
    { name: "  of it the engine's update", value: engine, unit: "s" },
    ...["machines", "cluster", "platform", "services"].map((name) => ({
      name: `    phase ${name} (phases overlap)`,
      value: phase(up, name),
      unit: "s" as const,
    })),
    {
      name: "  of it the program itself (reading it, and running it twice)",
      value: phase(up, PROGRAM),
      unit: "s",
      target: targets.program,
    },
    {
      name: "preview without changes, whole command",
      value: warmPreview.seconds,
      unit: "s",
      target: targets.warmPreview,
    },
    {
      name: "  of the engine's part, the policies",
      value: 100 * (1 - policies.withoutSeconds / policies.withSeconds),
      unit: "%",
      target: targets.policies,
    },
    { name: "second `up`, no changes", value: secondUp.seconds, unit: "s" },
    { name: "destroy, whole command", value: destroy.seconds, unit: "s", target: targets.destroy },
    {
      name: `memory of all processes together, highest (PSS, during ${largest.command})`,
      value: largest.usage.peak.pssKiB / KIB_PER_GIB,
      unit: "GiB",
      target: targets.memory,
    },
    {
      name: "  the same, shared pages counted each time (RSS)",
      value: largest.usage.peak.rssKiB / KIB_PER_GIB,
      unit: "GiB",
    },
    {
      name: "  of the command without the sandbox, highest of all commands (PSS)",
      value: Math.max(...all.map(({ usage }) => usage.clientPeakPssKiB)) / KIB_PER_GIB,
      unit: "GiB",
      target: targets.clientMemory,
    },
    { name: "resources in the state", value: resources?.create ?? Number.NaN, unit: "" },
    { name: "size of the state", value: run.stateBytes / MB, unit: "MB", target: targets.state },
    { name: "writes of the state during `up`", value: up.state.writes, unit: "" },
    { name: "  together", value: up.state.bytes / MB, unit: "MB" },
    { name: "writes of the state during destroy", value: destroy.state.writes, unit: "" },
    { name: `floor: ${floor.objects} objects by one \`kubectl apply --server-side\``, value: floor.seconds, unit: "s" },
    {
      name: "  the engine's update against the floor",
      value: engine / floor.seconds,
      unit: "×",
      target: targets.floors,
    },
    {
      name: "  platform and services alone against the floor",
      value: Math.max(phase(up, "platform"), phase(up, "services")) / floor.seconds,
      unit: "×",
    },
  ];
}

const digits = (figure: Figure) => (figure.unit === "" ? 0 : figure.unit === "GiB" || figure.unit === "MB" ? 2 : 1);

const text = (figure: Figure) =>
  Number.isFinite(figure.value) ? `${figure.value.toFixed(digits(figure))} ${figure.unit}`.trim() : "-";

export function verdictOf({ value, target }: Figure): "ok" | "over" | "" {
  if (target === undefined) return "";
  // Not measured is not met.
  return value <= target ? "ok" : "over";
}

const rowsOf = (run: Run) =>
  figuresOf(run).map((figure) => [
    figure.name,
    text(figure),
    figure.target === undefined ? "" : `<= ${figure.target} ${figure.unit}`,
    verdictOf(figure),
  ]);

const usageRows = (run: Run) =>
  [run.coldPreview, run.up, run.warmPreview, run.secondUp, run.destroy].map(({ command, seconds, usage }) => [
    command,
    seconds.toFixed(1),
    usage.cpuSeconds.toFixed(1),
    usage.othersCores.toFixed(1),
    (usage.peak.pssKiB / KIB_PER_GIB).toFixed(2),
  ]);

const HEADER = ["figure", "measured", "target", ""];
const USAGE_HEADER = ["command", "seconds", "processor seconds", "cores that others used", "PSS GiB"];

/** For the terminal. */
export function renderRun(run: Run): string {
  return [
    describeConditions(run.conditions),
    "",
    table(HEADER, rowsOf(run)),
    "",
    table(USAGE_HEADER, usageRows(run)),
    "",
    `largest at the peak: ${largestOf(run)}`,
  ].join("\n");
}

function largestOf(run: Run): string {
  return run.up.usage.peak.byName
    .slice(0, 8)
    .map(({ name, count, pssKiB }) => `${count > 1 ? `${count} ` : ""}${name} ${Math.round(pssKiB / 1024)} MiB`)
    .join(", ");
}

/** For docs/benchmarks.md. */
export function renderMarkdown(run: Run): string {
  return [
    `${describeConditions(run.conditions)}.`,
    "",
    markdownTable(HEADER, rowsOf(run)),
    "",
    markdownTable(USAGE_HEADER, usageRows(run)),
    "",
    `Largest at the peak of \`up\`: ${largestOf(run)}.`,
  ].join("\n");
}
