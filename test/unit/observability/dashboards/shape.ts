import type { DashboardDefinition } from "../../../../components/kit/dashboard";
import { panelsOf } from "./check";

/** Few enough to be seen, many enough to tell something. */
const FEWEST = 8;
const MOST = 20;
/** Of the first line: whether it is well, at a glance. */
const FEWEST_STATS = 4;

type Table = Readonly<Record<string, readonly DashboardDefinition[] | undefined>>;

/** Who is observed and has no dashboard; one line each. */
export function withoutDashboard(names: readonly string[], table: Table): string[] {
  return names
    .filter((name) => (table[name] ?? []).length === 0)
    .map(
      (name) =>
        `${name}: it is observed and has no dashboard; add its row to stacks/observed/dashboards.ts (docs/observability/dashboards.md)`,
    );
}

/** What a service's dashboard lacks. */
export function shapeProblems({ uid, build }: DashboardDefinition): string[] {
  const dashboard = build();
  const panels = panelsOf(dashboard);
  const first = (dashboard.panels ?? []).filter(({ gridPos }) => gridPos?.y === 0);
  const stats = first.filter(({ type }) => type === "stat");
  const of = (...types: string[]) => panels.filter(({ type }) => types.includes(type));
  return [
    ...(stats.length >= FEWEST_STATS && stats.length === first.length
      ? []
      : [`its first line is to say at a glance whether it is well: ${FEWEST_STATS} to 6 stats, and nothing else`]),
    ...(panels.length >= FEWEST && panels.length <= MOST
      ? []
      : [`it has ${panels.length} panels: ${FEWEST} to ${MOST}`]),
    ...(of("logs").length > 0 ? [] : ["it shows no logs"]),
    ...(of("timeseries").length > 2 ? [] : ["it shows hardly anything over time"]),
    ...gaps(panels.map(({ gridPos }) => gridPos ?? { y: 0, w: 0 })),
  ].map((problem) => `${uid}: ${problem}`);
}

/** Lines that are not filled: a panel was taken away, and the others were not made wider. */
function gaps(places: readonly { readonly y: number; readonly w: number }[]): string[] {
  const lines = new Map<number, number>();
  for (const { y, w } of places) lines.set(y, (lines.get(y) ?? 0) + w);
  return [...lines].filter(([, width]) => width !== 24).map(([y, width]) => `line ${y} is ${width} of 24 columns wide`);
}
