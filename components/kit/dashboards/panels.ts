import { PanelBuilder as BarGauge } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { Panel as GrafanaPanel, ThresholdsConfig, ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";
import { MappingType } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as Stat } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as Text } from "@grafana/grafana-foundation-sdk/text";
import { PanelBuilder as Timeseries } from "@grafana/grafana-foundation-sdk/timeseries";
import { type DataSource, dataSource } from "./data-sources";
import type { Panel, PanelOptions } from "./panel";
import { logsTargets, metricsTargets, type Queries, queriesOf } from "./queries";
import { type Thresholds, thresholdsOf } from "./thresholds";
import type { Unit } from "./units";

/** What every builder of the SDK can be told. */
interface Basics {
  title(title: string): unknown;
  description(description: string): unknown;
  datasource(source: { type?: string; uid?: string }): unknown;
}

interface Values extends Basics {
  unit(unit: string): unknown;
  decimals(decimals: number): unknown;
  min(min: number): unknown;
  max(max: number): unknown;
  noValue(text: string): unknown;
  thresholds(thresholds: Builder<ThresholdsConfig>): unknown;
}

export interface ValueOptions extends PanelOptions {
  readonly queries: Queries;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** @default - one colour */
  readonly thresholds?: Thresholds;
  /** What is shown where nothing is found, e.g. `0`. @default No data */
  readonly noValue?: string;
  /** Whom the queries are for. @default metrics */
  readonly source?: Extract<DataSource, "metrics" | "logs">;
}

export interface TimeseriesOptions extends ValueOptions {
  /** Lines on top of each other. @default false */
  readonly stack?: boolean;
  /** @default list - list where there is more than one query or a legend */
  readonly legend?: "list" | "table" | "none";
}

/** Lines over time. */
export function timeseries(options: TimeseriesOptions): Panel {
  const { queries, stack, thresholds, source = "metrics" } = options;
  return panel(options, 12, 8, source, () => {
    const builder = values(new Timeseries(), options).targets(targetsOf(source, queries, "range"));
    builder
      .lineWidth(1)
      .fillOpacity(stack ? 40 : 10)
      .axisSoftMin(0)
      .legend(legendOf(options))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
    if (stack) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
    if (thresholds) {
      builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
    }
    return builder;
  });
}

export interface StatOptions extends ValueOptions {
  /** Words for values, e.g. `{ 1: "up", 0: "down" }`. @default - the number */
  readonly words?: Readonly<Record<number, string>>;
  /** A line of the past behind the number: asks for the whole range. @default false */
  readonly trend?: boolean;
}

/** One number, or one for each series. */
export function stat(options: StatOptions): Panel {
  const { queries, words, trend = false, thresholds, source = "metrics" } = options;
  return panel(options, 4, 4, source, () => {
    const builder = values(new Stat(), options)
      .targets(targetsOf(source, queries, trend ? "range" : "instant"))
      .graphMode(trend ? BigValueGraphMode.Area : BigValueGraphMode.None)
      .colorMode(thresholds ? BigValueColorMode.Background : BigValueColorMode.Value)
      .reduceOptions(lastValue());
    if (words) builder.mappings([valueWords(words)]);
    return builder;
  });
}

/** A bar for each series, now: who has most. */
export function barGauge(options: ValueOptions): Panel {
  const { queries, source = "metrics" } = options;
  return panel(options, 12, 8, source, () =>
    values(new BarGauge(), options)
      .targets(targetsOf(source, queries, "instant"))
      .orientation(VizOrientation.Horizontal)
      .reduceOptions(lastValue()),
  );
}

/** Words, as Markdown. */
export function text(options: PanelOptions & { readonly content: string }): Panel {
  return panel(options, 24, 3, undefined, () => basics(new Text(), options).content(options.content));
}

/** The panel with its size; `build` makes a new builder each time. */
export function panel(
  { width, height }: PanelOptions,
  usualWidth: number,
  usualHeight: number,
  source: DataSource | undefined,
  build: () => Builder<GrafanaPanel>,
): Panel {
  return { width: width ?? usualWidth, height: height ?? usualHeight, source, build };
}

export function basics<B extends Basics>(builder: B, { title, description }: PanelOptions, source?: DataSource): B {
  builder.title(title);
  if (description !== undefined) builder.description(description);
  if (source !== undefined) builder.datasource(dataSource(source));
  return builder;
}

function values<B extends Values>(builder: B, options: ValueOptions): B {
  basics(builder, options, options.source ?? "metrics");
  builder.unit(options.unit);
  if (options.decimals !== undefined) builder.decimals(options.decimals);
  if (options.min !== undefined) builder.min(options.min);
  if (options.max !== undefined) builder.max(options.max);
  if (options.noValue !== undefined) builder.noValue(options.noValue);
  if (options.thresholds !== undefined) builder.thresholds(thresholdsOf(options.thresholds));
  return builder;
}

const targetsOf = (source: "metrics" | "logs", queries: Queries, form: "range" | "instant") =>
  source === "logs" ? logsTargets(queries, form) : metricsTargets(queries, form);

function legendOf({ legend, queries }: TimeseriesOptions): VizLegendOptionsBuilder {
  const asked = queriesOf(queries);
  const usual = asked.length > 1 || asked[0]?.legend !== undefined ? "list" : "none";
  const mode = legend ?? usual;
  const builder = new VizLegendOptionsBuilder()
    .showLegend(mode !== "none")
    .displayMode(mode === "table" ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(mode === "table" ? LegendPlacement.Right : LegendPlacement.Bottom);
  return mode === "table" ? builder.calcs(["mean", "max", "lastNotNull"]) : builder;
}

export const lastValue = () => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]);

function valueWords(words: Readonly<Record<number, string>>): ValueMapping {
  const options = Object.fromEntries(Object.entries(words).map(([value, word]) => [value, { text: word }]));
  return { type: MappingType.ValueToText, options };
}
