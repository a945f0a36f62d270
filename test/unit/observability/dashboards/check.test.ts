import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, it } from "vitest";
import type { DashboardDefinition } from "../../../../components/kit/dashboard";
import {
  dashboard,
  logs,
  ofService,
  row,
  serviceLogs,
  serviceTraces,
  serviceVariables,
  stat,
  table,
  timeseries,
  traces,
  unit,
  variable,
} from "../../../../components/kit/dashboards";
import { checkDashboards, panelsOf } from "./check";

const METRICS = new Set(["up", "requests_total"]);

const good = (uid: string, rows = [row("Requests", [requests()])], title = uid): DashboardDefinition =>
  dashboard({ uid, title, folder: "data", links: [], variables: () => serviceVariables("up"), rows });

function requests(expr = `sum by (pod) (rate(requests_total{${ofService}}[$__rate_interval]))`) {
  return timeseries({ title: "Requests", unit: unit.requestsPerSecond, queries: expr });
}

/** The good dashboard, with something wrong in what is built. */
function with_(change: (built: Dashboard) => void): DashboardDefinition {
  const definition = good("bad");
  return {
    ...definition,
    build: () => {
      const built = definition.build();
      change(built);
      return built;
    },
  };
}

const problems = (...definitions: DashboardDefinition[]) => checkDashboards(definitions, METRICS).join("\n");

describe("the checker of dashboards", () => {
  it("has nothing to say of a good one", () => {
    const rows = [
      row("Requests", [
        requests(),
        table({
          title: "Pods",
          by: { pod: "Pod" },
          columns: [{ title: "Requests", expr: `sum by (pod) (up{${ofService}})`, unit: unit.count }],
        }),
      ]),
      row("Logs", [serviceLogs(), serviceTraces()], { collapsed: true }),
    ];
    expect(problems(good("good", rows))).toBe("");
  });

  it.each<[string, DashboardDefinition, string]>([
    [
      "an unknown data source",
      with_((built) => {
        panelsOf(built)[0]!.datasource = { type: "prometheus", uid: "elsewhere" };
      }),
      "prometheus/elsewhere is not provisioned; there are metrics, logs, traces, alerts",
    ],
    [
      "a data source of another type",
      with_((built) => {
        panelsOf(built)[0]!.datasource = { type: "loki", uid: "metrics" };
      }),
      "loki/metrics is not provisioned",
    ],
    [
      "a metric that nobody exports",
      good("bad", [row("r", [requests(`rate(nothing_total{${ofService}}[5m])`)])]),
      "nothing_total",
    ],
    [
      "broken PromQL",
      good("bad", [row("r", [requests(`sum(rate(requests_total{${ofService}}[5m])`)])]),
      "it is no PromQL",
    ],
    ["a selector without a metric", good("bad", [row("r", [requests(`sum({${ofService}})`)])]), "names no metric"],
    ["a query that asks nothing", good("bad", [row("r", [requests(), requests("")])]), "it is empty"],
    [
      "logs by a label that makes no streams",
      good("bad", [row("r", [requests(), logs({ title: "Logs", query: '{pod="a"}' })])]),
      '"pod" is no label',
    ],
    [
      "logs that might be any",
      good("bad", [row("r", [requests(), logs({ title: "Logs", query: '{cluster=~"$cluster"}' })])]),
      "demands nothing",
    ],
    [
      "logs with a quotation mark that is not closed",
      good("bad", [row("r", [requests(), logs({ title: "Logs", query: '{service="a"} |= "b' })])]),
      "quotation mark",
    ],
    [
      "traces by an attribute that nobody sets",
      good("bad", [row("r", [requests(), traces({ title: "Traces", query: '{resource.namespace="a"}' })])]),
      'nobody sets the attribute "namespace"',
    ],
    [
      "a variable that it does not have",
      good("bad", [row("r", [requests(), requests('up{pod="$pod"}')])]),
      "no variable $pod",
    ],
    [
      "a variable that no query asks for",
      dashboard({
        uid: "bad",
        title: "bad",
        folder: "data",
        variables: () => [variable("zone", "zone", "up")],
        rows: [row("r", [stat({ title: "Up", unit: unit.count, queries: "sum(up)" })])],
      }),
      "no query asks for its variable $zone",
    ],
    [
      "a variable that asks for a later one",
      dashboard({
        uid: "bad",
        title: "bad",
        folder: "data",
        variables: () => [variable("a", "pod", 'up{pod=~"$b"}'), variable("b", "pod", "up")],
        rows: [row("r", [requests('up{pod=~"$a|$b"}')])],
      }),
      "does not come before it",
    ],
    [
      "a link to nowhere",
      {
        ...dashboard({
          uid: "bad",
          title: "bad",
          folder: "data",
          variables: () => serviceVariables("up"),
          rows: [row("r", [requests()])],
        }),
      },
      "/d/logs leads to no dashboard",
    ],
    ["a uid that is no address", good("Bad uid"), "its uid may have"],
    ["no panels", good("bad", []), "it has no panels"],
    [
      "panels on each other",
      with_((built) => {
        built.panels?.push({ ...panelsOf(built)[0]!, id: 99 });
      }),
      "lie on each other",
    ],
    [
      "too much",
      good("bad", [
        row(
          "r",
          Array.from({ length: 60 }, () => requests()),
        ),
      ]),
      "and may have 14336",
    ],
  ])("finds %s", (_, definition, message) => {
    expect(problems(definition)).toContain(message);
  });

  it("finds a uid twice, and a title twice in a folder", () => {
    expect(problems(good("one"), good("one", undefined, "another"))).toContain("one: another dashboard has this uid");
    expect(problems(good("one", undefined, "same"), good("two", undefined, "same"))).toContain("data/same");
  });
});
