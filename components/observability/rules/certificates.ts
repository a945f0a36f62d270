import type { Signals } from "../../kit/signals";

const DAY = 86_400;

/** Certificates, as cert-manager knows them. */
export const certificateSignals: Signals = {
  area: "certificates",
  metrics: [
    "certmanager_certificate_expiration_timestamp_seconds",
    "certmanager_certificate_ready_status",
    "certmanager_certificate_renewal_timestamp_seconds",
    "certmanager_clusterissuer_ready_status",
    "certmanager_controller_sync_error_count",
  ],
  signals: [
    {
      name: "CertificateNotReady",
      severity: "warning",
      expression: 'certmanager_certificate_ready_status{condition="True"} == 0',
      forMinutes: 20,
      summary: "A certificate has not been issued.",
    },
    {
      name: "CertificateRenewalOverdue",
      severity: "warning",
      expression: "time() - (certmanager_certificate_renewal_timestamp_seconds > 0) > 7200",
      forMinutes: 30,
      summary: "A certificate should have been renewed two hours ago: the issuer refuses, or is not reached.",
    },
    {
      name: "CertificateExpires",
      severity: "critical",
      expression: `(certmanager_certificate_expiration_timestamp_seconds > 0) - time() < ${7 * DAY}`,
      forMinutes: 15,
      summary: "A certificate expires within a week, although it is renewed a month before.",
    },
    {
      name: "IssuerNotReady",
      severity: "warning",
      expression: 'certmanager_clusterissuer_ready_status{condition="True"} == 0',
      forMinutes: 15,
      summary: "An issuer cannot issue: its account or its key is not there.",
    },
    {
      name: "CertManagerErrors",
      severity: "warning",
      expression: "sum by (controller) (increase(certmanager_controller_sync_error_count[30m])) > 20",
      forMinutes: 30,
      summary: "cert-manager fails again and again at the same work.",
    },
  ],
};
