import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { DashboardDefinition, DashboardFacts, DashboardFolder } from "../dashboard";
import type { DataSource } from "./data-sources";
import { layout } from "./layout";
import type { Row } from "./panel";
import type { Variable } from "./variables";

/** A link at the top of a dashboard; it takes the time range and the variables along. */
export interface Link {
  readonly title: string;
  /** uid of the dashboard that it leads to. */
  readonly to: string;
  /** The link is left out where this source is not there. */
  readonly source?: DataSource;
}

/** uids of the dashboards that every service's dashboard leads to. */
export const LOGS_DASHBOARD = "logs";
export const TRACES_DASHBOARD = "traces";

/** To the logs and the traces of the same service, at the same time. */
export const serviceLinks: readonly Link[] = [
  { title: "Logs", to: LOGS_DASHBOARD, source: "logs" },
  { title: "Traces", to: TRACES_DASHBOARD, source: "traces" },
];

export interface DashboardSpec {
  /** Unique in the program; part of its address. Lower-case letters, digits and hyphens, at most 40. */
  readonly uid: string;
  readonly title: string;
  readonly folder: DashboardFolder;
  readonly description?: string;
  /** @default - none */
  readonly variables?: () => readonly Variable[];
  /** @default - to the logs and traces of the service, where there is a variable `service` */
  readonly links?: readonly Link[];
  /** What is shown at first, back from now, e.g. `7d`. @default 3h */
  readonly range?: string;
  readonly rows: readonly Row[] | ((facts: DashboardFacts) => readonly Row[]);
}

/** With prices of an example. */
const EVERYTHING: DashboardFacts = {
  sources: ["metrics", "logs", "traces", "alerts"],
  prices: [{ pool: "general", nodeEur: 50 }],
};

/** A dashboard; what asks a data source that is not there is left out, and rows that are empty then. */
export function dashboard(spec: DashboardSpec): DashboardDefinition {
  const { uid, title, folder } = spec;
  return { uid, title, folder, build: (facts = EVERYTHING) => build(spec, facts) };
}

function build(spec: DashboardSpec, facts: DashboardFacts): Dashboard {
  const variables = spec.variables?.() ?? [];
  const isService = variables.some((each) => each.build().name === "service");
  const isThere = (source?: DataSource) => source === undefined || facts.sources.includes(source);
  const links = (spec.links ?? (isService ? serviceLinks : [])).filter(
    ({ source, to }) => isThere(source) && to !== spec.uid,
  );
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .tags(["orrery", spec.folder])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: `now-${spec.range ?? "3h"}`, to: "now" })
    .refresh("1m")
    .variables([...variables])
    .links(links.map(linkTo));
  if (spec.description !== undefined) builder.description(spec.description);
  const rows = typeof spec.rows === "function" ? spec.rows(facts) : spec.rows;
  return { ...builder.build(), panels: layout(there(rows, isThere)) };
}

function there(rows: readonly Row[], isThere: (source?: DataSource) => boolean): Row[] {
  return rows
    .map((row) => ({ ...row, panels: row.panels.filter(({ source }) => isThere(source)) }))
    .filter(({ panels }) => panels.length > 0);
}

const linkTo = ({ title, to }: Link) =>
  new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(`/d/${to}`).includeVars(true).keepTime(true);
