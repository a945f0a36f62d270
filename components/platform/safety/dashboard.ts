import {
  above,
  barGauge,
  dashboard,
  none,
  ofService,
  row,
  serviceLogs,
  serviceVariables,
  stat,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";
import { restartsStat, upStat, workloadRow } from "../../kit/dashboards/workload-panels";

const matches = `falcosecurity_falco_rules_matches_total{${ofService}}`;

const drops = `rate(falcosecurity_scap_n_drops_total{${ofService}}[$__rate_interval])`;
const seen = `rate(falcosecurity_scap_n_evts_total{${ofService}}[$__rate_interval])`;

/** What Falco has noticed, and whether it sees everything. */
export const falcoDashboard = dashboard({
  uid: "falco",
  title: "Falco",
  folder: "platform",
  range: "24h",
  variables: () => serviceVariables("falcosecurity_falco_duration_seconds_total"),
  rows: [
    top([
      upStat(ofService),
      stat({
        title: "Noticed, 24 h",
        unit: unit.count,
        decimals: 0,
        thresholds: above({ warning: 1, critical: 20 }),
        noValue: "0",
        queries: `sum(increase(${matches}[24h]))`,
      }),
      stat({
        title: "Of high priority, 24 h",
        description: "Emergency, alert and critical.",
        unit: unit.count,
        decimals: 0,
        thresholds: none,
        noValue: "0",
        queries: `sum(increase(falcosecurity_falco_rules_matches_total{${ofService},priority=~"[012]"}[24h]))`,
      }),
      stat({
        title: "Not seen",
        description: "Share of system calls that came faster than they were read.",
        unit: unit.ratio,
        thresholds: above({ warning: 0.001, critical: 0.01 }),
        queries: `sum(${drops}) / sum(${seen})`,
      }),
      stat({
        title: "Alerts that were lost, 24 h",
        unit: unit.count,
        thresholds: none,
        queries: `sum(increase(falcosecurity_falco_outputs_queue_num_drops_total{${ofService}}[24h]))`,
      }),
      restartsStat({ pods: "falco-.*" }),
    ]),
    row("Noticed", [
      timeseries({
        title: "By rule",
        unit: unit.count,
        queries: { expr: `sum by (rule_name) (increase(${matches}[$__rate_interval])) > 0`, legend: "{{rule_name}}" },
      }),
      barGauge({
        title: "By rule, 24 h",
        unit: unit.count,
        queries: { expr: `topk(10, sum by (rule_name) (increase(${matches}[24h])) > 0)`, legend: "{{rule_name}}" },
      }),
      timeseries({
        title: "System calls",
        unit: unit.perSecond,
        queries: { expr: `sum by (pod) (${seen})`, legend: "{{pod}}" },
      }),
      timeseries({
        title: "Not seen",
        unit: unit.perSecond,
        queries: { expr: `sum by (pod) (${drops})`, legend: "{{pod}}" },
      }),
    ]),
    row("What it said", [serviceLogs('|= "priority"', "What it said")]),
    workloadRow({ pods: "falco-.*" }),
  ],
});
