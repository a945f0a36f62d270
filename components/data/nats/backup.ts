import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BackupPlan } from "../../kit/backup";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";
import { consumerOf, Service } from "../../kit/service";
import { backupPod } from "./backup-job";
import type { Client } from "./client";

export interface NatsBackupSettings {
  /** Where the backups go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a backup is removed. */
  readonly retentionDays: number;
}

const SOFTWARE = "nats-backup";
const COMPONENT = "backup";

/** What becomes of the streams on the servers' volumes. */
export function backupPlan(settings: NatsBackupSettings | undefined): BackupPlan {
  return settings === undefined
    ? { by: "none", reason: "backups are off; files that are copied while the server writes them are of no use" }
    : { by: "native", reason: "a CronJob has the servers send all streams and keeps them in a bucket" };
}

/** The backup's pods as a consumer, before they are made: they ask for a client and a bucket. */
export function backupConsumer(name: string, namespace: DomainNamespace) {
  return consumerOf(name, { software: SOFTWARE, component: COMPONENT, namespace });
}

export interface NatsBackupArgs extends NatsBackupSettings {
  readonly namespace: DomainNamespace;
  readonly client: Client;
  readonly url: string;
  readonly scratchMiB: number;
}

/** Copies of all streams in a bucket, by a CronJob. */
export class NatsBackup extends Component {
  constructor(name: string, args: NatsBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:data:NatsBackup", name, after(opts, args.client));
    const { objects, namespace, client, schedule, retentionDays } = args;
    const consumer = backupConsumer(name, namespace);
    const bucket: BucketHandle = objects.bucket(args.bucket, { consumer, expireDays: retentionDays });
    new Service(
      name,
      {
        software: SOFTWARE,
        component: COMPONENT,
        namespace,
        kind: "CronJob",
        schedule: { cron: schedule },
        ...backupPod({ ...args, bucket, userSecret: client.secretName, caConfigMap: client.caConfigMap }),
      },
      after(this.child(), bucket.ready),
    );
    this.registerOutputs({});
  }
}
