import { imageReference, images } from "../kit/images";
import { type Environment, memoryMiB, resourcesFor, type Size } from "../kit/sizes";

export const POSTGRES_PORT = 5432;
/** The instance manager's status port, which the operator asks. */
export const STATUS_PORT = 8000;

export interface PostgresClusterFacts {
  readonly instances: number;
  readonly storageGiB: number;
  readonly size: Size;
  readonly storageClass: string;
  readonly environment: Environment;
  /** Labels that every object made by the operator gets. */
  readonly labels: Record<string, string>;
}

/** Labels that the operator puts on every pod of a cluster: instances, and the jobs that make them. */
export function clusterPodLabels(cluster: string): Record<string, string> {
  return { "cnpg.io/cluster": cluster };
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
    inheritedMetadata: { labels: { ...facts.labels, "orrery.dev/metrics-port": "metrics" } },
    storage: { size: `${facts.storageGiB}Gi`, storageClass: facts.storageClass, resizeInUseVolumes: true },
    resources: resourcesFor(facts.size, facts.environment, "data"),
    // Parallel index builds, pgvector's above all, share memory through /dev/shm.
    ephemeralVolumesSizeLimit: { shm: `${memory / 4}Mi` },
    bootstrap: { initdb: { database: "app", owner: "app", encoding: "UTF8", dataChecksums: true } },
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

/** Settings that follow from the memory: a quarter is PostgreSQL's own cache, most of the rest the kernel's. */
export function postgresParameters(memory: number): Record<string, string> {
  return {
    max_connections: "200",
    shared_buffers: `${memory / 4}MB`,
    effective_cache_size: `${(memory * 3) / 4}MB`,
    maintenance_work_mem: `${memory / 16}MB`,
    wal_compression: "on",
  };
}

/** A role reaches the database of its own name and no other, over TLS only. The operator's own rules come before. */
function clientRules(): string[] {
  return ["hostssl sameuser all all scram-sha-256", "host all all all reject"];
}
