import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import type { LogStore } from "../stores";
import { HTTP_PORT, type LokiLimits } from "./config";
import { COMPONENT, lokiPods, SOFTWARE } from "./pods";

export interface LokiArgs extends LokiLimits {
  readonly namespaces: Namespaces;
  /** Servers: one, or three that keep everything three times until it is in the bucket. @default 1 */
  readonly replicas?: number;
  /** Volume of each server, in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it is for new volumes: the data does not move by itself. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** Where logs are kept. Changing it leaves those that are there where they are, unread. @default - on the volume */
  readonly bucket?: LokiBucket;
}

export interface LokiBucket {
  readonly objects: Objects;
  readonly name: string;
  /** Days after which the bucket itself removes what Loki left. @default - Loki alone removes */
  readonly expireDays?: number;
}

/** Loki as one program, written natively: alone on its volume, or three of them on a bucket. */
export class Loki extends Component implements LogStore {
  readonly ready: pulumi.Resource;
  readonly queryUrl: string;
  readonly pushUrl: string;
  readonly otlpUrl: string;
  private readonly service: Service;

  constructor(name: string, args: LokiArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:Loki", name, after(opts, namespace));

    const bucket = askForBucket(name, args, namespace);
    this.service = this.createService(name, args, namespace, bucket);
    this.ready = this.service;
    this.queryUrl = `http://${this.service.host}:${HTTP_PORT}`;
    this.pushUrl = `${this.queryUrl}/loki/api/v1/push`;
    this.otlpUrl = `${this.queryUrl}/otlp`;

    this.registerOutputs({ queryUrl: this.queryUrl });
  }

  /** One port for both: who writes and reads has one path. */
  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "http", parent);
  }

  openWrite(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "http", parent);
  }

  private createService(
    name: string,
    args: LokiArgs,
    namespace: DomainNamespace,
    bucket: BucketHandle | undefined,
  ): Service {
    const { replicas = 1, size = "small" } = args;
    const { environment } = namespace;
    const pods = lokiPods(name, { ...args, namespace: namespace.name, environment, replicas, size, bucket });
    return new Service(
      name,
      { ...pods, image: imageReference(images.loki), namespace },
      after(this.child(), bucket?.ready),
    );
  }
}

function askForBucket(name: string, { bucket }: LokiArgs, namespace: DomainNamespace): BucketHandle | undefined {
  const software = { software: SOFTWARE, component: COMPONENT, version: imageVersion(images.loki), namespace };
  const { expireDays } = bucket ?? {};
  return bucket?.objects.bucket(bucket.name, { consumer: consumerOf(name, software), expireDays });
}
