import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { imageReference, images } from "../../kit/images";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import { consumerOf, Service } from "../../kit/service";
import type { Size } from "../../kit/sizes";
import type { LogStore, MetricsStore, TraceStore } from "../stores";
import { COLLECTOR } from "./address";
import type { CollectorPart } from "./part";
import { collectorPods, collectorSoftware, OTLP_PORTS } from "./pods";
import { openSenders } from "./senders";

export interface CollectorArgs {
  readonly namespaces: Namespaces;
  /** The cluster's name: part of what everything says about its origin. */
  readonly cluster: string;
  readonly replicas: number;
  /** @default small */
  readonly size?: Size;
  /** Traces that are kept, in percent; those with errors and slow ones always are. @default 100 */
  readonly samplingPercent?: number;
  /** @default - traces are not taken */
  readonly traces?: TraceStore;
  readonly metrics: MetricsStore;
  /** @default - logs over OTLP are not taken */
  readonly logs?: LogStore;
  /** Who sends: each gets its one way. */
  readonly senders: readonly Consumer[];
  /** Other ways in. @default - none */
  readonly parts?: readonly CollectorPart[];
}

/** The OpenTelemetry collector, written natively: takes OTLP, says where it comes from, and passes it on. */
export class Collector extends Component {
  readonly service: Service;
  readonly ready: pulumi.Resource = this;

  constructor(args: CollectorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { name } = COLLECTOR;
    const namespace = args.namespaces.get("observability");
    const stores = [args.traces, args.metrics, args.logs].filter((store) => store !== undefined);
    super("orrery:observability:Collector", name, after(opts, namespace, ...stores.map(({ ready }) => ready)));
    const consumer = consumerOf(name, { ...collectorSoftware, namespace });
    for (const store of stores) store.openWrite(consumer, this);
    this.service = this.createService(args, namespace);
    const { pods: to, identity: owner } = this.service;
    openSenders(name, { senders: args.senders, to, owner, ports: OTLP_PORTS }, this.child());

    this.registerOutputs({ host: this.service.host });
  }

  private createService(args: CollectorArgs, namespace: DomainNamespace): Service {
    const parts = args.parts ?? [];
    const pods = collectorPods({
      ...args,
      parts,
      size: args.size ?? "small",
      samplingPercent: args.samplingPercent ?? 100,
      namespace: namespace.name,
      environment: namespace.environment,
      tracesGrpc: args.traces?.otlpGrpc,
      logsUrl: args.logs?.otlpUrl,
      remoteWriteUrl: args.metrics.remoteWriteUrl,
    });
    const ready = parts.flatMap((part) => part.ready ?? []);
    const request = { ...pods, image: imageReference(images.otelCollector), namespace };
    return new Service(COLLECTOR.name, request, after(this.child(), ...ready));
  }
}
