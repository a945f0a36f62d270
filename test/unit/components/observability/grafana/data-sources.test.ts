import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type DataSourceFacts,
  dataSourcesFile,
  sourceNames,
} from "../../../../../components/observability/grafana/data-sources";
import { at } from "../../recorder";

const all: DataSourceFacts = {
  metrics: { url: "http://prometheus", kind: "prometheus", scrapeIntervalSeconds: 30 },
  logs: { url: "http://loki" },
  traces: { url: "http://tempo" },
  alerts: { url: "http://alertmanager" },
};
const alone: DataSourceFacts = { metrics: all.metrics };

interface Source {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly isDefault?: boolean;
  readonly jsonData: unknown;
}

/** As Grafana reads it: `$name` and `${name}` are variables of its environment, `$$` is a dollar. */
function read(facts: DataSourceFacts): Record<string, Source> {
  const text = dataSourcesFile(facts).replaceAll(/\$\$|\$\{?\w+\}?/g, (found) => (found === "$$" ? "$" : ""));
  const { datasources } = parse(text) as { datasources: Source[] };
  return Object.fromEntries(datasources.map((source) => [source.uid, source]));
}

/** A derived field's text from a line, as Grafana takes it: the first group. */
const found = (regex: string, line: string) => new RegExp(regex).exec(line)?.[1];

const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("the data sources", () => {
  it("are those that are there, metrics first", () => {
    expect(Object.values(read(all)).map(({ uid, type, url, isDefault }) => [uid, type, url, isDefault])).toEqual([
      ["metrics", "prometheus", "http://prometheus", true],
      ["logs", "loki", "http://loki", undefined],
      ["traces", "tempo", "http://tempo", undefined],
      ["alerts", "alertmanager", "http://alertmanager", undefined],
    ]);
    expect(Object.keys(read(alone))).toEqual(["metrics"]);
    expect(sourceNames(all)).toEqual(["metrics", "logs", "traces", "alerts"]);
    expect(sourceNames(alone)).toEqual(["metrics"]);
  });

  it("name only data sources that are provisioned", () => {
    for (const facts of [all, alone, { ...all, traces: undefined }, { ...all, logs: undefined }]) {
      const sources = read(facts);
      const named = [...JSON.stringify(sources).matchAll(/"datasourceUid":"(\w+)"/g)].map(([, uid]) => uid!);
      for (const uid of named) expect(Object.keys(sources)).toContain(uid);
    }
  });

  it("ask Mimir as Mimir, which has no rules, and Prometheus as Prometheus", () => {
    const options = (kind: "prometheus" | "mimir") =>
      at(read({ ...all, metrics: { ...all.metrics, kind } }), "metrics", "jsonData");
    expect(options("mimir")).toMatchObject({ prometheusType: "Mimir", manageAlerts: false });
    expect(options("prometheus")).toMatchObject({
      prometheusType: "Prometheus",
      manageAlerts: true,
      timeInterval: "30s",
    });
  });

  it("lead from a point of a graph to its trace", () => {
    const targets = at(read(all), "metrics", "jsonData", "exemplarTraceIdDestinations");
    expect(targets).toContainEqual({ name: "trace_id", datasourceUid: "traces", urlDisplayLabel: "Trace" });
  });

  it.each([
    ["JSON", `{"level":"info","trace_id":"${TRACE}","msg":"x"}`],
    ["JSON with spaces", `{"traceId": "${TRACE}"}`],
    ["logfmt", `level=info traceID=${TRACE} msg=x`],
    ["text", `order taken (trace-id: ${TRACE})`],
  ])("lead from a line of %s to its trace", (_, line) => {
    const fields = at(read(all), "logs", "jsonData", "derivedFields") as {
      matcherType?: string;
      matcherRegex: string;
      url: string;
    }[];
    const field = fields.find(({ matcherType }) => matcherType !== "label")!;
    expect(found(field.matcherRegex, line)).toBe(TRACE);
    expect(field).toMatchObject({ url: "${__value.raw}", datasourceUid: "traces" });
  });

  it("lead from what Loki knows of a line to its trace, and to the service's metrics", () => {
    const fields = at(read(all), "logs", "jsonData", "derivedFields") as {
      matcherType?: string;
      matcherRegex: string;
      url: string;
    }[];
    const by = (label: string) =>
      fields.filter(({ matcherType, matcherRegex }) => matcherType === "label" && new RegExp(matcherRegex).test(label));
    expect(by("trace_id")).toMatchObject([{ datasourceUid: "traces", url: "${__value.raw}" }]);
    expect(by("service").map(({ url }) => url)).toEqual(["/d/services?var-service=${__value.raw}"]);
    expect(by("span_id")).toEqual([]);
  });

  it("lead from a span to the logs of its service, and of them to those of the trace", () => {
    expect(at(read(all), "traces", "jsonData", "tracesToLogsV2")).toMatchObject({
      datasourceUid: "logs",
      tags: [
        { key: "k8s.cluster.name", value: "cluster" },
        { key: "k8s.namespace.name", value: "namespace" },
        { key: "service.name", value: "service" },
      ],
      query: '{${__tags}} | trace_id="${__trace.traceId}"',
    });
    expect(at(read({ ...all, logs: undefined }), "traces", "jsonData")).not.toHaveProperty("tracesToLogsV2");
  });

  it("lead from a span to the metrics of its service, and draw who calls whom", () => {
    const options = at(read(all), "traces", "jsonData");
    expect(at(options, "tracesToMetrics", "tags")).toEqual([{ key: "service.name", value: "service" }]);
    const queries = at(options, "tracesToMetrics", "queries") as { query: string }[];
    for (const { query } of queries) expect(query).toContain("{$__tags");
    expect(options).toMatchObject({ serviceMap: { datasourceUid: "metrics" }, nodeGraph: { enabled: true } });
  });
});
