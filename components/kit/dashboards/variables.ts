import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { dataSource } from "./data-sources";

export type Variable = QueryVariableBuilder | CustomVariableBuilder | TextBoxVariableBuilder;

/**
 * Matchers for the variables of the same name, to be written between the braces of a selector. `cluster` is put on
 * metrics as they leave Prometheus for elsewhere, so that it may be missing on what Prometheus itself answers.
 */
export const inCluster = 'cluster=~"$cluster"';
export const inNamespace = `${inCluster},namespace=~"$namespace"`;
export const ofService = `${inNamespace},service=~"$service"`;

export interface VariableOptions {
  /** What people see. @default - the name */
  readonly label?: string;
  /** What stands for "all" in the matcher. @default .+ */
  readonly all?: string;
  /**
   * "All" stands for the values that the selector finds, instead of `all`: for matchers on other series, and on logs,
   * which have many more values. @default false
   */
  readonly listed?: boolean;
}

/** `$name`: the values of the label `of` among the series of `selector`, one, several or all of them. */
export function variable(name: string, of: string, selector: string, options: VariableOptions = {}): Variable {
  const builder = new QueryVariableBuilder(name)
    .label(options.label ?? name)
    .datasource(dataSource("metrics"))
    .query(`label_values(${selector}, ${of})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ text: ["All"], value: ["$__all"] });
  return options.listed ? builder : builder.allValue(options.all ?? ".+");
}

/** `$name`: one of these. */
export const choice = (name: string, values: readonly string[], label = name): Variable =>
  new CustomVariableBuilder(name).label(label).values(values.join(","));

/** `$name`: what people type; nothing at first. */
export const typed = (name: string, label = name): Variable => new TextBoxVariableBuilder(name).label(label);

/** `$cluster`, by a metric that is there; goes with `inCluster`. */
export const clusterVariable = (metric = "up"): Variable => variable("cluster", "cluster", metric, { all: ".*" });

/** `$cluster` and `$namespace`, among the series of `metric`; goes with `inNamespace`. */
export const namespaceVariables = (metric = "up"): Variable[] => [
  clusterVariable(metric),
  variable("namespace", "namespace", `${metric}{${inCluster}}`),
];

/**
 * `$cluster`, `$namespace` and `$service`, among the series of `metric`; goes with `ofService`. "All" of them are those
 * that have the metric: their pods, volumes and logs are found by the same names.
 */
export const serviceVariables = (metric = "up"): Variable[] => [
  clusterVariable(metric),
  variable("namespace", "namespace", `${metric}{${inCluster}}`, { listed: true }),
  variable("service", "service", `${metric}{${inNamespace}}`, { listed: true }),
];
