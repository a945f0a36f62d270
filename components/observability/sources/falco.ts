import type { MetricsSource } from "../../kit/signals";

/** Falco. */
export const falcoSource: MetricsSource = {
  source: "Falco 0.44.1",
  known: 'Falco\'s documentation, "Falco Metrics"',
  metrics: [
    "falcosecurity_falco_rules_matches_total",
    "falcosecurity_falco_outputs_queue_num_drops_total",
    "falcosecurity_falco_duration_seconds_total",
    "falcosecurity_falco_version_info",
    "falcosecurity_scap_n_evts_total",
    "falcosecurity_scap_n_drops_total",
  ],
};
