import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { BucketHandle, Objects } from "../../kit/bucket";
import type { Consumer } from "../../kit/capability";
import { imageReference, images } from "../../kit/images";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import type { MetricsStore, TraceStore } from "../stores";
import { HTTP_PORT, OTLP_PORT } from "./config";
import { TempoJaeger } from "./jaeger";
import { tempoPods, tempoSoftware } from "./pods";
import { tempoStorageGiB } from "./sizes";

/** A bucket for blocks, and who makes it. */
export interface TempoBucket {
  readonly objects: Objects;
  readonly name: string;
  /** Days after which the bucket itself removes what is still there: later than the compactor does. */
  readonly expireDays: number;
}

export interface TempoArgs {
  readonly namespaces: Namespaces;
  /** The cluster's name: a label of every metric that is made of spans. */
  readonly cluster: string;
  /** 1, or 3 that hold each span three times. */
  readonly replicas: number;
  /** @default small */
  readonly size?: Size;
  /** Days after which the compactor removes traces. */
  readonly retentionDays: number;
  /** Volume of each server in GiB; can grow. @default by the size */
  readonly storageGiB?: number;
  /** Changing it replaces the workload; what is on the volumes does not move by itself. */
  readonly storageClass: string;
  /** @default - blocks are on the volume */
  readonly bucket?: TempoBucket;
  /** Where service graphs and figures of spans are written to. */
  readonly metrics: MetricsStore;
  /** Answer Jaeger's queries as well. @default false */
  readonly jaeger?: boolean;
}

/** Keeps traces: Tempo, written natively. One server alone, or three that share a ring and a bucket. */
export class Tempo extends Component implements TraceStore {
  readonly service: Service;
  readonly ready: pulumi.Resource = this;
  readonly queryUrl: string;
  readonly otlpGrpc: string;
  /** What answers Jaeger's queries; undefined where nobody asked for it. */
  readonly jaeger?: TempoJaeger;

  constructor(name: string, args: TempoArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("observability");
    super("orrery:observability:Tempo", name, after(opts, namespace, args.metrics.ready));
    const consumer = consumerOf(name, { ...tempoSoftware, namespace });
    args.metrics.openWrite(consumer, this);
    const store = this.createBucket(args, consumer);
    this.service = this.createService(name, args, namespace, store);
    this.queryUrl = `http://${this.service.host}:${HTTP_PORT}`;
    this.otlpGrpc = `${this.service.host}:${OTLP_PORT}`;
    if (args.jaeger) this.jaeger = new TempoJaeger(`${name}-jaeger`, { namespace, traces: this }, this.child());

    this.registerOutputs({ queryUrl: this.queryUrl, otlpGrpc: this.otlpGrpc });
  }

  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "http", parent);
  }

  openWrite(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "otlp", parent);
  }

  private createBucket({ bucket }: TempoArgs, consumer: Consumer): BucketHandle | undefined {
    return bucket?.objects.bucket(bucket.name, { consumer, expireDays: bucket.expireDays });
  }

  private createService(
    name: string,
    args: TempoArgs,
    namespace: DomainNamespace,
    store: BucketHandle | undefined,
  ): Service {
    const size = args.size ?? "small";
    const pods = tempoPods(name, {
      ...args,
      size,
      store,
      namespace: namespace.name,
      environment: namespace.environment,
      storageGiB: args.storageGiB ?? tempoStorageGiB(size),
      remoteWriteUrl: args.metrics.remoteWriteUrl,
    });
    const request = { ...pods, image: imageReference(images.tempo), namespace };
    return new Service(name, request, after(this.child(), store?.ready));
  }
}
