import { type BackupPlan, backupAnnotations, backupLabels } from "../../kit/backup";
import { imageReference, images } from "../../kit/images";
import { priorities } from "../../kit/priorities";
import { type Environment, memoryMiB, resourcesFor, type Size } from "../../kit/sizes";
import { archivePlugins, type PostgresArchive, recoveryBootstrap } from "./archive";

export const POSTGRES_PORT = 5432;
/** Of all clients together, poolers among them. */
export const MAX_CONNECTIONS = 200;
/** The instance manager's status port, which the operator asks. */
export const STATUS_PORT = 8000;
/** The instance manager's exporter, and Barman's beside it. */
export const INSTANCE_METRICS = { name: "metrics", port: 9187 } as const;

export interface PostgresClusterFacts {
  readonly instances: number;
  readonly storageGiB: number;
  readonly size: Size;
  readonly storageClass: string;
  readonly environment: Environment;
  /** Labels that every object made by the operator gets. */
  readonly labels: Record<string, string>;
  /** @default - no backups */
  readonly archive?: PostgresArchive;
  /** Secret with tls.crt, tls.key and ca.crt for the servers. @default - the operator makes one of its own */
  readonly tlsSecret?: string;
}

/** Labels that the operator puts on every pod of a cluster: instances, the jobs that make them, and poolers. */
export function clusterPodLabels(cluster: string): Record<string, string> {
  return { "cnpg.io/cluster": cluster };
}

/** Only the pods of poolers have it. */
export const POOLER_LABEL = "cnpg.io/poolerName";

/** Those of the servers alone. */
export function instancePodLabels(cluster: string): Record<string, string> {
  return { ...clusterPodLabels(cluster), "cnpg.io/podRole": "instance" };
}

/** Spec of the postgresql.cnpg.io/v1 Cluster. */
export function postgresClusterSpec(name: string, facts: PostgresClusterFacts) {
  const several = facts.instances > 1;
  const memory = memoryMiB(facts.size, facts.environment);
  return {
    instances: facts.instances,
    imageName: imageReference(images.postgres),
    description: "Databases of the platform's services",
    enableSuperuserAccess: false,
    inheritedMetadata: {
      labels: { ...facts.labels, ...backupLabels(backupPlan(facts)), "orrery.dev/metrics-port": INSTANCE_METRICS.name },
      annotations: backupAnnotations(backupPlan(facts), []),
    },
    ...(facts.tlsSecret === undefined ? {} : { certificates: serverCertificates(facts.tlsSecret) }),
    storage: { size: `${facts.storageGiB}Gi`, storageClass: facts.storageClass, resizeInUseVolumes: true },
    resources: resourcesFor(facts.size, facts.environment, "data"),
    priorityClassName: priorities.data.name,
    // Parallel index builds, pgvector's above all, share memory through /dev/shm.
    ephemeralVolumesSizeLimit: { shm: `${memory / 4}Mi` },
    ...bootstrap(facts.archive),
    ...(facts.archive === undefined ? {} : { plugins: archivePlugins(facts.archive) }),
    postgresql: {
      parameters: postgresParameters(memory),
      pg_hba: clientRules(),
      // One replica has each commit before it is confirmed, as long as there is one.
      ...(several ? { synchronous: { method: "any", number: 1, dataDurability: "preferred" } } : {}),
    },
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: several ? "switchover" : "restart",
    // With one instance a budget would not protect it, only keep its node from ever being drained.
    enablePDB: several,
    affinity: {
      enablePodAntiAffinity: true,
      topologyKey: "kubernetes.io/hostname",
      podAntiAffinityType: several && facts.environment === "prod" ? "required" : "preferred",
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: clusterPodLabels(name) },
      },
    ],
  };
}

/** What clients see. Replicas and poolers say who they are by certificates of the operator's own authority. */
function serverCertificates(secret: string) {
  return { serverTLSSecret: secret, serverCASecret: secret };
}

/** A new, empty cluster, or one with the data of an archive. */
function bootstrap(archive: PostgresArchive | undefined) {
  return archive?.restore === undefined
    ? { bootstrap: { initdb: { database: "app", owner: "app", encoding: "UTF8", dataChecksums: true } } }
    : recoveryBootstrap(archive.objectStore, archive.restore);
}

/** Files of a running database are no backup: it is archived by Barman, or not at all. */
function backupPlan({ archive }: PostgresClusterFacts): BackupPlan {
  return archive === undefined
    ? { by: "none", reason: "services.postgres.backup is off" }
    : { by: "native", reason: "every change is archived, with base backups, by Barman" };
}

/** Settings that follow from the memory: a quarter is PostgreSQL's own cache, most of the rest the kernel's. */
export function postgresParameters(memory: number): Record<string, string> {
  return {
    max_connections: String(MAX_CONNECTIONS),
    shared_buffers: `${memory / 4}MB`,
    effective_cache_size: `${(memory * 3) / 4}MB`,
    maintenance_work_mem: `${memory / 16}MB`,
    wal_compression: "on",
  };
}

/** A role reaches the database of its own name and no other, over TLS only. The operator's own rules come before. */
export function clientRules(): string[] {
  return ["hostssl sameuser all all scram-sha-256", "host all all all reject"];
}
