import type { Dashboard, Panel, RowPanel, VariableModel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DashboardDefinition } from "../../../../components/kit/dashboard";
import { DATA_SOURCES, type DataSource, dashboardJson, dataSourceTypes } from "../../../../components/kit/dashboards";
import { LABELS, LOKI_INDEX_LABELS } from "../../../../components/observability/labels";
import { labelValues, logQl, promQl, traceQl, variablesOf } from "./queries";

/** The most that a dashboard may add to the state. */
const MOST_BYTES = 14 * 1024;
const COLUMNS = 24;

export interface CheckFacts {
  /** Metrics that something exports. */
  readonly metrics: ReadonlySet<string>;
  /** uids of all dashboards: what links may lead to. */
  readonly uids: ReadonlySet<string>;
}

/** Everything that is wrong with the dashboards: `uid: panel "title": what`. */
export function checkDashboards(definitions: readonly DashboardDefinition[], metrics: ReadonlySet<string>): string[] {
  const uids = new Set(definitions.map(({ uid }) => uid));
  return [
    ...twice(definitions.map(({ uid }) => uid)).map((uid) => `${uid}: another dashboard has this uid; give it its own`),
    ...twice(definitions.map(({ folder, title }) => `${folder}/${title}`)).map(
      (name) => `${name}: another dashboard of the folder has this title`,
    ),
    ...definitions.flatMap((definition) =>
      checkDashboard(definition, { metrics, uids }).map((problem) => `${definition.uid}: ${problem}`),
    ),
  ];
}

function checkDashboard({ uid, title, build }: DashboardDefinition, facts: CheckFacts): string[] {
  const dashboard = build();
  const panels = panelsOf(dashboard);
  const variables = dashboard.templating.list ?? [];
  const bytes = Buffer.byteLength(dashboardJson(dashboard));
  return [
    ...(/^[a-z0-9-]{1,40}$/.test(uid) ? [] : ["its uid may have a-z, 0-9 and -, at most 40"]),
    ...(dashboard.uid === uid && dashboard.title === title ? [] : ["what is built has another uid or title"]),
    ...(bytes <= MOST_BYTES ? [] : [`it has ${bytes} bytes, and may have ${MOST_BYTES}`]),
    ...(panels.length > 0 ? [] : ["it has no panels"]),
    ...twice(panels.map(({ id }) => String(id))).map((id) => `two panels have the id ${id}`),
    ...overlaps(dashboard),
    ...variables.flatMap((variable) => checkVariable(variable, variables, facts)),
    ...panels.flatMap((panel) =>
      checkPanel(panel, variables, facts).map((problem) => `panel "${panel.title}": ${problem}`),
    ),
    ...unusedVariables(variables, panels).map((name) => `no query asks for its variable $${name}`),
    ...linkProblems(dashboard, facts),
  ];
}

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === "row";

/** Every panel that shows something, also those of closed rows. */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (isRow(panel) ? panel.panels : [panel]));
}

function overlaps(dashboard: Dashboard): string[] {
  const places = (dashboard.panels ?? []).map(({ id, gridPos }) => ({
    id,
    ...(gridPos ?? { x: 0, y: 0, w: 0, h: 0 }),
  }));
  return places.flatMap((place, index) => [
    ...(place.w > 0 && place.h > 0 && place.x >= 0 && place.x + place.w <= COLUMNS
      ? []
      : [`panel ${place.id} is not within the ${COLUMNS} columns`]),
    ...places
      .slice(index + 1)
      .filter((other) => place.x < other.x + other.w && other.x < place.x + place.w)
      .filter((other) => place.y < other.y + other.h && other.y < place.y + place.h)
      .map((other) => `panels ${place.id} and ${other.id} lie on each other`),
  ]);
}

interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly query?: string;
  readonly queryType?: string;
  readonly datasource?: unknown;
}

/** The queries of a panel, whichever data source they are for. */
export const targetsOf = (panel: Panel): readonly Target[] => (panel.targets ?? []) as readonly Target[];

function checkPanel(panel: Panel, variables: readonly VariableModel[], facts: CheckFacts): string[] {
  const untitled = panel.title ? [] : ["it has no title"];
  if (panel.type === "text") return untitled;
  const source = sourceOf(panel);
  if (source === undefined) {
    const { type, uid } = panel.datasource ?? {};
    const known = Object.values(DATA_SOURCES).join(", ");
    return [...untitled, `its data source ${type}/${uid} is not provisioned; there are ${known}`];
  }
  const targets = targetsOf(panel);
  return [
    ...untitled,
    ...(targets.length > 0 ? [] : ["it asks nothing"]),
    ...twice(targets.map(({ refId }) => refId ?? "")).map((id) => `two of its queries are called ${id}`),
    ...targets.flatMap((target) => checkQuery(target, source, facts)),
    ...targets
      .flatMap(({ expr, query }) => variablesOf(expr ?? query ?? ""))
      .filter((name) => !variables.some((variable) => variable.name === name))
      .map((name) => `the dashboard has no variable $${name}`),
  ];
}

function sourceOf({ datasource }: Pick<Panel, "datasource">): DataSource | undefined {
  return (Object.keys(DATA_SOURCES) as DataSource[]).find(
    (name) => DATA_SOURCES[name] === datasource?.uid && dataSourceTypes[name] === datasource.type,
  );
}

function checkQuery({ expr = "", query = "", queryType }: Target, source: DataSource, facts: CheckFacts): string[] {
  switch (source) {
    case "metrics":
      return checkPromQl(expr, facts);
    case "logs":
      return logQl(expr, LOKI_INDEX_LABELS).map((problem) => `${expr}: ${problem}`);
    case "traces":
      return queryType === "serviceMap" ? [] : traceQl(query, attributes).map((problem) => `${query}: ${problem}`);
    case "alerts":
      return [];
  }
}

const attributes = Object.values(LABELS).map(({ attribute }) => attribute);

function checkPromQl(query: string, { metrics: known }: CheckFacts): string[] {
  const { metrics, problems } = promQl(query);
  return [
    ...problems.map((problem) => `${query}: ${problem}`),
    ...metrics.filter((name) => !known.has(name)).map((name) => `nobody exports the metric ${name}`),
  ];
}

function checkVariable(variable: VariableModel, variables: readonly VariableModel[], facts: CheckFacts): string[] {
  const { name, type, query } = variable;
  const at = (problem: string) => `variable $${name}: ${problem}`;
  if (type !== "query") return [];
  if (sourceOf(variable) === undefined) return [at("its data source is not provisioned")];
  const asked = typeof query === "string" ? labelValues(query) : undefined;
  if (asked === undefined) return [at("its query is no label_values(selector, label)")];
  // Grafana fills variables in from the first to the last.
  const before = variables.slice(0, variables.indexOf(variable)).map((other) => other.name);
  return [
    ...checkPromQl(asked.selector, facts),
    ...variablesOf(asked.selector)
      .filter((other) => !before.includes(other))
      .map((other) => `it asks for $${other}, which does not come before it`),
  ].map(at);
}

/** A variable that only narrows another one is used as well. */
function unusedVariables(variables: readonly VariableModel[], panels: readonly Panel[]): string[] {
  const texts = [
    ...panels.flatMap((panel) => [
      panel.title ?? "",
      ...targetsOf(panel).map(({ expr, query }) => expr ?? query ?? ""),
    ]),
    ...variables.map(({ query }) => (typeof query === "string" ? query : "")),
  ];
  const used = new Set(texts.flatMap(variablesOf));
  return variables.map(({ name }) => name).filter((name) => !used.has(name));
}

function linkProblems({ links = [] }: Dashboard, { uids }: CheckFacts): string[] {
  return links
    .map(({ url = "" }) => url)
    .filter((url) => !uids.has(url.replace(/^\/d\//, "")))
    .map((url) => `its link ${url} leads to no dashboard`);
}

function twice(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) < index))];
}
