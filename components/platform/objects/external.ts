import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketArgs, BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { imageReference, images } from "../../kit/images";
import { type Identity, metadata, type PodIdentity, podIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { type NetworkPort, worldSpec } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { SecretSource } from "../../kit/secret-source";
import { consumerOf, Service, serviceIdentity } from "../../kit/service";
import { BUCKET_COMPONENT } from "./bucket";
import { bucketJob } from "./bucket-job";
import { BucketNames, bucketObjectName } from "./names";

const SOFTWARE = "s3";

export interface ExternalObjectsArgs {
  readonly namespaces: Namespaces;
  /** Where the keys come from: `objects-access-key` and `objects-secret-key`. */
  readonly secrets: SecretSource;
  /** https URL of the store. Changing it does not move what is stored. */
  readonly endpoint: string;
  readonly region: string;
  /** What the buckets' names begin with: a store's names are shared with others. Changing it makes new buckets. */
  readonly bucketPrefix: string;
}

/**
 * Any S3 outside the cluster. Most of them (Hetzner's too) cannot make keys for one bucket by their API, so all buckets
 * share the keys that a person has brought: a consumer is kept from another one's bucket by nothing but its name.
 */
export class ExternalObjects extends Component implements Objects {
  private readonly name: string;
  private readonly args: ExternalObjectsArgs;
  private readonly namespace: DomainNamespace;
  private readonly names = new BucketNames();
  private readonly opened = new Set<string>();

  constructor(name: string, args: ExternalObjectsArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("storage");
    super("orrery:platform:ExternalObjects", name, after(opts, namespace));
    this.name = name;
    this.args = args;
    this.namespace = namespace;

    const identity = serviceIdentity("bucket-jobs", { software: SOFTWARE, component: BUCKET_COMPONENT, namespace });
    const { "app.kubernetes.io/instance": _, ...labels } = podIdentity(identity, namespace.name).labels;
    this.open({ namespace: namespace.name, labels, instance: "bucket-jobs" }, identity, namespace);

    this.registerOutputs({ endpoint: args.endpoint });
  }

  bucket(bucket: string, { consumer, ...rules }: BucketArgs): BucketHandle {
    const handle = this.create(bucket, consumer, rules);
    this.open(consumer.pods, consumer.identity, consumer.namespace);
    return handle;
  }

  /** A bucket of the settings: without a consumer its Secret is in the namespace `storage`. */
  declare(bucket: string, { consumer, ...rules }: Partial<BucketArgs>): BucketHandle {
    if (consumer !== undefined) return this.bucket(bucket, { consumer, ...rules });
    const about = { software: SOFTWARE, component: "declared", namespace: this.namespace };
    return this.create(bucket, consumerOf(bucketObjectName(bucket), about), rules);
  }

  private create(name: string, consumer: Consumer, args: Omit<BucketArgs, "consumer">): BucketHandle {
    const { aliases, ...rules } = args;
    this.names.take(name);
    const { endpoint, region, bucketPrefix } = this.args;
    const secretName = bucketObjectName(name);
    const handle = {
      bucket: `${bucketPrefix}-${name}`,
      endpoint,
      region,
      secretName,
      secretNamespace: consumer.namespace.name,
    };
    const secret = this.createSecret(`${this.name}-${name}`, handle, consumer.identity, consumer.namespace, aliases);
    const beside =
      consumer.namespace.name === this.namespace.name
        ? secret
        : this.createSecret(`${this.name}-${name}-store`, handle, consumer.identity, this.namespace);
    const ready = new Service(
      secretName,
      {
        software: SOFTWARE,
        component: BUCKET_COMPONENT,
        namespace: this.namespace,
        image: imageReference(images.minio),
        ...bucketJob({ ...handle, ...rules }),
      },
      after(this.child(), secret, beside),
    );
    return { ...handle, ready };
  }

  private createSecret(
    name: string,
    { bucket, endpoint, region, secretName }: Omit<BucketHandle, "ready">,
    owner: Identity,
    namespace: DomainNamespace,
    aliases: BucketArgs["aliases"] = {},
  ): pulumi.Resource {
    const brought = { AWS_ACCESS_KEY_ID: "objects-access-key", AWS_SECRET_ACCESS_KEY: "objects-secret-key" };
    return this.args.secrets.secret(
      name,
      {
        secretName,
        namespace: namespace.name,
        owner,
        keys: {
          ...brought,
          ...Object.fromEntries(Object.entries(aliases).map(([alias, key]) => [alias, brought[key]])),
        },
        plain: { AWS_DEFAULT_REGION: region, AWS_ENDPOINT_URL: endpoint, BUCKET: bucket },
      },
      this.child({ dependsOn: [namespace] }),
    ).ready;
  }

  /** The way out to the store; once for all buckets of the same pods. */
  private open(pods: PodIdentity, owner: Identity, namespace: DomainNamespace): void {
    const key = `${pods.namespace}/${pods.instance}`;
    if (this.opened.has(key)) {
      return;
    }
    this.opened.add(key);
    new k8s.apiextensions.CustomResource(
      `${this.name}-${pods.namespace}-${pods.instance}`,
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNetworkPolicy",
        metadata: metadata(owner, { name: `${pods.instance}-to-objects`, namespace: pods.namespace }),
        spec: worldSpec({ pods, owner, egress: [storePort(this.args.endpoint)] }),
      },
      this.child({ dependsOn: [namespace] }),
    );
  }
}

/** The store's port: a private S3 may listen on another one than 443. */
function storePort(endpoint: string): NetworkPort {
  const { port } = new URL(endpoint);
  return { name: "objects", port: port === "" ? 443 : Number(port) };
}
