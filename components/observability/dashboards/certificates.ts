import {
  above,
  barGauge,
  below,
  clusterVariable,
  dashboard,
  inCluster,
  row,
  stat,
  table,
  timeseries,
  top,
  unit,
} from "../../kit/dashboards";

const WEEK = 7 * 86_400;
/** cert-manager's own `namespace` is that of the certificate: Prometheus moves it aside. */
const BY = "exported_namespace, name";
const OF = `${inCluster},name!=""`;
const left = (metric: string) => `min by (${BY}) (${metric}{${OF}} > 0) - time()`;

/** Certificates: which are there, how long they last, whether they are renewed. */
export const certificatesDashboard = dashboard({
  uid: "certificates",
  title: "Certificates",
  folder: "platform",
  range: "7d",
  variables: () => [clusterVariable("certmanager_certificate_ready_status")],
  rows: [
    top([
      stat({
        title: "Not ready",
        width: 6,
        queries: `sum(certmanager_certificate_ready_status{${inCluster},condition!="True"}) or vector(0)`,
        unit: unit.count,
        thresholds: above({ critical: 1 }),
      }),
      stat({
        title: "First to expire",
        width: 6,
        queries: `min(${left("certmanager_certificate_expiration_timestamp_seconds")})`,
        unit: unit.seconds,
        thresholds: below({ critical: WEEK, warning: 3 * WEEK }),
      }),
      stat({
        title: "Issuers not ready",
        width: 6,
        queries: `sum(certmanager_clusterissuer_ready_status{${inCluster},condition!="True"}) or vector(0)`,
        unit: unit.count,
        thresholds: above({ critical: 1 }),
      }),
      stat({
        title: "First to expire, as routes show it",
        width: 6,
        description: "What the blackbox exporter is shown; none where nothing is probed.",
        queries: `min(probe_ssl_earliest_cert_expiry{${inCluster}} - time())`,
        unit: unit.seconds,
        thresholds: below({ critical: WEEK, warning: 3 * WEEK }),
      }),
    ]),
    row("Certificates", [
      table({
        title: "Certificates",
        height: 12,
        by: { exported_namespace: "Namespace", name: "Certificate" },
        sortBy: "Expires in",
        columns: [
          {
            title: "Expires in",
            expr: left("certmanager_certificate_expiration_timestamp_seconds"),
            unit: unit.seconds,
            thresholds: below({ critical: WEEK, warning: 3 * WEEK }),
          },
          {
            title: "Renewed in",
            expr: left("certmanager_certificate_renewal_timestamp_seconds"),
            unit: unit.seconds,
          },
          {
            title: "Ready",
            expr: `max by (${BY}) (certmanager_certificate_ready_status{${OF},condition="True"})`,
            unit: unit.yesNo,
          },
        ],
      }),
      barGauge({
        title: "Soonest to expire, as routes show it",
        queries: {
          expr: `bottomk(10, min by (instance) (probe_ssl_earliest_cert_expiry{${inCluster}} - time()))`,
          legend: "{{instance}}",
        },
        unit: unit.seconds,
        thresholds: below({ critical: WEEK, warning: 3 * WEEK }),
      }),
      timeseries({
        title: "Work that failed",
        unit: unit.perSecond,
        queries: {
          expr: `sum by (controller) (rate(certmanager_controller_sync_error_count{${inCluster}}[$__rate_interval]))`,
          legend: "{{controller}}",
        },
      }),
    ]),
  ],
});
