import { lokiStorageGiB } from "../../components/observability/loki/sizes";
import { mimirFigures } from "../../components/observability/mimir";
import { prometheusFigures } from "../../components/observability/prometheus/sizes";
import { tempoStorageGiB } from "../../components/observability/tempo/sizes";
import type { Settings } from "./schema";
import { consumerNamespaces } from "./schema/data/common";

/** What the settings of the observability layer come to where they leave something open. Systems and rules ask here. */

type Facts = Pick<Settings, "environment" | "objects" | "observability">;

const inProd = ({ environment }: Facts) => environment === "prod";

const hasBuckets = ({ objects }: Facts) => objects.kind !== "off";

export const prometheusReplicas = (facts: Facts) => facts.observability.metrics.replicas ?? (inProd(facts) ? 2 : 1);

export const alertmanagerReplicas = (facts: Facts) => facts.observability.alerts.replicas ?? (inProd(facts) ? 3 : 1);

/** Several servers have their chunks in common: without a bucket there is one. */
export const lokiReplicas = (facts: Facts) =>
  facts.observability.logs.replicas ?? (inProd(facts) && logsInBucket(facts) ? 3 : 1);

/** Volume of each Loki. */
export const lokiVolumeGiB = (facts: Facts) =>
  facts.observability.logs.storageGiB ?? lokiStorageGiB(facts.observability.size, logsInBucket(facts));

/** Days after which the bucket removes what the compactor has left: it must not be earlier than the compactor. */
export const logsBucketDays = ({ observability: { logs } }: Facts) => logs.bucketDays ?? logs.retentionDays + 2;

/** Several servers have their blocks in common: without a bucket there is one. */
export const tempoReplicas = (facts: Facts) =>
  facts.observability.traces.replicas ?? (inProd(facts) && tracesInBucket(facts) ? 3 : 1);

/** Volume of each Tempo. */
export const tempoVolumeGiB = ({ observability: { traces, size } }: Facts) =>
  traces.storageGiB ?? tempoStorageGiB(size);

/** Days after which the bucket removes what the compactor has left: it must not be earlier than the compactor. */
export const tracesBucketDays = ({ observability: { traces } }: Facts) => traces.bucketDays ?? traces.retentionDays + 2;

export const collectorReplicas = (facts: Facts) => (inProd(facts) ? 2 : 1);

/** Namespaces in which applications run that the program did not make; what observes has no need to be observed. */
export const applicationNamespaces = consumerNamespaces.filter((name) => name !== "observability");

export const mimirReplicas = (facts: Facts) => facts.observability.metrics.longTerm.replicas ?? (inProd(facts) ? 3 : 1);

/** Volume of each Mimir. */
export const mimirStorageGiB = ({ environment, observability: { metrics, size } }: Facts) =>
  metrics.longTerm.storageGiB ?? mimirFigures(size, environment).storageGiB;

/** Time series that Mimir takes. */
export const mimirMaxSeries = ({ environment, observability: { metrics, size } }: Facts) =>
  metrics.longTerm.maxSeries ?? mimirFigures(size, environment).series;

export const grafanaReplicas = (facts: Facts) => facts.observability.dashboards.replicas ?? (inProd(facts) ? 2 : 1);

/** What people make in Grafana lasts in PostgreSQL; several servers need it to share their sessions. */
export const grafanaUsesPostgres = (facts: Facts & Pick<Settings, "services">) =>
  grafanaReplicas(facts) > 1 || (inProd(facts) && facts.services.postgres.enabled);

export const keepsMetricsLong = (facts: Facts) =>
  facts.observability.enabled && (facts.observability.metrics.longTerm.enabled ?? (inProd(facts) && hasBuckets(facts)));

export const logsInBucket = (facts: Facts) => facts.observability.logs.bucket ?? (inProd(facts) && hasBuckets(facts));

export const tracesInBucket = (facts: Facts) =>
  facts.observability.traces.bucket ?? (inProd(facts) && hasBuckets(facts));

/** Days that Prometheus itself keeps metrics. */
export const prometheusRetentionDays = (facts: Facts) =>
  facts.observability.metrics.retentionDays ?? (keepsMetricsLong(facts) ? 7 : 15);

/** Volume of each Prometheus. */
export const prometheusStorageGiB = ({ environment, observability: { metrics, size } }: Facts) =>
  metrics.storageGiB ?? prometheusFigures(size, environment).storageGiB;

/** Samples of one target, above which it is not taken. */
export const prometheusSamplesPerTarget = ({ environment, observability: { metrics, size } }: Facts) =>
  metrics.samplesPerTarget ?? Math.min(100_000, prometheusFigures(size, environment).series / 2);
