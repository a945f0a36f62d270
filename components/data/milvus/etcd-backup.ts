import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import { imageReference, images } from "../../kit/images";
import { after } from "../../kit/options";
import type { Variable } from "../../kit/pod";
import { consumerOf, Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { bucketKeys } from "../../kit/store-access";
import type { MilvusEtcd } from "./etcd";
import { ETCD_PORT } from "./etcd-pods";

const CA_FOLDER = "/etc/store-ca";
const SNAPSHOT = "/backup/snapshot.db";

export interface MilvusBackupSettings {
  /** Where the snapshots go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a snapshot is removed, by the bucket's own rule. */
  readonly retentionDays: number;
}

export interface EtcdSnapshotsArgs extends MilvusBackupSettings {
  readonly etcd: MilvusEtcd;
  /** Size of each member's volume in GiB: the database takes half of it at most. */
  readonly storageGiB: number;
}

/** Snapshots of Milvus's metadata, put into a bucket by a CronJob. What the metadata speaks of is in a bucket already. */
export class EtcdSnapshots extends Component {
  constructor(name: string, args: EtcdSnapshotsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { etcd } = args;
    const { namespace } = etcd.service;
    super("orrery:data:MilvusBackup", name, after(opts, namespace));
    const about = { software: "etcd", component: "backup", namespace };
    const consumer = consumerOf(name, about);
    const bucket = args.objects.bucket(args.bucket, { consumer, expireDays: args.retentionDays });
    etcd.open(consumer, this);
    new Service(
      name,
      {
        ...about,
        image: imageReference(images.minio),
        kind: "CronJob",
        schedule: { cron: args.schedule },
        ...snapshotJob(etcd, bucket, args.storageGiB * 512),
      },
      after(this.child(), bucket.ready, etcd),
    );

    this.registerOutputs({ bucket: bucket.bucket });
  }
}

/** etcd's client has no shell, and the store's has no etcd client: one after the other, over a scratch volume. */
function snapshotJob(
  etcd: MilvusEtcd,
  bucket: BucketHandle,
  sizeMiB: number,
): Pick<ServiceArgs, "initContainers" | "command" | "environment" | "volumes" | "resources"> {
  const { environment, configMaps } = etcd.client();
  const { caConfigMap } = bucket;
  return {
    initContainers: [
      {
        name: "snapshot",
        image: imageReference(images.etcd),
        command: ["/usr/local/bin/etcdctl", "snapshot", "save", SNAPSHOT],
        // Of one member: whichever the Service leads to.
        environment: { ...environment, ETCDCTL_ENDPOINTS: `${etcd.service.host}:${ETCD_PORT}` },
        resources: resources(50, 256),
        mounts: [
          { volume: "backup", path: "/backup", readOnly: false },
          ...configMaps.map(({ name, path }) => ({ volume: name, path })),
        ],
      },
    ],
    command: ["/bin/sh", "-ec", uploadScript(bucket.endpoint)],
    environment: storeEnvironment(bucket),
    volumes: {
      scratch: [
        { name: "backup", path: "/backup", sizeLimitMiB: sizeMiB },
        { name: "tmp", path: "/tmp", sizeLimitMiB: 16 },
      ],
      configMaps: [
        ...configMaps,
        ...(caConfigMap === undefined ? [] : [{ name: "ca", path: CA_FOLDER, configMap: caConfigMap }]),
      ],
    },
    resources: resources(50, 256),
  };
}

function uploadScript(endpoint: string): string {
  const { protocol, host } = new URL(endpoint);
  return [
    `export MC_HOST_store="${protocol}//$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@${host}"`,
    `mcli cp ${SNAPSHOT} "store/$BUCKET/etcd/$(date -u +%Y-%m-%dT%H-%M-%SZ).db"`,
  ].join("\n");
}

function storeEnvironment({ bucket, secretName, caConfigMap }: BucketHandle): Record<string, Variable> {
  return {
    ...bucketKeys({ secretName }),
    BUCKET: bucket,
    MC_CONFIG_DIR: "/tmp/mcli",
    ...(caConfigMap === undefined ? {} : { SSL_CERT_FILE: `${CA_FOLDER}/ca.crt` }),
  };
}
