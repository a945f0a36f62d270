import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import { TALOS_API_PORT } from "../../hetzner/firewall-rules";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { imageReference, images, imageVersion } from "../../kit/images";
import { metadata } from "../../kit/labels";
import type { Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Variable } from "../../kit/pod";
import { consumerOf, Service } from "../../kit/service";
import { resources } from "../../kit/sizes";
import { bucketKeys } from "../../kit/store-access";

const CA_FOLDER = "/etc/store-ca";
/** Where Talos's clients look for the credentials that Talos gives to pods. */
const TALOS_SECRETS = "/var/run/secrets/talos.dev";
/** A snapshot, its compressed and its encrypted copy; etcd itself is kept below 2 GiB. */
const SCRATCH_MIB = 6144;

export interface EtcdBackupArgs {
  readonly namespaces: Namespaces;
  /** Where the snapshots go. */
  readonly objects: Objects;
  /** Name of the bucket. */
  readonly bucket: string;
  /** First part of the snapshots' names. */
  readonly cluster: string;
  /** Cron expression in UTC. */
  readonly schedule: string;
  /** Days after which a snapshot is removed, by the bucket's own rule. */
  readonly retentionDays: number;
  /** Public key of age: only its private key opens the snapshots. */
  readonly ageRecipient: string;
}

/** Snapshots of etcd, taken over the Talos API, compressed, encrypted, and put into a bucket by a CronJob. */
export class EtcdBackup extends Component {
  constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("backup");
    super("orrery:platform:EtcdBackup", name, after(opts, namespace));
    const about = {
      software: "talos-backup",
      component: "backup",
      version: imageVersion(images.talosBackup),
      namespace,
    };
    const consumer = consumerOf(name, about);
    const bucket = args.objects.bucket(args.bucket, { consumer, expireDays: args.retentionDays });

    const path = openTalosApi(name, consumer, this.child());
    const account = this.createTalosAccount(name, consumer);
    new Service(
      name,
      {
        ...about,
        image: imageReference(images.talosBackup),
        kind: "CronJob",
        schedule: { cron: args.schedule },
        command: ["/talos-backup"],
        // It writes where it is started.
        workingDirectory: "/tmp",
        environment: etcdBackupEnvironment(args, bucket),
        resources: resources(50, 256),
        volumes: {
          scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: SCRATCH_MIB }],
          secrets: [{ name: "talos", path: TALOS_SECRETS, secret: name }],
          ...(bucket.caConfigMap === undefined
            ? {}
            : { configMaps: [{ name: "ca", path: CA_FOLDER, configMap: bucket.caConfigMap }] }),
        },
      },
      after(this.child(), bucket.ready, account, path),
    );

    this.registerOutputs({ bucket: bucket.bucket });
  }

  /** Talos makes the Secret of the same name: credentials that take snapshots of etcd and can do nothing else. */
  private createTalosAccount(name: string, { identity, namespace }: Consumer): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(
      `${name}-talos`,
      {
        apiVersion: "talos.dev/v1alpha1",
        kind: "ServiceAccount",
        metadata: metadata(identity, { namespace: namespace.name }),
        spec: { roles: ["os:etcd:backup"] },
      },
      this.child(),
    );
  }
}

/** What the image reads. */
export function etcdBackupEnvironment(
  { cluster, ageRecipient }: Pick<EtcdBackupArgs, "cluster" | "ageRecipient">,
  { bucket, endpoint, region, secretName, caConfigMap }: Omit<BucketHandle, "ready">,
): Record<string, Variable> {
  return {
    ...bucketKeys({ secretName }),
    AWS_REGION: region,
    CUSTOM_S3_ENDPOINT: endpoint,
    USE_PATH_STYLE: "true",
    BUCKET: bucket,
    CLUSTER_NAME: cluster,
    AGE_X25519_PUBLIC_KEY: ageRecipient,
    ENABLE_COMPRESSION: "true",
    ...(caConfigMap === undefined ? {} : { SSL_CERT_FILE: `${CA_FOLDER}/ca.crt` }),
  };
}

/** The control planes run the Kubernetes API server: that is how Cilium knows them. */
function openTalosApi(name: string, { identity, pods }: Consumer, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new k8s.apiextensions.CustomResource(
    `${name}-talos-api`,
    {
      apiVersion: "cilium.io/v2",
      kind: "CiliumNetworkPolicy",
      metadata: metadata(identity, { name: `${name}-talos-api`, namespace: pods.namespace }),
      spec: {
        endpointSelector: { matchLabels: { ...pods.labels } },
        egress: [
          {
            toEntities: ["kube-apiserver"],
            toPorts: [{ ports: [{ port: String(TALOS_API_PORT), protocol: "TCP" }] }],
          },
        ],
      },
    },
    opts,
  );
}
