import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import { consumerSecret } from "../../kit/consumer-secret";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { PodIdentity } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { collectionsJob } from "./collections-job";
import { ALLOWED_PREFIX, MILVUS_PORT, milvusName, prefixProblem, REST_PORT, SOFTWARE } from "./names";
import { connectionKeys, type MilvusServer } from "./server";

export const COLLECTIONS_COMPONENT = "collections";

export type CollectionsProtocol = "grpc" | "http";

export interface CollectionsArgs {
  readonly server: MilvusServer;
  /** Name of the database, with underscores for hyphens. Changing it makes a new, empty one; the old one is kept. */
  readonly prefix: string;
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
  /** How the consumer talks to it. @default grpc */
  readonly protocol?: CollectionsProtocol;
}

/** A database of its own in Milvus, a user who may do everything in it and nothing elsewhere, and one way to it. */
export class Collections extends Component implements Handle {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: CollectionsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer, prefix, protocol = "grpc" } = args;
    const problem = prefixProblem(prefix);
    if (problem !== undefined) {
      throw new Error(
        `Collections "${prefix}" in Milvus: ${problem}. Allowed: ${ALLOWED_PREFIX}. Choose another prefix.`,
      );
    }
    const home = consumer?.namespace ?? server.namespace;
    const authority = server.trust?.(home.name);
    super("orrery:data:MilvusCollections", name, after(opts, home, authority?.ready));
    this.host = server.host;
    this.port = protocol === "grpc" ? MILVUS_PORT : REST_PORT;
    this.database = milvusName(prefix);
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;
    this.provider = server.entry;

    const { result } = new random.RandomPassword(name, { length: 40, special: false }, this.child());
    const { secretName, port, database, caConfigMap } = this;
    const stringData = connectionKeys(
      { host: this.host, port, database, prefix, tls: caConfigMap !== undefined },
      result,
    );
    const beside = consumerSecret(name, { secretName, server, consumer, stringData }, this.child());
    this.createJob(name, args, beside);
    if (consumer !== undefined) this.openPathFrom(consumer, name, protocol);

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  private createJob(name: string, { server }: CollectionsArgs, secret: pulumi.Resource): void {
    const { namespace } = server;
    const authority = server.trust?.(namespace.name);
    new Service(
      `${name}-database`,
      {
        software: SOFTWARE,
        component: COLLECTIONS_COMPONENT,
        version: imageVersion(images.milvus),
        namespace,
        image: imageReference(images.curl),
        ...collectionsJob({
          url: `${authority === undefined ? "http" : "https"}://${server.host}:${REST_PORT}`,
          name: this.database,
          secretName: this.secretName,
          rootSecret: server.rootSecret,
          caConfigMap: authority?.configMap,
        }),
      },
      after(this.child(), secret, authority?.ready),
    );
  }

  private openPathFrom(consumer: Consumer, name: string, protocol: CollectionsProtocol): void {
    openPath(
      `${name}-${consumer.identity.instance}`,
      {
        from: consumer.pods,
        to: this.provider,
        ports: [{ name: protocol, port: this.port }],
        owner: consumer.identity,
      },
      this.child(),
    );
  }
}
