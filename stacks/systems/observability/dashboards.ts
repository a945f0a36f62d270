import type { DashboardDefinition, DashboardFacts, PoolPrice } from "../../../components/kit/dashboard";
import { dashboardJson } from "../../../components/kit/dashboards";
import {
  type DashboardFile,
  type DataSourceFacts,
  Grafana,
  type GrafanaExposure,
  type ReadStore,
  sourceNames,
} from "../../../components/observability/grafana";
import type { LogStore, MetricsStore, TraceStore } from "../../../components/observability/stores";
import { dashboards, isOfUse } from "../../observed/dashboards";
import { isOn, type Observed } from "../../observed/names";
import type { Settings } from "../../settings";
import { grafanaReplicas, grafanaUsesPostgres, keepsMetricsLong } from "../../settings/observability";
import { fullHost } from "../../settings/routes";
import type { LateSystems, SystemContext } from "../context";

/** What is read from, by the data source that reads it. */
export interface Readable {
  readonly metrics: Pick<MetricsStore, keyof ReadStore | "queryUrl">;
  readonly logs?: Pick<LogStore, keyof ReadStore | "queryUrl">;
  readonly traces?: Pick<TraceStore, keyof ReadStore | "queryUrl">;
  readonly alerts?: ReadStore & { readonly queryUrl: string };
}

/** The dashboard that people see first. */
const HOME = "cluster";

/** Grafana, with a dashboard for everything that is on. */
export function createDashboards(
  { settings, platform, opts }: SystemContext,
  systems: LateSystems,
  stores: Readable,
  prices: readonly PoolPrice[] = [],
): Grafana {
  const dataSources = dataSourcesOf(settings, stores);
  return new Grafana(
    "grafana",
    {
      namespaces: platform.namespaces,
      dataSources,
      stores: [stores.metrics, stores.logs, stores.traces, stores.alerts].filter((store) => store !== undefined),
      dashboards: dashboardFiles(settings, { sources: sourceNames(dataSources), prices }),
      home: HOME,
      replicas: grafanaReplicas(settings),
      size: settings.observability.size,
      databases: grafanaUsesPostgres(settings) ? systems.postgres : undefined,
      exposed: exposure(settings, systems),
    },
    opts,
  );
}

/** The dashboards of what is on, as files; those that would be empty are left out, and links to them. */
export function dashboardFiles(
  settings: Settings,
  facts: DashboardFacts,
  table: Readonly<Partial<Record<Observed, readonly DashboardDefinition[]>>> = dashboards,
): DashboardFile[] {
  const built = (Object.keys(table) as Observed[])
    .filter((name) => isOn(name, settings))
    .flatMap((name) => table[name] ?? [])
    .filter((definition) => isOfUse(definition, settings))
    .map(({ uid, folder, build }) => ({ uid, folder, dashboard: build(facts) }))
    .filter(({ dashboard }) => (dashboard.panels ?? []).length > 0);
  const there = new Set(built.map(({ uid }) => `/d/${uid}`));
  return built.map(({ uid, folder, dashboard: { links = [], ...rest } }) => ({
    uid,
    folder,
    json: dashboardJson({ ...rest, links: links.filter(({ url = "" }) => there.has(url)) }),
  }));
}

function dataSourcesOf(settings: Settings, { metrics, logs, traces, alerts }: Readable): DataSourceFacts {
  const source = (store: { readonly queryUrl: string } | undefined) => store && { url: store.queryUrl };
  return {
    metrics: {
      url: metrics.queryUrl,
      kind: keepsMetricsLong(settings) ? "mimir" : "prometheus",
      scrapeIntervalSeconds: settings.observability.metrics.scrapeIntervalSeconds,
    },
    logs: source(logs),
    traces: source(traces),
    alerts: source(alerts),
  };
}

function exposure(
  { observability: { dashboards: asked }, cluster }: Settings,
  { gateway, identity }: LateSystems,
): GrafanaExposure | undefined {
  if (asked.host === undefined || gateway === undefined) return undefined;
  const { adminGroups, editorGroups, viewerGroups } = asked;
  return {
    host: fullHost(asked.host, cluster.domain),
    gateway,
    signIn: identity && { provider: identity, roles: { adminGroups, editorGroups, viewerGroups } },
  };
}
