export { type DataSourceFacts, sourceNames } from "./data-sources";
export { Grafana, type GrafanaArgs, type GrafanaExposure, type ReadStore } from "./grafana";
export type { DashboardFile } from "./provisioning";
