import type * as pulumi from "@pulumi/pulumi";
import type { BucketHandle, Objects } from "../../kit/bucket";
import { imageReference, images } from "../../kit/images";
import type { DomainNamespace } from "../../kit/namespace";
import { Service } from "../../kit/service";
import { clientJob } from "./client-job";
import type { DatabaseServer } from "./database";
import { BACKUP_COMPONENT, clientPorts, SOFTWARE } from "./names";
import { backupAll } from "./statements";

export interface ClickHouseBackupSettings {
  /** Where the backups go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a backup is removed from the bucket. */
  readonly retentionDays: number;
}

/** The servers themselves write to the bucket: it is their pods that get the path, and their namespace the keys. */
export function backupBucket(
  server: Pick<DatabaseServer, "identity" | "pods"> & { readonly namespace: DomainNamespace },
  { objects, bucket, retentionDays }: ClickHouseBackupSettings,
): BucketHandle {
  const { identity, pods, namespace } = server;
  return objects.bucket(bucket, { consumer: { identity, pods, namespace }, expireDays: retentionDays });
}

/** Has the server write all that it has, in one statement. Each backup is whole: an older one may go at any time. */
export function createBackupJob(
  name: string,
  server: DatabaseServer,
  { schedule }: ClickHouseBackupSettings,
  opts: pulumi.ComponentResourceOptions,
): Service {
  const { host, namespace, replicated, trust } = server;
  const { native } = clientPorts(trust !== undefined);
  return new Service(
    name,
    {
      software: SOFTWARE,
      component: BACKUP_COMPONENT,
      namespace,
      kind: "CronJob",
      schedule: { cron: schedule, activeDeadlineSeconds: 21_600 },
      image: imageReference(images.clickhouse),
      ...clientJob(
        {
          server: server.name,
          host,
          port: native.port,
          user: "backup",
          caConfigMap: trust?.(namespace.name).configMap,
        },
        ["now=$(date -u +%Y-%m-%dT%H-%M-%SZ)"],
        [backupAll(replicated, "$now")],
      ),
    },
    opts,
  );
}
