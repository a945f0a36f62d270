import {
  above,
  dashboard,
  inCluster,
  inNamespace,
  logs,
  none,
  ofService,
  row,
  serviceVariables,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const notReady = (kind: string) =>
  `count(max by (exported_namespace, name) (${kind}_status_condition{${inCluster},condition="Ready",status="False"}) == 1)`;

const bad = (title: string, kind: string) =>
  stat({ title, unit: unit.count, thresholds: none, noValue: "0", queries: notReady(kind) });

/** Whether secrets from outside arrive, and what their stores say. */
export const externalSecretsDashboard = dashboard({
  uid: "external-secrets",
  title: "External secrets",
  folder: "platform",
  variables: () => serviceVariables("externalsecret_sync_calls_total"),
  rows: [
    top([
      upStat(ofService),
      bad("Secrets that are not there", "externalsecret"),
      bad("Stores that do not answer", "secretstore"),
      bad("Stores of all namespaces that do not answer", "clustersecretstore"),
      stat({
        title: "Syncs that failed, 1 h",
        unit: unit.count,
        decimals: 0,
        thresholds: above({ warning: 1, critical: 10 }),
        noValue: "0",
        queries: `sum(increase(externalsecret_sync_calls_error{${inCluster}}[1h]))`,
      }),
      restartsStat({ pods: "external-secrets-.*" }),
    ]),
    row("Work", [
      timeseries({
        title: "Syncs",
        width: 8,
        unit: unit.perSecond,
        queries: [
          { expr: `sum(rate(externalsecret_sync_calls_total{${inCluster}}[$__rate_interval]))`, legend: "all" },
          { expr: `sum(rate(externalsecret_sync_calls_error{${inCluster}}[$__rate_interval]))`, legend: "failing" },
        ],
      }),
      timeseries({
        title: "Calls of the stores",
        width: 8,
        unit: unit.perSecond,
        queries: {
          expr: `sum by (provider, status) (rate(externalsecret_provider_api_calls_count{${inCluster}}[$__rate_interval]))`,
          legend: "{{provider}}: {{status}}",
        },
      }),
      timeseries({
        title: "Time of a round, 95th percentile",
        width: 8,
        unit: unit.seconds,
        queries: {
          expr: `histogram_quantile(0.95, sum by (controller, le) (rate(controller_runtime_reconcile_time_seconds_bucket{${ofService}}[$__rate_interval])))`,
          legend: "{{controller}}",
        },
      }),
      table({
        title: "Secrets that are not there",
        by: { exported_namespace: "Namespace", name: "Name" },
        columns: [
          {
            title: "Not ready",
            expr: `max by (exported_namespace, name) (externalsecret_status_condition{${inCluster},condition="Ready",status="False"}) == 1`,
            unit: unit.count,
          },
        ],
      }),
    ]),
    workloadRow({ pods: "external-secrets-.*" }),
    row("Logs", [logs({ title: "Logs", query: `{${inNamespace}}` })], { collapsed: true }),
  ],
});
