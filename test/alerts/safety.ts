import type { AreaCases } from "./case";

const matches = (priority: number) =>
  `falcosecurity_falco_rules_matches_total{pod="f",rule_name="Shell in a container",priority="${priority}"}`;
const drops = 'falcosecurity_scap_n_drops_total{pod="f"}';
const events = 'falcosecurity_scap_n_evts_total{pod="f"}';
const rule = { rule_name: "Shell in a container" };

export const falcoCases: AreaCases = {
  area: "falco",
  alerts: [
    {
      alert: "FalcoCriticalEvent",
      // The first match ever: there was no series before it.
      fires: { series: { [matches(2)]: "_x12 1x20" }, minute: 14, labels: rule },
      quiet: { series: { [matches(2)]: "1x40", [matches(3)]: "0+1x40" }, minute: 20 },
    },
    {
      alert: "FalcoEvent",
      fires: { series: { [matches(3)]: "1x15 2x20" }, minute: 18, labels: rule },
      quiet: { series: { [matches(3)]: "2x40", [matches(5)]: "0+1x40" }, minute: 20 },
    },
    {
      alert: "FalcoMissesEvents",
      fires: { series: { [drops]: "0+20x30", [events]: "0+1000x30" }, minute: 25, labels: { pod: "f" } },
      quiet: { series: { [drops]: "0+5x30", [events]: "0+1000x30" }, minute: 25 },
    },
    {
      alert: "FalcoLosesAlerts",
      fires: {
        series: { 'falcosecurity_falco_outputs_queue_num_drops_total{pod="f"}': "0x5 1x10" },
        minute: 8,
        labels: { pod: "f" },
      },
      quiet: { series: { 'falcosecurity_falco_outputs_queue_num_drops_total{pod="f"}': "1x20" }, minute: 8 },
    },
  ],
};
