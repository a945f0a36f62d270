import type { Signals } from "../../kit/signals";

const matches = (priorities: string) => `falcosecurity_falco_rules_matches_total{priority=~"[${priorities}]"}`;

/** A rule is counted from its first match on, so that the first one is a new series and not an increase. */
function matched(priorities: string): string {
  const rules = (series: string) => `sum by (rule_name) (${series})`;
  const series = matches(priorities);
  return `${rules(`increase(${series}[10m])`)} > 0 or (${rules(series)} unless ${rules(`${series} offset 10m`)})`;
}

/** What Falco sees processes do, and whether it sees everything. */
export const falcoSignals: Signals = {
  area: "falco",
  metrics: [
    "falcosecurity_falco_outputs_queue_num_drops_total",
    "falcosecurity_falco_rules_matches_total",
    "falcosecurity_scap_n_drops_total",
    "falcosecurity_scap_n_evts_total",
  ],
  signals: [
    {
      name: "FalcoCriticalEvent",
      severity: "critical",
      expression: matched("012"),
      forMinutes: 0,
      summary: "A process has done what an intruder does: read Falco's log at once.",
    },
    {
      name: "FalcoEvent",
      severity: "warning",
      expression: matched("34"),
      forMinutes: 0,
      summary: "A process has done what it should not.",
    },
    {
      name: "FalcoMissesEvents",
      severity: "warning",
      expression: "rate(falcosecurity_scap_n_drops_total[5m]) / (rate(falcosecurity_scap_n_evts_total[5m]) > 0) > 0.01",
      forMinutes: 15,
      summary: "Falco cannot keep up on a node: more than one in a hundred system calls is not looked at.",
    },
    {
      name: "FalcoLosesAlerts",
      severity: "warning",
      expression: "increase(falcosecurity_falco_outputs_queue_num_drops_total[10m]) > 0",
      forMinutes: 0,
      summary: "Falco has thrown away events that it wanted to report.",
    },
  ],
};
