import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import type { DataSource } from "./dashboards/data-sources";

/** Folders of Grafana: one for each domain. */
export const dashboardFolders = {
  cluster: "Cluster",
  data: "Data services",
  gateway: "Gateway",
  platform: "Platform",
  inference: "Inference",
  applications: "Applications",
  observability: "Observability",
} as const;

export type DashboardFolder = keyof typeof dashboardFolders;

/** What a node of a pool costs. */
export interface PoolPrice {
  readonly pool: string;
  /** EUR for one node and month, without VAT. */
  readonly nodeEur: number;
}

/** What an environment has, as far as dashboards differ by it. */
export interface DashboardFacts {
  /** Data sources that are provisioned. */
  readonly sources: readonly DataSource[];
  /** Pools whose nodes have a price. */
  readonly prices: readonly PoolPrice[];
}

/** A dashboard as code. */
export interface DashboardDefinition {
  /** Unique in the program; part of its address. Lower-case letters, digits and hyphens. */
  readonly uid: string;
  readonly title: string;
  readonly folder: DashboardFolder;
  /** @param facts of the environment; without them, the dashboard as it is where everything is there */
  readonly build: (facts?: DashboardFacts) => Dashboard;
}
