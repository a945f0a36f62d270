import type { BucketHandle } from "../../kit/bucket";
import { resources } from "../../kit/sizes";
import { BARMAN_PLUGIN } from "./barman-plugin";

/** Where a cluster's archive is in the bucket. A restored cluster writes a new one: it may never go on in the old. */
export interface PostgresArchive {
  /** Name of the ObjectStore. */
  readonly objectStore: string;
  /** Folder of the archive. */
  readonly serverName: string;
  /** Bring the data of another archive back into a new cluster. @default - start empty */
  readonly restore?: { readonly serverName: string; readonly targetTime?: string };
}

/** Name of the archive of a generation: counted up with each restore. */
export function archiveName(cluster: string, generation: number): string {
  return `${cluster}-${generation}`;
}

/** The part of the Cluster's spec that archives every change. */
export function archivePlugins({ objectStore, serverName }: PostgresArchive) {
  return [
    {
      name: BARMAN_PLUGIN,
      enabled: true,
      isWALArchiver: true,
      parameters: { barmanObjectName: objectStore, serverName },
    },
  ];
}

const ORIGIN = "origin";

/** How the Cluster begins when it brings an archive back: to its end, or to a moment in it. */
export function recoveryBootstrap(
  objectStore: string,
  { serverName, targetTime }: NonNullable<PostgresArchive["restore"]>,
) {
  const parameters = { barmanObjectName: objectStore, serverName };
  return {
    bootstrap: {
      recovery: {
        source: ORIGIN,
        database: "app",
        owner: "app",
        ...(targetTime === undefined ? {} : { recoveryTarget: { targetTime } }),
      },
    },
    externalClusters: [{ name: ORIGIN, plugin: { name: BARMAN_PLUGIN, parameters } }],
  };
}

/** Spec of the barmancloud.cnpg.io/v1 ObjectStore. `caSecret` has `ca.crt`. */
export function objectStoreSpec(
  { bucket, endpoint, secretName }: Pick<BucketHandle, "bucket" | "endpoint" | "secretName">,
  retentionDays: number,
  caSecret?: string,
) {
  const key = (name: string) => ({ name: secretName, key: name });
  return {
    retentionPolicy: `${retentionDays}d`,
    configuration: {
      destinationPath: `s3://${bucket}/`,
      endpointURL: endpoint,
      ...(caSecret === undefined ? {} : { endpointCA: { name: caSecret, key: "ca.crt" } }),
      s3Credentials: {
        accessKeyId: key("AWS_ACCESS_KEY_ID"),
        secretAccessKey: key("AWS_SECRET_ACCESS_KEY"),
        region: key("AWS_DEFAULT_REGION"),
      },
      wal: { compression: "gzip", maxParallel: 2 },
      data: { compression: "gzip", jobs: 2 },
    },
    instanceSidecarConfiguration: { resources: { ...resources(50, 128, 512) } },
  };
}

/** Spec of the ScheduledBackup: CloudNativePG's schedules begin with the second. */
export function scheduledBackupSpec(cluster: string, cron: string) {
  return {
    schedule: `0 ${cron}`,
    cluster: { name: cluster },
    method: "plugin",
    pluginConfiguration: { name: BARMAN_PLUGIN },
    backupOwnerReference: "self",
    // Until the first base backup there is nothing that the archived changes could be applied to.
    immediate: true,
  };
}
