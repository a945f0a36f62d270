import type { AreaCases } from "./case";

const labels = { instance: "https://shop.example.com" };
const address = (metric: string) => `${metric}{instance="https://shop.example.com"}`;
const expiry = address("probe_ssl_earliest_cert_expiry");
const DAY = 86_400;

export const probeCases: AreaCases = {
  area: "probes",
  alerts: [
    {
      alert: "RouteDown",
      fires: { series: { [address("probe_success")]: "1 0x10" }, minute: 8, labels },
      quiet: { series: { [address("probe_success")]: "1 0 0 1x10" }, minute: 8 },
    },
    {
      alert: "RouteAnswersSlowly",
      fires: { series: { [address("probe_duration_seconds")]: "6x30" }, minute: 20, labels },
      quiet: { series: { [address("probe_duration_seconds")]: "1x10 9 1x20" }, minute: 20 },
    },
    {
      alert: "RouteCertificateExpiresInWeeks",
      fires: { series: { [expiry]: `${20 * DAY}x70` }, minute: 65, labels },
      quiet: { series: { [expiry]: `${22 * DAY}x70` }, minute: 65 },
    },
    {
      alert: "RouteCertificateExpires",
      fires: { series: { [expiry]: `${6 * DAY}x20` }, minute: 18, labels },
      quiet: { series: { [expiry]: `${8 * DAY}x20` }, minute: 18 },
    },
  ],
};
