import { type BackupPlan, backupAnnotations, backupLabels } from "../../kit/backup";
import type { ChartValues } from "../../kit/chart";
import type { Identity } from "../../kit/labels";
import { spreadConstraints } from "../../kit/pod";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext, podSecurityContext } from "../../kit/security";
import { type Environment, memoryMiB, resources, resourcesFor, type Size } from "../../kit/sizes";
import { AUTH_FILE } from "./accounts";

export const CLIENT_PORT = 4222;
export const ROUTE_PORT = 6222;
/** The exporter beside each server; the chart's own. */
export const METRICS = { name: "prom-metrics", port: 7777 } as const;

/** Beside the chart's own configuration, from which it is included. */
const AUTH_FOLDER = "/etc/nats-auth";
const USER = 1000;
/** Of the memory limit, for Go's garbage collector to keep to. */
const GO_MEMORY_SHARE = 0.85;
/** Of the volume, for messages: the rest is for the servers' own journals and the file system. */
const FILE_STORE_SHARE = 0.9;
/** Of the memory limit, at most, for streams in memory. */
const MEMORY_STORE_SHARE = 0.5;

export interface NatsFacts {
  /** Of the servers; its labels are those that the chart gives their pods. */
  readonly identity: Identity;
  readonly environment: Environment;
  readonly servers: number;
  readonly storageGiB: number;
  readonly memoryStorageMiB: number;
  readonly size: Size;
  /** Secret with the users. */
  readonly authSecret: string;
  readonly backup: BackupPlan;
  /** Secret with tls.crt and tls.key, ConfigMap with ca.crt. @default - plain text */
  readonly tls?: { readonly secretName: string; readonly caConfigMap: string };
}

/** Room for messages on a volume, in MiB. */
export function fileStoreMiB(storageGiB: number): number {
  return Math.floor(storageGiB * 1024 * FILE_STORE_SHARE);
}

/** The most that streams in memory may take of a server, in MiB. */
export function memoryStoreLimitMiB(size: Size, environment: Environment): number {
  return Math.floor(memoryMiB(size, environment) * MEMORY_STORE_SHARE);
}

/** Name of the claim template of the StatefulSet. */
export function claimTemplateName(name: string): string {
  return `${name}-js`;
}

/** Values of the NATS chart. */
export function natsValues(name: string, facts: NatsFacts): ChartValues {
  const { tls, servers } = facts;
  return {
    fullnameOverride: name,
    ...(tls === undefined ? {} : { tlsCA: { enabled: true, configMapName: tls.caConfigMap } }),
    config: {
      cluster: {
        enabled: servers > 1,
        replicas: servers,
        // The servers believe each other by their certificates, which have the full names.
        routeURLs: { useFQDN: true },
        tls: tlsValues(tls),
      },
      jetstream: jetStream(facts),
      nats: { tls: tlsValues(tls) },
      merge: { $include: `..${AUTH_FOLDER.replace(/^\/etc/, "")}/${AUTH_FILE}` },
    },
    container: {
      env: { GOMEMLIMIT: `${Math.floor(memoryMiB(facts.size, facts.environment) * GO_MEMORY_SHARE)}MiB` },
      resources: { ...resourcesFor(facts.size, facts.environment, "data") },
      merge: { securityContext: containerSecurityContext(true) },
      patch: [{ op: "add", path: "/volumeMounts/-", value: { name: "auth", mountPath: AUTH_FOLDER, readOnly: true } }],
    },
    // Tells the server of new users and renewed certificates; it has all files that the server reads.
    reloader: { merge: sidecar(10, 32) },
    promExporter: { enabled: true, merge: { ...sidecar(10, 64), readinessProbe: exporterProbe } },
    podTemplate: podTemplate(facts),
    podDisruptionBudget: { enabled: servers > 1, merge: { spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" } } },
    serviceAccount: { enabled: true, merge: { automountServiceAccountToken: false } },
    natsBox: { enabled: false },
  };
}

/** Its one page asks the server for everything: too much for a probe. */
const exporterProbe = { tcpSocket: { port: METRICS.name }, periodSeconds: 10 };

function tlsValues(tls: NatsFacts["tls"]): ChartValues {
  return tls === undefined ? { enabled: false } : { enabled: true, secretName: tls.secretName };
}

function jetStream({ storageGiB, memoryStorageMiB }: NatsFacts): ChartValues {
  return {
    enabled: true,
    fileStore: {
      // Only gives the claims their names, and can never be changed: the claims are made beforehand, with their size.
      pvc: { size: "10Gi" },
      maxSize: `${fileStoreMiB(storageGiB)}Mi`,
    },
    memoryStore: { enabled: memoryStorageMiB > 0, maxSize: `${memoryStorageMiB}Mi` },
  };
}

function podTemplate({ identity, servers, authSecret, backup }: NatsFacts): ChartValues {
  return {
    // Limits of JetStream need a restart; one server at a time, which is ready when its streams are up to date.
    configChecksumAnnotation: true,
    ...(servers > 1 ? { topologySpreadConstraints: spread(identity) } : {}),
    merge: {
      metadata: {
        labels: { "orrery.dev/metrics-port": METRICS.name, ...backupLabels(backup) },
        annotations: { ...backupAnnotations(backup, []) },
      },
      spec: {
        automountServiceAccountToken: false,
        priorityClassName: priorities.data.name,
        securityContext: podSecurityContext({ user: USER, group: USER }),
      },
    },
    patch: [
      // The chart's own, with a limit: it has the number of the server's process in it, for the reloader.
      { op: "replace", path: "/spec/volumes/1", value: { name: "pid", emptyDir: { sizeLimit: "1Mi" } } },
      { op: "add", path: "/spec/volumes/-", value: { name: "auth", secret: { secretName: authSecret } } },
    ],
  };
}

/** The kit's, as the chart wants them: by topology, without the labels, which the chart adds. */
function spread(identity: Identity): ChartValues {
  return Object.fromEntries(
    spreadConstraints(identity).map(({ topologyKey, labelSelector: _, ...constraint }) => [topologyKey, constraint]),
  );
}

function sidecar(cpuMillicores: number, memory: number): ChartValues {
  return { resources: { ...resources(cpuMillicores, memory) }, securityContext: containerSecurityContext(true) };
}
