import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { DashboardDefinition } from "../../../../components/kit/dashboard";
import {
  dashboard,
  logs,
  ofService,
  type Row,
  row,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../../../components/kit/dashboards";
import { repository } from "../../../../sandbox/paths";
import { dashboards } from "../../../../stacks/observed/dashboards";
import { type Observed, observedSystems } from "../../../../stacks/observed/names";
import { ServiceSettings } from "../../../../stacks/settings/schema/services";
import { checkDashboards } from "./check";
import { shapeProblems, withoutDashboard } from "./shape";

const names = [...Object.keys(observedSystems), ...Object.keys(ServiceSettings.shape)];

/** Overviews of the whole cluster look as they must; these are of one service each. */
const OVERVIEWS: readonly string[] = [
  "kubernetes",
  "nodes",
  "certificates",
  "observability",
  "gpus",
] satisfies Observed[];
const UIDS_WITHOUT_LOGS = ["routes"];

const services = Object.entries(dashboards)
  .filter(([name]) => !OVERVIEWS.includes(name))
  .flatMap(([, definitions]) => definitions)
  .filter(({ uid }) => !UIDS_WITHOUT_LOGS.includes(uid));

describe("the dashboard of a service", () => {
  it("is there, for everything that is observed", () => {
    expect(withoutDashboard(names, dashboards)).toEqual([]);
  });

  it.each(services.map((definition) => [definition.uid, definition] as const))("%s has its shape", (_, definition) => {
    expect(shapeProblems(definition)).toEqual([]);
  });
});

const up = () => stat({ title: "Up", unit: unit.ratio, queries: `avg(up{${ofService}})` });
const line = (width = 12) => timeseries({ title: "Up", width, unit: unit.ratio, queries: `up{${ofService}}` });
const lines = () => logs({ title: "Logs", query: `{${ofService}}` });

const made = (rows: Row[]): DashboardDefinition =>
  dashboard({ uid: "bad", title: "bad", folder: "data", links: [], variables: () => serviceVariables("up"), rows });

const stats = () => top([up(), up(), up(), up(), up(), up()]);

describe("must fail", () => {
  it("a service without a dashboard", () => {
    const { kafka: _, ...others } = dashboards;
    expect(withoutDashboard(names, others)).toEqual([
      expect.stringMatching(/^kafka: .*stacks\/observed\/dashboards.ts/),
    ]);
    expect(withoutDashboard(names, { ...dashboards, nats: [] })).toEqual([expect.stringMatching(/^nats: /)]);
  });

  it("a query that names a metric that nobody exports", () => {
    const asks = made([
      stats(),
      row("Work", [timeseries({ title: "Made up", unit: unit.count, queries: "made_up_total" })]),
    ]);
    const problems = checkDashboards([asks], new Set(["up"])).join("\n");
    expect(problems).toContain("made_up_total");
    expect(problems).toContain('bad: panel "Made up"');
  });

  it.each([
    ["whose first line has graphs", [top([up(), up(), up(), line()])], "at a glance"],
    ["without logs", [stats(), row("Work", [line(), line(), line(), line()])], "no logs"],
    ["with too little", [stats()], "6 panels"],
    ["with a gap", [stats(), row("Work", [line(8), line(8)]), row("Logs", [lines()])], "line 5 is 16 of 24"],
  ])("a dashboard %s", (_, rows, problem) => {
    expect(shapeProblems(made(rows)).join("\n")).toContain(problem);
  });
});

describe("docs/observability/dashboards.md", () => {
  const text = readFileSync(path.join(repository, "docs/observability/dashboards.md"), "utf8");
  const listed = [...text.matchAll(/^\| `([a-z0-9-]+)` \| ([^|]+) \|/gm)].map(([, uid, title]) => `${uid}: ${title}`);

  it("lists every dashboard by its uid and title, and no other", () => {
    const there = Object.values(dashboards).flatMap((definitions) =>
      definitions.map((each) => `${each.uid}: ${each.title}`),
    );
    expect([...listed].sort()).toEqual([...there].sort());
  });
});
