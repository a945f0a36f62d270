import type { AreaCases } from "./case";

const labels = { name: "shop", exported_namespace: "apps" };
const LABELS = 'name="shop",exported_namespace="apps"';
const readyIs = `certmanager_certificate_ready_status{${LABELS},condition="True"}`;
const renewal = `certmanager_certificate_renewal_timestamp_seconds{${LABELS}}`;
const expiration = `certmanager_certificate_expiration_timestamp_seconds{${LABELS}}`;
const DAY = 86_400;

export const certificateCases: AreaCases = {
  area: "certificates",
  alerts: [
    {
      alert: "CertificateNotReady",
      fires: { series: { [readyIs]: "0x30" }, minute: 25, labels: { ...labels, condition: "True" } },
      quiet: { series: { [readyIs]: "0x10 1x20" }, minute: 25 },
    },
    {
      alert: "CertificateRenewalOverdue",
      // Due at minute 10: two hours later it is overdue.
      fires: { series: { [renewal]: "600x180" }, minute: 170, labels },
      // A certificate that was never issued has no time of renewal.
      quiet: { series: { [renewal]: "0x180" }, minute: 170 },
    },
    {
      alert: "CertificateExpires",
      fires: { series: { [expiration]: `${6 * DAY}x20` }, minute: 18, labels },
      quiet: { series: { [expiration]: `${8 * DAY}x20` }, minute: 18 },
    },
    {
      alert: "IssuerNotReady",
      fires: {
        series: { 'certmanager_clusterissuer_ready_status{name="public",condition="True"}': "0x20" },
        minute: 18,
        labels: { name: "public", condition: "True" },
      },
      quiet: {
        series: { 'certmanager_clusterissuer_ready_status{name="public",condition="True"}': "1x20" },
        minute: 18,
      },
    },
    {
      alert: "CertManagerErrors",
      fires: {
        series: { 'certmanager_controller_sync_error_count{controller="orders"}': "0+1x80" },
        minute: 70,
        labels: { controller: "orders" },
      },
      quiet: { series: { 'certmanager_controller_sync_error_count{controller="orders"}': "0+0.5x80" }, minute: 70 },
    },
  ],
};
