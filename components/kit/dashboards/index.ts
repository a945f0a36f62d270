export { DATA_SOURCES, type DataSource, dataSource, dataSourceTypes } from "./data-sources";
export {
  type DashboardSpec,
  dashboard,
  type Link,
  LOGS_DASHBOARD,
  serviceLinks,
  TRACES_DASHBOARD,
} from "./define";
export { dashboardJson } from "./json";
export { type Panel, type PanelOptions, type Row, row, top } from "./panel";
export {
  barGauge,
  type StatOptions,
  stat,
  type TimeseriesOptions,
  text,
  timeseries,
  type ValueOptions,
} from "./panels";
export type { Queries, Query } from "./queries";
export { type Column, type TableOptions, table } from "./tables";
export { logs, serviceGraph, serviceLogs, serviceTraces, traces } from "./telemetry-panels";
export { above, below, healthy, none, type Thresholds } from "./thresholds";
export { type Unit, unit } from "./units";
export {
  choice,
  clusterVariable,
  inCluster,
  inNamespace,
  namespaceVariables,
  ofService,
  serviceVariables,
  typed,
  type Variable,
  type VariableOptions,
  variable,
} from "./variables";
