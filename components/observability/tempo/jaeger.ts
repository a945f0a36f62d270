import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { DomainNamespace } from "../../kit/namespace";
import { after } from "../../kit/options";
import { Service, type ServiceArgs } from "../../kit/service";
import { resources } from "../../kit/sizes";
import type { TraceStore } from "../stores";

/** Jaeger's HTTP API, and its web page. */
const QUERY_PORT = 16686;
const ADMIN_PORT = 16687;
/** Jaeger's storage API, between the two containers of a pod alone. */
const STORAGE_ADDRESS = "127.0.0.1:7777";

export interface TempoJaegerArgs {
  readonly namespace: DomainNamespace;
  readonly traces: Pick<TraceStore, "queryUrl" | "openQuery">;
}

/**
 * Jaeger's queries, answered from Tempo in Tempo's own way: jaeger-query asks tempo-query over Jaeger's storage API,
 * and that asks Tempo. Jaeger 1 is the last that speaks this API.
 */
export class TempoJaeger extends Component {
  readonly service: Service;
  /** Base URL of Jaeger's HTTP API inside the cluster. */
  readonly queryUrl: string;

  constructor(name: string, { namespace, traces }: TempoJaegerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:observability:TempoJaeger", name, after(opts, namespace));
    this.service = new Service(name, { ...jaegerPods(traces.queryUrl), namespace }, this.child());
    this.queryUrl = `http://${this.service.host}:${QUERY_PORT}`;
    traces.openQuery(this.service.consumer(), this);

    this.registerOutputs({ queryUrl: this.queryUrl });
  }

  openQuery(consumer: Consumer, parent: pulumi.Resource): void {
    this.service.open(consumer, "query", parent);
  }
}

/** Everything of the service but its namespace. */
export function jaegerPods(tempoUrl: string): Omit<ServiceArgs, "namespace"> {
  return {
    software: "jaeger-query",
    component: "traces",
    version: imageVersion(images.jaegerQuery),
    image: imageReference(images.jaegerQuery),
    ports: [
      { name: "query", port: QUERY_PORT },
      { name: "admin", port: ADMIN_PORT },
    ],
    environment: {
      SPAN_STORAGE_TYPE: "grpc",
      GRPC_STORAGE_SERVER: STORAGE_ADDRESS,
      // It would trace itself into whatever listens at 4317 of its own pod.
      OTEL_TRACES_SAMPLER: "always_off",
    },
    resources: resources(20, 128),
    probes: { ready: { http: "/", port: "admin" }, live: { tcp: "query" } },
    metrics: { port: "admin" },
    runAs: { user: 10001, group: 10001 },
    sidecars: [
      {
        name: "tempo-query",
        image: imageReference(images.tempoQuery),
        environment: { ADDRESS: STORAGE_ADDRESS, BACKEND: new URL(tempoUrl).host },
        resources: resources(20, 64),
      },
    ],
  };
}
