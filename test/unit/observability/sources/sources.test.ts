import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { SERVER_METRICS } from "../../../../components/data/clickhouse/metrics";
import { metricsSources } from "../../../../components/observability/sources";
import { ENVOY_METRICS } from "../../../../components/platform/gateway/metrics";
import { repository } from "../../../../sandbox/paths";
import { alerts } from "../../../../stacks/observed/alerts";
import { dashboards } from "../../../../stacks/observed/dashboards";
import { panelsOf, targetsOf } from "../dashboards/check";
import { promQl } from "../dashboards/queries";

const folder = path.join(repository, "components/observability/sources");

/** The metrics that dashboards and alerts ask for. */
function asked(): Set<string> {
  const panels = Object.values(dashboards)
    .flat()
    .flatMap((definition) => panelsOf(definition.build()));
  const queries = panels
    .filter(({ datasource }) => datasource?.type === "prometheus")
    .flatMap((panel) => targetsOf(panel).flatMap(({ expr }) => expr ?? []));
  const ofAlerts = Object.values(alerts).flatMap((areas) => areas.flatMap(({ metrics }) => metrics));
  return new Set([...queries.flatMap((query) => promQl(query).metrics), ...ofAlerts]);
}

describe("the lists of metrics", () => {
  it("are all in the index", () => {
    const files = readdirSync(folder).filter((file) => !["index.ts", "names.ts"].includes(file));
    const text = (file: string) => readFileSync(path.join(folder, file), "utf8");
    const lists = files.flatMap((file) =>
      [...text(file).matchAll(/^export const (\w+): MetricsSource/gm)].map((match) => match[1]!),
    );
    const index = text("index.ts").split("metricsSources")[1]!;
    expect(lists.filter((name) => !new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
    expect(metricsSources).toHaveLength(lists.length);
    expect(lists.length).toBeGreaterThan(40);
  });

  it.each(metricsSources.map((source) => [source.source, source] as const))("%s: names, each once", (_, source) => {
    expect(source.metrics.filter((name) => !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))).toEqual([]);
    expect(source.metrics.filter((name, index) => source.metrics.indexOf(name) !== index)).toEqual([]);
    expect(source.metrics.length).toBeGreaterThan(0);
  });

  it.each(metricsSources.map((source) => [source.source, source] as const))("%s says how it is known", (_, source) => {
    expect(source.known).toMatch(
      /real (program|engine)|source of|documentation|guides|github\.com|npm package|kubernetes\.io/,
    );
  });
});

describe("what is thrown away when it is scraped", () => {
  it.each([
    ["Envoy", /^(envoy|istio)_/, ENVOY_METRICS],
    ["ClickHouse", /^ClickHouse/, SERVER_METRICS],
  ])("of %s, nobody asks for", (_, own, kept) => {
    const keeps = new RegExp(`^(?:${kept})$`);
    const names = [...asked()].filter((name) => own.test(name));
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !keeps.test(name))).toEqual([]);
  });
});
