import {
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import type { DynamicConfigValue } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as GrafanaTable } from "@grafana/grafana-foundation-sdk/table";
import type { Panel, PanelOptions } from "./panel";
import { basics, panel } from "./panels";
import { metricsTargets, refId } from "./queries";
import { type Thresholds, thresholdsOf } from "./thresholds";
import type { Unit } from "./units";

export interface Column {
  readonly title: string;
  /** PromQL whose result has exactly the labels of `by`, e.g. `sum by (namespace, pod) (…)`. */
  readonly expr: string;
  readonly unit: Unit;
  readonly decimals?: number;
  /** The cell takes the colour. @default - none */
  readonly thresholds?: Thresholds;
}

export interface TableOptions extends PanelOptions {
  /** Labels that make a row: label to the column's title. */
  readonly by: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Title of the column with the highest values on top. @default - the first column of values */
  readonly sortBy?: string;
}

/** Rows by labels, columns by queries, now. */
export function table(options: TableOptions): Panel {
  const { by, columns, sortBy = columns[0]?.title ?? "" } = options;
  return panel(options, 24, 8, "metrics", () => {
    const builder = basics(new GrafanaTable(), options, "metrics")
      .targets(metricsTargets(columns, "table"))
      .withTransformation({ id: "merge", options: {} })
      .withTransformation({ id: "organize", options: organized(by, columns) })
      .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
    for (const column of columns) builder.overrideByName(column.title, looks(column));
    return builder;
  });
}

/** Grafana calls the value of query A `Value #A`; with a single query it is `Value`. */
function organized(by: TableOptions["by"], columns: readonly Column[]) {
  const valueName = (index: number) => (columns.length === 1 ? "Value" : `Value #${refId(index)}`);
  const values = columns.map(({ title }, index) => [valueName(index), title] as const);
  const names = [...Object.entries(by), ...values];
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(names.map(([name], index) => [name, index])),
    renameByName: Object.fromEntries(names),
  };
}

function looks({ unit, decimals, thresholds }: Column): DynamicConfigValue[] {
  const coloured = { type: TableCellDisplayMode.ColorBackground, mode: TableCellBackgroundDisplayMode.Basic };
  return [
    { id: "unit", value: unit },
    ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
    ...(thresholds === undefined
      ? []
      : [
          { id: "custom.cellOptions", value: coloured },
          { id: "thresholds", value: thresholdsOf(thresholds).build() },
        ]),
  ];
}
