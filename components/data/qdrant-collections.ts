import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { Consumer, Handle } from "../kit/capability";
import { metadata, type PodIdentity } from "../kit/labels";
import { after } from "../kit/options";
import type { Service } from "../kit/service";
import { GRPC_PORT, HTTP_PORT } from "./qdrant-pods";

export type CollectionsProtocol = "http" | "grpc";

export interface CollectionsArgs {
  readonly service: Service;
  readonly apiKey: pulumi.Input<string>;
  /** What the names of the consumer's collections begin with. Lower case letters, digits and dashes. */
  readonly prefix: string;
  readonly consumer: Consumer;
  /** @default http */
  readonly protocol?: CollectionsProtocol;
}

/** A consumer's access to Qdrant: its Secret, and its one way to the server. */
export class Collections extends Component implements Handle {
  readonly host: string;
  readonly port: number;
  readonly prefix: string;
  readonly secretName: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: CollectionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:data:Collections", name, after(opts, args.consumer.namespace, args.service));
    checkPrefix(args.prefix);
    const protocol = args.protocol ?? "http";
    this.host = args.service.host;
    this.port = protocol === "http" ? HTTP_PORT : GRPC_PORT;
    this.prefix = args.prefix;
    this.secretName = name;
    this.provider = args.service.pods;

    this.createSecret(name, args);
    args.service.open(args.consumer, protocol, this);

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  private createSecret(name: string, { consumer, apiKey }: CollectionsArgs): void {
    new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(consumer.identity, { name: this.secretName, namespace: consumer.namespace.name }),
        type: "Opaque",
        stringData: {
          host: this.host,
          port: String(this.port),
          url: `http://${this.host}:${this.port}`,
          prefix: this.prefix,
          "api-key": apiKey,
        },
      },
      this.child(),
    );
  }
}

/** The prefix stands in a Secret's name and in collection names. */
function checkPrefix(prefix: string): void {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(prefix)) {
    throw new Error(
      `Collection prefix "${prefix}": allowed are a-z, 0-9 and -, a letter first, at most 31 characters. ` +
        "Choose another prefix.",
    );
  }
}
