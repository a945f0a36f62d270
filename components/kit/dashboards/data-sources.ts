/** Grafana's data sources by uid: what dashboards, links and correlations name. */
export const DATA_SOURCES = {
  /** Mimir where it is there, and Prometheus elsewhere. */
  metrics: "metrics",
  logs: "logs",
  traces: "traces",
  alerts: "alerts",
} as const;

export type DataSource = keyof typeof DATA_SOURCES;

/** Grafana's name for what is behind each. */
export const dataSourceTypes = {
  metrics: "prometheus",
  logs: "loki",
  traces: "tempo",
  alerts: "alertmanager",
} as const satisfies Record<DataSource, string>;

/** A data source, as a panel names it. */
export const dataSource = (name: DataSource) => ({ type: dataSourceTypes[name], uid: DATA_SOURCES[name] });
