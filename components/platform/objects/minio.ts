import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { BucketArgs, BucketHandle, Objects } from "../../kit/bucket";
import type { Certificates } from "../../kit/certificates";
import { imageReference, images } from "../../kit/images";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { openPath, openPeers } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import { backendTls, serviceDnsNames } from "../../kit/server-certificate";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import { BUCKET_COMPONENT, type BucketStore, MinioBucket } from "./bucket";
import { COMPONENT, minioPods, S3_PORT, SOFTWARE } from "./minio-pods";
import { BucketNames } from "./names";

export interface MinioArgs {
  readonly namespaces: Namespaces;
  /** Issues the server's certificate. @default - none: plain HTTP inside the cluster */
  readonly certificates?: Certificates;
  /** Servers. More than one make one erasure set; changing it needs new volumes (docs/objects.md). @default 1 */
  readonly replicas?: number;
  /** Volumes of each server. Changing it needs new volumes. @default 1 */
  readonly drives?: number;
  /** Size of each volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it replaces the workload; the data does not move by itself. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
}

/** MinIO, written natively, in the fork that is maintained. A service gets a bucket of its own: `bucket()`. */
export class Minio extends Component implements Objects, BucketStore {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly endpoint: string;
  readonly rootSecret: string;
  readonly trust?: BucketStore["trust"];
  private readonly name: string;
  private readonly service: Service;
  private readonly names = new BucketNames();

  constructor(name: string, args: MinioArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("storage");
    super("orrery:platform:Minio", name, after(opts, namespace));
    const { certificates } = args;
    this.name = name;
    this.namespace = namespace;
    const about = consumerOf(name, { software: SOFTWARE, component: COMPONENT, namespace });
    this.identity = about.identity;
    this.pods = about.pods;
    this.rootSecret = `${name}-root`;
    this.endpoint = `${certificates ? "https" : "http"}://${name}.${namespace.name}.svc:${S3_PORT}`;
    this.trust = certificates && ((at) => certificates.trust(at));

    this.openPaths(args.replicas ?? 1);
    this.service = this.createService(args, this.createRootSecret());

    this.registerOutputs({ endpoint: this.endpoint });
  }

  /** MinIO's own web page; it speaks TLS as the rest does. */
  get console(): Backend {
    const { trust, namespace, service } = this;
    return service.backend("console", trust && backendTls({ trust }, namespace.name, service.host));
  }

  bucket(bucket: string, args: BucketArgs): BucketHandle {
    return this.create(bucket, args);
  }

  /** A bucket of the settings: without a consumer its Secret stays here, and no network path is opened. */
  declare(bucket: string, args: Partial<BucketArgs>): BucketHandle {
    return this.create(bucket, args);
  }

  private create(bucket: string, args: Partial<BucketArgs>): MinioBucket {
    this.names.take(bucket);
    return new MinioBucket(
      `${this.name}-${bucket}`,
      { store: this, bucket, ...args },
      this.child({ dependsOn: [this.service] }),
    );
  }

  /** Before the pods: servers that do not find each other do not get ready. */
  private openPaths(replicas: number): void {
    const ports = [{ name: "s3", port: S3_PORT }];
    if (replicas > 1) {
      openPeers(`${this.name}-peers`, { pods: this.pods, ports, owner: this.identity }, this.child());
    }
    openPath(
      `${this.name}-bucket-jobs`,
      { from: bucketJobs(this.namespace), to: this.pods, ports, owner: this.identity },
      this.child(),
    );
  }

  private createRootSecret(): pulumi.Resource {
    const { result } = new random.RandomPassword(this.rootSecret, { length: 40, special: false }, { parent: this });
    return new k8s.core.v1.Secret(
      this.rootSecret,
      {
        metadata: metadata(this.identity, { name: this.rootSecret, namespace: this.namespace.name }),
        type: "Opaque",
        stringData: { user: "orrery", password: result },
      },
      this.child(),
    );
  }

  private createService(args: MinioArgs, secret: pulumi.Resource): Service {
    const { namespace } = this;
    const certificate = args.certificates?.internal(
      this.name,
      {
        namespace: namespace.name,
        owner: this.identity,
        dnsNames: serviceDnsNames(this.name, namespace.name, { headless: `${this.name}-headless` }),
      },
      this.child(),
    );
    return new Service(
      this.name,
      {
        ...minioPods(this.name, {
          ...args,
          namespace: namespace.name,
          environment: namespace.environment,
          replicas: args.replicas ?? 1,
          drives: args.drives ?? 1,
          rootSecret: this.rootSecret,
          tlsSecret: certificate?.secretName,
          caConfigMap: this.trust?.(namespace.name).configMap,
        }),
        image: imageReference(images.minio),
        namespace,
      },
      after(this.child(), secret, certificate?.ready),
    );
  }
}

/** The Jobs of all buckets: one path for them together. */
function bucketJobs(namespace: DomainNamespace): PodIdentity {
  return {
    namespace: namespace.name,
    labels: { "app.kubernetes.io/name": SOFTWARE, "app.kubernetes.io/component": BUCKET_COMPONENT },
    instance: "bucket-jobs",
  };
}
