import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import { imageReference, images } from "../../kit/images";
import { after } from "../../kit/options";
import { consumerOf, Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { bucketKeys, STORE_AUTHORITY_FILE, storeAuthorityFiles } from "../../kit/store-access";
import { type AdminFacts, adminAuthority, adminEnvironment, adminRunAs, adminScratch, caFile } from "./client";
import type { GraphServer } from "./graph";
import { neo4jImage, SOFTWARE } from "./pods";
import { exportScript, uploadScript } from "./scripts";

const FOLDER = "/backup";

export interface Neo4jBackupSettings {
  /** Where the backups go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a backup is removed, by the bucket's own rule. */
  readonly retentionDays: number;
}

export interface Neo4jBackupArgs extends Neo4jBackupSettings {
  readonly server: GraphServer;
  /** Room for the compressed exports. */
  readonly scratchGiB: number;
}

/** Exports of every database while the server runs, put into a bucket by a CronJob. */
export class Neo4jBackup extends Component {
  constructor(name: string, args: Neo4jBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, bucket, retentionDays } = args;
    const { namespace, certificates } = server;
    super("orrery:data:Neo4jBackup", name, after(opts, server.service));
    const about = { software: SOFTWARE, component: "backup", namespace };
    const consumer = consumerOf(name, about);
    const authority = certificates?.trust(namespace.name);
    const handle = args.objects.bucket(bucket, { consumer, expireDays: retentionDays });
    server.service.open(consumer, "bolt", this);
    new Service(
      name,
      { ...about, ...backupJob(args, handle, { ...server, caConfigMap: authority?.configMap }) },
      after(this.child(), handle.ready, authority?.ready),
    );
    this.registerOutputs({ bucket: handle.bucket });
  }
}

/** First the export, with the server's own image; only a whole one is sent. */
export function backupJob(
  { server, schedule, scratchGiB }: Pick<Neo4jBackupArgs, "server" | "schedule" | "scratchGiB">,
  bucket: Omit<BucketHandle, "ready">,
  admin: AdminFacts,
): Omit<ServiceArgs, "software" | "component" | "namespace"> {
  const authorities = adminAuthority(admin);
  return {
    kind: "CronJob",
    schedule: { cron: schedule, activeDeadlineSeconds: 4 * 3600 },
    initContainers: [
      {
        name: "export",
        image: imageReference(neo4jImage(server.edition)),
        command: ["/bin/bash", "-ec", exportScript(FOLDER, caFile(admin))],
        environment: { ...adminEnvironment(admin), JAVA_OPTS: "-Xmx512m" },
        resources: resources(100, 1024),
        mounts: [
          { volume: "backup", path: FOLDER, readOnly: false },
          { volume: "tmp", path: adminScratch.path, readOnly: false },
          ...authorities.map(({ name, path }) => ({ volume: name, path })),
        ],
      },
    ],
    image: imageReference(images.minio),
    command: ["/bin/sh", "-ec", uploadScript(FOLDER, bucket.endpoint)],
    environment: {
      ...bucketKeys(bucket),
      AWS_DEFAULT_REGION: bucket.region,
      BUCKET: bucket.bucket,
      MC_CONFIG_DIR: `${adminScratch.path}/mcli`,
      ...(bucket.caConfigMap === undefined ? {} : { SSL_CERT_FILE: STORE_AUTHORITY_FILE }),
    },
    resources: resources(50, 256),
    volumes: {
      scratch: [adminScratch, { name: "backup", path: FOLDER, sizeLimitMiB: scratchGiB * 1024 }],
      configMaps: [...authorities, ...storeAuthorityFiles(bucket)],
    },
    runAs: adminRunAs,
  };
}
