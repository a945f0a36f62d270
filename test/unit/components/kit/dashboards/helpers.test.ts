import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, it } from "vitest";
import {
  above,
  below,
  dashboard,
  dashboardJson,
  healthy,
  logs,
  none,
  row,
  serviceVariables,
  stat,
  type Thresholds,
  table,
  timeseries,
  top,
  traces,
  unit,
} from "../../../../../components/kit/dashboards";
import { layout } from "../../../../../components/kit/dashboards/layout";
import { at } from "../../recorder";

const one = (title: string, width?: number, height?: number) =>
  stat({ title, width, height, queries: "up", unit: unit.count });

/** The colour of a value, as Grafana takes it: that of the last step that it reaches. */
const colour = (steps: Thresholds, value: number) =>
  steps.findLast((step) => step.value === null || value >= step.value)?.color;

const built = (panel: ReturnType<typeof stat>): Panel => panel.build().build();

describe("thresholds", () => {
  it.each<[string, Thresholds, Record<number, string>]>([
    ["more is worse", above({ warning: 5, critical: 10 }), { 0: "green", 5: "orange", 10: "red" }],
    ["more is worse, at once", above({ critical: 1 }), { 0: "green", 1: "red" }],
    ["less is worse", below({ critical: 5, warning: 10 }), { 0: "red", 5: "orange", 10: "green" }],
    ["less is worse, without a warning", below({ critical: 5 }), { 0: "red", 5: "green" }],
    ["less is a warning", below({ warning: 5 }), { 0: "orange", 5: "green" }],
    ["healthy", healthy, { 0: "red", 1: "green" }],
    ["none", none, { 0: "green", 1: "red" }],
  ])("%s", (_, steps, expected) => {
    for (const [value, wanted] of Object.entries(expected)) expect(colour(steps, Number(value))).toBe(wanted);
  });
});

describe("the layout", () => {
  const places = (rows: Parameters<typeof layout>[0]) =>
    layout(rows).map(({ title, gridPos }) => [title, gridPos?.x, gridPos?.y, gridPos?.w, gridPos?.h]);

  it("goes from left to right, and on to the next line where a panel would not fit", () => {
    expect(places([top([one("a", 12, 4), one("b", 8, 6), one("c", 8, 4)])])).toEqual([
      ["a", 0, 0, 12, 4],
      ["b", 12, 0, 8, 6],
      ["c", 0, 6, 8, 4],
    ]);
  });

  it("puts a row's panels under its heading, and the next row under them", () => {
    expect(places([top([one("a", 24, 4)]), row("r", [one("b", 24, 8)]), row("s", [one("c", 24, 2)])])).toEqual([
      ["a", 0, 0, 24, 4],
      ["r", 0, 4, 24, 1],
      ["b", 0, 5, 24, 8],
      ["s", 0, 13, 24, 1],
      ["c", 0, 14, 24, 2],
    ]);
  });

  it("keeps the panels of a closed row in it", () => {
    const [closed, next] = layout([row("r", [one("b")], { collapsed: true }), row("s", [one("c")])]);
    expect(closed).toMatchObject({ type: "row", collapsed: true, panels: [{ title: "b" }] });
    expect(next?.gridPos?.y).toBe(1);
  });

  it("gives each panel a number of its own", () => {
    const ids = layout([row("r", [one("a"), one("b")]), row("s", [one("c")])]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(5);
  });
});

describe("panels", () => {
  it("of metrics ask now where one number is shown, and over time where a line is", () => {
    expect(at(built(one("a")), "targets", 0)).toMatchObject({ refId: "A", instant: true });
    expect(at(built(stat({ title: "a", queries: "up", unit: unit.count, trend: true })), "targets", 0)).toMatchObject({
      range: true,
    });
    const line = timeseries({
      title: "a",
      unit: unit.seconds,
      queries: [{ expr: "up", legend: "{{pod}}" }, { expr: "x" }],
    });
    expect(at(built(line), "targets")).toMatchObject([
      { refId: "A", expr: "up", legendFormat: "{{pod}}", range: true },
      { refId: "B", expr: "x" },
    ]);
    expect(at(built(line), "fieldConfig", "defaults", "unit")).toBe("s");
  });

  it("lead from points to traces where they are told to", () => {
    const line = (exemplar: boolean) => timeseries({ title: "a", unit: unit.count, queries: { expr: "up", exemplar } });
    expect(at(built(line(true)), "targets", 0, "exemplar")).toBe(true);
    expect(at(built(line(false)), "targets", 0)).not.toHaveProperty("exemplar");
  });

  it("of tables name each column after what is asked, and hide the time", () => {
    const panel = built(
      table({
        title: "t",
        by: { pod: "Pod" },
        columns: [
          { title: "CPU", expr: "a", unit: unit.count },
          { title: "Memory", expr: "b", unit: unit.bytes, thresholds: above({ critical: 1 }) },
        ],
      }),
    );
    expect(at(panel, "targets")).toMatchObject([{ format: "table" }, { format: "table" }]);
    expect(at(panel, "transformations", 1, "options")).toEqual({
      excludeByName: { Time: true },
      indexByName: { pod: 0, "Value #A": 1, "Value #B": 2 },
      renameByName: { pod: "Pod", "Value #A": "CPU", "Value #B": "Memory" },
    });
    const single = built(table({ title: "t", by: {}, columns: [{ title: "CPU", expr: "a", unit: unit.count }] }));
    expect(at(single, "transformations", 1, "options", "renameByName")).toEqual({ Value: "CPU" });
  });

  it("show words for values", () => {
    const panel = built(stat({ title: "a", queries: "up", unit: unit.none, words: { 1: "up", 0: "down" } }));
    expect(at(panel, "fieldConfig", "defaults", "mappings", 0, "options")).toEqual({
      0: { text: "down" },
      1: { text: "up" },
    });
  });
});

describe("a dashboard", () => {
  const definition = dashboard({
    uid: "a",
    title: "A",
    folder: "data",
    variables: () => serviceVariables("up"),
    rows: [
      top([one("number")]),
      row("Logs", [logs({ title: "lines", query: '{service="a"}' })]),
      row("Traces", [traces({ title: "spans", query: "{}" })]),
    ],
  });
  const titles = (sources: ("metrics" | "logs" | "traces")[]) =>
    (definition.build({ sources, prices: [] }).panels ?? []).map(({ title }) => title);

  it("leaves out what asks a source that is not there, and rows that are empty then", () => {
    expect(titles(["metrics", "logs", "traces"])).toEqual(["number", "Logs", "lines", "Traces", "spans"]);
    expect(titles(["metrics", "logs"])).toEqual(["number", "Logs", "lines"]);
    expect(titles(["metrics"])).toEqual(["number"]);
  });

  it("of a service leads to its logs and traces, where they are", () => {
    const links = (sources: ("metrics" | "logs" | "traces")[]) =>
      definition
        .build({ sources, prices: [] })
        .links?.map(({ url, includeVars, keepTime }) => [url, includeVars, keepTime]);
    expect(links(["metrics", "logs", "traces"])).toEqual([
      ["/d/logs", true, true],
      ["/d/traces", true, true],
    ]);
    expect(links(["metrics"])).toEqual([]);
  });

  it("is made anew each time", () => {
    const first = definition.build();
    first.panels?.pop();
    expect(definition.build().panels).toHaveLength(5);
  });

  it("is written without what Grafana takes for granted, and with everything else", () => {
    const made = definition.build();
    const read = JSON.parse(dashboardJson(made)) as unknown;
    expect(made).toMatchObject(read as object);
    expect(dashboardJson(made).length).toBeLessThan(JSON.stringify(made).length);
    expect(at(read, "panels", 0)).toMatchObject({
      title: "number",
      datasource: { type: "prometheus", uid: "metrics" },
    });
    expect(at(read, "editable")).toBe(false);
    // Links are shown, and not put into a menu.
    expect(at(read, "links", 0)).not.toHaveProperty("placement");
  });
});
