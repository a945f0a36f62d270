import { describe, expect, it } from "vitest";
import type { Signals } from "../../../../components/kit/signals";
import { ruleGroup } from "../../../../components/observability/rules/groups";
import { metricsSources } from "../../../../components/observability/sources";
import { alerts } from "../../../../stacks/observed/alerts";
import { isOn, type Observed } from "../../../../stacks/observed/names";
import { parseSettings } from "../../../../stacks/settings";
import { signalsOf } from "../../../../stacks/systems/observability/rules";
import { promQl } from "../dashboards/queries";

const all: readonly Signals[] = Object.values(alerts).flat();
const signals = all.flatMap((area) => area.signals);
const twice = (values: readonly string[]) => values.filter((value, index) => values.indexOf(value) !== index);

/** Counters that are not there before the first failure: seen in the real collector with nobody behind it, and in Tempo's source. */
const ON_FAILURE = [
  "otelcol_exporter_send_failed_log_records_total",
  "otelcol_exporter_send_failed_metric_points_total",
  "otelcol_exporter_send_failed_spans_total",
  "otelcol_receiver_refused_log_records_total",
  "otelcol_receiver_refused_spans_total",
  "tempo_discarded_spans_total",
  "tempodb_compaction_errors_total",
];
const exported = new Set([...metricsSources.flatMap(({ metrics }) => metrics), ...ON_FAILURE]);

const settings = (input: object) =>
  parseSettings({
    environment: "dev",
    cluster: { name: "demo", domain: "demo.example.com" },
    access: { adminCidrs: ["203.0.113.7/32"] },
    pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }],
    ...input,
  });

describe("the table of alerts", () => {
  it("has alerts for everything that is observed", () => {
    expect(Object.entries(alerts).filter(([, areas]) => areas.flatMap((area) => area.signals).length === 0)).toEqual(
      [],
    );
  });

  it("has each name and each area once", () => {
    expect(twice(signals.map(({ name }) => name))).toEqual([]);
    expect(twice(all.map(({ area }) => area))).toEqual([]);
    expect(twice(all.flatMap(({ recordings = [] }) => recordings.map(({ name }) => name)))).toEqual([]);
  });

  it.each(signals.map((signal) => [signal.name, signal] as const))("%s reads well", (name, { summary, forMinutes }) => {
    expect(name).toMatch(/^[A-Z][A-Za-z0-9]+$/);
    // One sentence, for somebody who was woken.
    expect(summary).toMatch(/^\S.{15,160}\.$/);
    expect(Number.isInteger(forMinutes) && forMinutes >= 0).toBe(true);
  });

  it("only the alert that always fires has no severity", () => {
    expect(signals.filter(({ severity }) => severity === "none").map(({ name }) => name)).toEqual(["Watchdog"]);
  });

  it("each expression is PromQL, and asks for metrics that its area or a source names", () => {
    const problems = all.flatMap(({ area, metrics, recordings = [], signals: own }) => {
      const known = new Set([...metrics, ...recordings.map(({ name }) => name), ...exported]);
      return [...recordings, ...own].flatMap(({ name, expression }) => {
        const query = promQl(expression);
        const unknown = query.metrics.filter((metric) => !known.has(metric)).map((metric) => `asks for ${metric}`);
        return [...query.problems, ...unknown].map((problem) => `${area}: ${name} ${problem}`);
      });
    });
    expect(problems).toEqual([]);
  });

  it("what the platform's areas ask for is exported by something that is known", () => {
    const services = new Set<string>(["minio", ...Object.keys(settings({}).services).filter((name) => name !== "n8n")]);
    const unknown = all
      .filter(({ area }) => !services.has(area))
      .flatMap(({ area, metrics }) => metrics.filter((name) => !exported.has(name)).map((name) => `${area}: ${name}`));
    expect(unknown).toEqual([]);
  });
});

describe("the rules of an environment", () => {
  it("are those of what is on", () => {
    const areas = (input: object) => signalsOf(settings(input)).map(({ area }) => area);
    expect(areas({})).not.toContain("postgres");
    expect(areas({ services: { postgres: { enabled: true } } })).toContain("postgres");
    expect(areas({})).toEqual(expect.arrayContaining(["kubernetes", "workloads", "nodes", "backups"]));
    expect(areas({})).not.toContain("observability");
    expect(areas({ observability: { enabled: true } })).toEqual(expect.arrayContaining(["observability", "probes"]));
    const on = (Object.keys(alerts) as Observed[]).filter((name) => isOn(name, settings({})));
    expect(areas({})).toEqual(on.flatMap((name) => alerts[name].map(({ area }) => area)));
  });

  it("have the objective that the settings promise, and the runbooks of the settings", () => {
    const [area] = alerts.gateway;
    const facts = { runbookUrl: "https://example.com/books", recorded: { "route:objective:ratio": "vector(0.995)" } };
    const { rules } = ruleGroup(area!, facts);
    expect(rules.find((rule) => "record" in rule && rule.record === "route:objective:ratio")).toEqual({
      record: "route:objective:ratio",
      expr: "vector(0.995)",
    });
    const slow = rules.find((rule) => "alert" in rule && rule.alert === "RouteSlow");
    expect(slow).toMatchObject({
      for: "15m",
      labels: { severity: "warning", area: "gateway", service: "gateway" },
      annotations: { runbook_url: "https://example.com/books/gateway.md#routeslow" },
    });
  });

  it("keep the label `service` of the series where those name it", () => {
    const { rules } = ruleGroup(alerts.observability[0]!, { runbookUrl: "https://example.com" });
    const down = rules.find((rule) => "alert" in rule && rule.alert === "TargetDown");
    expect(down).toMatchObject({ labels: { severity: "warning", area: "observability" } });
    expect(Object.keys((down as { labels: object }).labels)).not.toContain("service");
  });
});
