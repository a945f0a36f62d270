import type { AlertCase, AreaCases } from "./case";

const PROMETHEUS = 'service="prometheus",pod="p"';
const prometheus = { service: "prometheus", pod: "p" };
const own = (metric: string) => `prometheus_${metric}{${PROMETHEUS}}`;
const ALERTMANAGER = 'service="alertmanager",pod="a"';
const alertmanager = { service: "alertmanager", pod: "a" };
const remote = { ...prometheus, remote_name: "long-term" };
const written = (metric: string) =>
  `prometheus_remote_storage_samples_${metric}{${PROMETHEUS},remote_name="long-term"}`;
const notified = (metric: string) =>
  `alertmanager_notifications_${metric}{${ALERTMANAGER},integration="slack",receiver_name="team"}`;

const prometheusCases: readonly AlertCase[] = [
  {
    alert: "PrometheusConfigNotLoaded",
    fires: { series: { [own("config_last_reload_successful")]: "0x15" }, minute: 12, labels: prometheus },
    quiet: { series: { [own("config_last_reload_successful")]: "1x15" }, minute: 12 },
  },
  {
    alert: "PrometheusRulesFail",
    fires: { series: { [own("rule_evaluation_failures_total")]: "0+1x40" }, minute: 30, labels: prometheus },
    quiet: { series: { [own("rule_evaluation_failures_total")]: "0x5 1x40" }, minute: 40 },
  },
  {
    alert: "PrometheusRulesLate",
    fires: { series: { [own("rule_group_iterations_missed_total")]: "0+1x60" }, minute: 50, labels: prometheus },
    quiet: { series: { [own("rule_group_iterations_missed_total")]: "0x5 2x60" }, minute: 50 },
  },
  {
    alert: "PrometheusTargetTooLarge",
    fires: {
      series: { [own("target_scrapes_exceeded_sample_limit_total")]: "0+1x40" },
      minute: 30,
      labels: prometheus,
    },
    quiet: { series: { [own("target_scrapes_exceeded_sample_limit_total")]: "9x40" }, minute: 30 },
  },
  {
    alert: "PrometheusStorageFails",
    fires: { series: { [own("tsdb_compactions_failed_total")]: "0x5 1x20" }, minute: 15, labels: prometheus },
    quiet: {
      series: { [own("tsdb_compactions_failed_total")]: "1x20", [own("tsdb_wal_corruptions_total")]: "0x20" },
      minute: 15,
    },
  },
  {
    alert: "PrometheusRemoteWriteFails",
    fires: {
      series: { [written("failed_total")]: "0+5x30", [written("total")]: "0+95x30" },
      minute: 25,
      labels: remote,
    },
    quiet: { series: { [written("failed_total")]: "0x30", [written("total")]: "0+95x30" }, minute: 25 },
  },
  {
    alert: "PrometheusRemoteWriteBehind",
    fires: { series: { [written("pending")]: "60000x20" }, minute: 18, labels: remote },
    quiet: { series: { [written("pending")]: "60000x10 2000x10" }, minute: 18 },
  },
  {
    alert: "PrometheusWithoutAlertmanager",
    fires: { series: { [own("notifications_alertmanagers_discovered")]: "0x15" }, minute: 12, labels: prometheus },
    quiet: { series: { [own("notifications_alertmanagers_discovered")]: "1x15" }, minute: 12 },
  },
  {
    alert: "PrometheusCannotSendAlerts",
    fires: {
      series: { [own("notifications_errors_total")]: "0+1x30", [own("notifications_sent_total")]: "0+10x30" },
      minute: 25,
      labels: prometheus,
    },
    quiet: {
      series: { [own("notifications_errors_total")]: "0x30", [own("notifications_sent_total")]: "0+10x30" },
      minute: 25,
    },
  },
];

export const observabilityCases: AreaCases = {
  area: "observability",
  alerts: [
    {
      alert: "Watchdog",
      fires: { series: { 'up{service="x"}': "1x5" }, minute: 3, labels: {} },
      // It always fires: that is what it is for.
      quiet: null,
    },
    {
      alert: "TargetDown",
      fires: { series: { 'up{service="shop",pod="s"}': "0x20" }, minute: 18, labels: { service: "shop", pod: "s" } },
      quiet: { series: { 'up{service="shop",pod="s"}': "0x10 1x10" }, minute: 18 },
    },
    ...prometheusCases,
    {
      alert: "AlertmanagerCannotNotify",
      fires: {
        series: { [notified("failed_total")]: "0+1x20", [notified("total")]: "0+2x20" },
        minute: 18,
        labels: { integration: "slack" },
      },
      quiet: { series: { [notified("failed_total")]: "0x20", [notified("total")]: "0+2x20" }, minute: 18 },
    },
    {
      alert: "AlertmanagerConfigNotLoaded",
      fires: {
        series: { [`alertmanager_config_last_reload_successful{${ALERTMANAGER}}`]: "0x15" },
        minute: 12,
        labels: alertmanager,
      },
      quiet: { series: { [`alertmanager_config_last_reload_successful{${ALERTMANAGER}}`]: "1x15" }, minute: 12 },
    },
    {
      alert: "AlertmanagerSplit",
      fires: {
        series: {
          'alertmanager_cluster_members{pod="a"}': "1x20",
          'up{service="alertmanager",pod="a"}': "1x20",
          'up{service="alertmanager",pod="b"}': "1x20",
        },
        minute: 18,
        labels: {},
      },
      quiet: {
        series: { 'alertmanager_cluster_members{pod="a"}': "1x20", 'up{service="alertmanager",pod="a"}': "1x20" },
        minute: 18,
      },
    },
    {
      alert: "GrafanaDown",
      fires: { series: { 'up{service="grafana",pod="a"}': "0x15" }, minute: 12, labels: {} },
      quiet: {
        series: { 'up{service="grafana",pod="a"}': "0x15", 'up{service="grafana",pod="b"}': "1x15" },
        minute: 12,
      },
    },
  ],
};
