import type { Signals } from "../../kit/signals";

const DAY = 86_400;

/** What is asked from inside through the gateway's address, as anybody outside would ask it. */
export const probeSignals: Signals = {
  area: "probes",
  metrics: ["probe_duration_seconds", "probe_ssl_earliest_cert_expiry", "probe_success"],
  signals: [
    {
      name: "RouteDown",
      severity: "critical",
      expression: "probe_success == 0",
      forMinutes: 5,
      summary: "An address does not answer as it should.",
    },
    {
      name: "RouteAnswersSlowly",
      severity: "warning",
      expression: "avg_over_time(probe_duration_seconds[10m]) > 5",
      forMinutes: 10,
      summary: "An address takes more than five seconds to answer a single request.",
    },
    {
      name: "RouteCertificateExpiresInWeeks",
      severity: "warning",
      expression: `probe_ssl_earliest_cert_expiry - time() < ${21 * DAY}`,
      forMinutes: 60,
      summary: "The certificate that an address shows expires within three weeks: it should have been renewed.",
    },
    {
      name: "RouteCertificateExpires",
      severity: "critical",
      expression: `probe_ssl_earliest_cert_expiry - time() < ${7 * DAY}`,
      forMinutes: 15,
      summary: "The certificate that an address shows expires within a week.",
    },
  ],
};
