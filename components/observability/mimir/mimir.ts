import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { imageReference, images } from "../../kit/images";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import type { MetricsStore } from "../stores";
import { HTTP_PORT, PUSH_PATH, QUERY_PATH } from "./config";
import { mimirPods, mimirSoftware } from "./pods";
import { mimirFigures } from "./sizes";

export interface MimirArgs {
  readonly namespaces: Namespaces;
  /** Name of the cluster: rings of two clusters never mix. */
  readonly cluster: string;
  /** Servers: one, or three that have each sample three times until it is in the bucket. @default 1 */
  readonly replicas?: number;
  /** Days after which metrics are removed from the bucket. */
  readonly retentionDays: number;
  /** Volume of each server, in GiB: what is not in the bucket yet. It may grow, never shrink. @default - by `size` */
  readonly storageGiB?: number;
  /** Changing it is for new volumes: the data does not move by itself. */
  readonly storageClass: string;
  /** Time series that may be written at one time; more are refused. @default - by `size` */
  readonly maxSeries?: number;
  /** @default small */
  readonly size?: Size;
  readonly objects: Objects;
  /** The bucket's name. Changing it leaves what is there where it is, unread. */
  readonly bucket: string;
}

/** Mimir as one program, written natively: what Prometheus scrapes is written here too, and kept in a bucket. */
export class Mimir extends Component implements MetricsStore {
  readonly ready: pulumi.Resource;
  readonly queryUrl: string;
  readonly remoteWriteUrl: string;
  private readonly service: Service;

  constructor(name: string, args: MimirArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:Mimir", name, after(opts, namespace));

    const bucket = args.objects.bucket(args.bucket, { consumer: consumerOf(name, { ...mimirSoftware, namespace }) });
    this.service = this.createService(name, args, namespace, bucket);
    this.ready = this.service;
    const url = `http://${this.service.host}:${HTTP_PORT}`;
    this.queryUrl = `${url}${QUERY_PATH}`;
    this.remoteWriteUrl = `${url}${PUSH_PATH}`;

    this.registerOutputs({ queryUrl: this.queryUrl });
  }

  /** One port for both: who writes and reads has one path. */
  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "http", parent);
  }

  openWrite(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "http", parent);
  }

  private createService(name: string, args: MimirArgs, namespace: DomainNamespace, bucket: BucketHandle): Service {
    const { environment } = namespace;
    const { replicas = 1, size = "small" } = args;
    const { series, storageGiB } = mimirFigures(size, environment);
    const pods = mimirPods(name, {
      ...args,
      namespace: namespace.name,
      environment,
      replicas,
      size,
      maxSeries: args.maxSeries ?? series,
      storageGiB: args.storageGiB ?? storageGiB,
      bucket,
    });
    return new Service(
      name,
      { ...pods, image: imageReference(images.mimir), namespace },
      after(this.child(), bucket.ready),
    );
  }
}
