import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { BucketArgs, BucketHandle } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import type { Trust } from "../../kit/certificates";
import { imageReference, images } from "../../kit/images";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { bucketJob } from "./bucket-job";
import { REGION, S3_PORT, SOFTWARE } from "./minio-pods";
import { bucketObjectName } from "./names";

export const BUCKET_COMPONENT = "bucket";

/** What a bucket needs to know of the MinIO that it is in. */
export interface BucketStore {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly endpoint: string;
  /** Secret with the administrator's `user` and `password`. */
  readonly rootSecret: string;
  /** Name of the ConfigMap with the authority's certificate in a namespace. @default - plain HTTP */
  readonly trust?: (namespace: string) => Trust;
}

export interface MinioBucketArgs extends Omit<BucketArgs, "consumer"> {
  readonly store: BucketStore;
  /** Changing it makes a new, empty bucket; the old one is kept. */
  readonly bucket: string;
  /** @default - nobody yet: the Secret is beside the store, and no network path is opened */
  readonly consumer?: Consumer;
}

/** A bucket in MinIO with a user of its own, its Secret where the consumer is, and the consumer's one way to it. */
export class MinioBucket extends Component implements BucketHandle {
  readonly bucket: string;
  readonly endpoint: string;
  readonly region = REGION;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: MinioBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    const { store, consumer } = args;
    const home = consumer?.namespace ?? store.namespace;
    const authority = store.trust?.(home.name);
    super("orrery:platform:Bucket", name, after(opts, home, authority?.ready));
    this.bucket = args.bucket;
    this.endpoint = store.endpoint;
    this.secretName = bucketObjectName(args.bucket);
    this.secretNamespace = home.name;
    this.provider = store.pods;
    this.caConfigMap = authority?.configMap;

    const secretKey = createSecretKey(name, this);
    const keys = this.keys(secretKey, args.aliases);
    const secret = this.createSecret(name, consumer?.identity ?? store.identity, home, keys);
    const beside =
      home.name === store.namespace.name
        ? secret
        : this.createSecret(`${name}-store`, store.identity, store.namespace, this.keys(secretKey));
    this.createJob(args, beside);
    if (consumer !== undefined) {
      this.openPathFrom(consumer, name);
    }

    this.registerOutputs({ bucket: this.bucket, endpoint: this.endpoint, secretName: this.secretName });
  }

  private createSecret(
    name: string,
    owner: Identity,
    namespace: DomainNamespace,
    stringData: Record<string, pulumi.Input<string>>,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(owner, { name: this.secretName, namespace: namespace.name }),
        type: "Opaque",
        stringData,
      },
      this.child(),
    );
  }

  /** The user is called like the bucket: it opens no other. */
  private keys(secretKey: pulumi.Output<string>, aliases: BucketArgs["aliases"] = {}) {
    const credentials = { AWS_ACCESS_KEY_ID: this.bucket, AWS_SECRET_ACCESS_KEY: secretKey };
    return {
      ...credentials,
      ...Object.fromEntries(Object.entries(aliases).map(([alias, key]) => [alias, credentials[key]])),
      AWS_DEFAULT_REGION: this.region,
      AWS_ENDPOINT_URL: this.endpoint,
      BUCKET: this.bucket,
    };
  }

  /** Without a ttl: it is a resource of the stack, and what removes itself would be made again by the next refresh. */
  private createJob(args: MinioBucketArgs, secret: pulumi.Resource): void {
    const { store, bucket, consumer: _, aliases: __, ...rules } = args;
    const authority = store.trust?.(store.namespace.name);
    const name = bucketObjectName(bucket);
    new Service(
      name,
      {
        software: SOFTWARE,
        component: BUCKET_COMPONENT,
        namespace: store.namespace,
        image: imageReference(images.minio),
        ...bucketJob({
          bucket,
          endpoint: store.endpoint,
          region: this.region,
          secretName: this.secretName,
          administrator: store.rootSecret,
          caConfigMap: authority?.configMap,
          ...rules,
        }),
      },
      after(this.child(), secret, authority?.ready),
    );
  }

  private openPathFrom(consumer: Consumer, name: string): void {
    openPath(
      `${name}-${consumer.identity.instance}`,
      { from: consumer.pods, to: this.provider, ports: [{ name: "s3", port: S3_PORT }], owner: consumer.identity },
      this.child(),
    );
  }
}

/** Letters and digits only: it stands in a URL. */
function createSecretKey(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 40, special: false }, { parent }).result;
}
