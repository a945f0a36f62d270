import { backupAnnotations, backupLabels } from "../../kit/backup";
import { claimLabels } from "../../kit/claims";
import { imageReference, images } from "../../kit/images";
import { exceptionAnnotations, type Identity, labels } from "../../kit/labels";
import { priorityClassOf } from "../../kit/priorities";
import { NOBODY, podSecurityContext } from "../../kit/security";
import { type Environment, resources, type Size } from "../../kit/sizes";
import { spreadInProd } from "../../kit/spread";
import { claimSpec } from "../../kit/volumes";
import type { AlertReceiver, MetricsStore } from "../stores";
import { DATA_VOLUME, prometheusPods, WEB } from "./names";
import { prometheusFigures, retentionSizeMiB } from "./sizes";

export interface PrometheusFacts {
  readonly identity: Identity;
  readonly environment: Environment;
  /** Of the label `cluster`. */
  readonly cluster: string;
  readonly replicas: number;
  readonly retentionDays: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size: Size;
  readonly scrapeIntervalSeconds: number;
  readonly samplesPerTarget: number;
  readonly externalUrl?: string;
  readonly longTerm?: Pick<MetricsStore, "remoteWriteUrl">;
  readonly alerts?: Pick<AlertReceiver, "namespace" | "service" | "portName">;
}

/** By this label Mimir tells servers that scrape the same: it takes the samples of one of them. */
const REPLICA_LABEL = "__replica__";

/** Samples that come late, from the collector and after a pause of it, are taken when they are no older. */
const OUT_OF_ORDER_WINDOW = "30m";

const BACKUP = { by: "none", reason: "metrics are measured anew; what must last is in a bucket" } as const;

/** Spec of the monitoring.coreos.com/v1 Prometheus. */
export function prometheusSpec(facts: PrometheusFacts) {
  return {
    image: imageReference(images.prometheus),
    version: images.prometheus.tag,
    ...pods(facts),
    ...scraping(facts),
    ...storage(facts),
    ...labelsOfAll(facts),
    ...destinations(facts),
  };
}

function pods({ identity, environment, replicas, size }: PrometheusFacts) {
  const figures = prometheusFigures(size, environment);
  const { affinity, topologySpreadConstraints } = spreadInProd(environment, prometheusPods(identity.instance).labels);
  return {
    replicas,
    podMetadata: {
      labels: { ...ownLabels(identity), ...backupLabels(BACKUP) },
      annotations: {
        ...backupAnnotations(BACKUP, []),
        ...exceptionAnnotations([
          { rule: "service-account-token", reason: "it asks the Kubernetes API which pods there are to be scraped" },
        ]),
      },
    },
    serviceAccountName: identity.instance,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: podSecurityContext(NOBODY),
    priorityClassName: priorityClassOf(identity.domain),
    resources: resources(figures.cpuMillicores, figures.memoryMiB),
    ...(replicas > 1 ? { affinity, topologySpreadConstraints } : {}),
    portName: WEB.name,
  };
}

/** Ours beside those that the operator sets itself: `name`, `instance`, `managed-by` and `version`. */
export function ownLabels(identity: Identity): Record<string, string> {
  const operators = ["name", "instance", "managed-by", "version"].map((key) => `app.kubernetes.io/${key}`);
  return Object.fromEntries(Object.entries(labels(identity)).filter(([key]) => !operators.includes(key)));
}

/** Every monitor, probe and rule of the cluster; who may make one is said by its namespace's roles. */
function scraping({ scrapeIntervalSeconds, samplesPerTarget }: PrometheusFacts) {
  const everywhere = Object.fromEntries(
    ["podMonitor", "serviceMonitor", "probe", "rule", "scrapeConfig"].flatMap((kind) => [
      [`${kind}Selector`, {}],
      [`${kind}NamespaceSelector`, {}],
    ]),
  );
  return {
    ...everywhere,
    scrapeInterval: `${scrapeIntervalSeconds}s`,
    scrapeTimeout: `${Math.min(scrapeIntervalSeconds, 10)}s`,
    evaluationInterval: `${scrapeIntervalSeconds}s`,
    enforcedSampleLimit: samplesPerTarget,
    // Targets that relabelings leave out are only kept to be looked at.
    enforcedKeepDroppedTargets: 100,
    serviceDiscoveryRole: "EndpointSlice",
  };
}

function storage({ identity, retentionDays, storageGiB, storageClass }: PrometheusFacts) {
  return {
    retention: `${retentionDays}d`,
    retentionSize: `${retentionSizeMiB(storageGiB)}MiB`,
    storage: {
      volumeClaimTemplate: {
        metadata: { name: DATA_VOLUME, labels: claimLabels(identity) },
        spec: claimSpec({ storageClass, storageGiB }),
      },
    },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    tsdb: { outOfOrderTimeWindow: OUT_OF_ORDER_WINDOW },
    enableFeatures: ["exemplar-storage"],
    exemplars: { maxSize: 50_000 },
  };
}

/** What leaves this server bears the cluster's name; two servers that scrape the same say which one they are. */
function labelsOfAll({ cluster, replicas }: PrometheusFacts) {
  return {
    externalLabels: { cluster },
    prometheusExternalLabelName: "",
    replicaExternalLabelName: replicas > 1 ? REPLICA_LABEL : "",
    // And every series that stays bears it too, so that a query is the same here and where clusters come together.
    scrapeClasses: [
      { name: "default", default: true, relabelings: [{ targetLabel: "cluster", replacement: cluster }] },
    ],
  };
}

function destinations({ externalUrl, longTerm, alerts }: PrometheusFacts) {
  return {
    ...(externalUrl === undefined ? {} : { externalUrl }),
    ...(longTerm === undefined
      ? // The collector and Tempo write what they count of traces.
        { enableRemoteWriteReceiver: true }
      : { remoteWrite: [{ name: "long-term", url: longTerm.remoteWriteUrl, sendExemplars: true }] }),
    ...(alerts === undefined
      ? {}
      : {
          alerting: {
            alertmanagers: [
              { namespace: alerts.namespace, name: alerts.service, port: alerts.portName, apiVersion: "v2" },
            ],
          },
        }),
  };
}
