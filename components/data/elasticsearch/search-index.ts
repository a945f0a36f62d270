import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import type { Trust } from "../../kit/certificates";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { Service } from "../../kit/service";
import { HTTP_PORT } from "./cluster";
import { indexJob } from "./index-job";
import { type IndexFacts, indexObjectName } from "./index-rules";
import { checkIndexName } from "./names";

/** What an index needs to know of the cluster that it is in. */
export interface SearchServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  readonly url: string;
  /** The authority of the server's certificate, in a namespace. @default - plain HTTP */
  readonly trust?: (namespace: string) => Trust;
}

export interface SearchIndexArgs extends IndexFacts {
  readonly server: SearchServer;
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
}

/** An index or data stream with a user of its own, its Secret where the consumer is, and the consumer's one way to it. */
export class SearchIndex extends Component implements Handle {
  readonly host: string;
  readonly port = HTTP_PORT;
  readonly index: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: SearchIndexArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer } = args;
    const home = consumer?.namespace ?? server.namespace;
    const authority = server.trust?.(home.name);
    super("orrery:data:SearchIndex", name, after(opts, home, authority?.ready));
    checkIndexName(args.index);
    this.host = server.host;
    this.index = args.index;
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;
    this.provider = server.pods;

    const { result: password } = new random.RandomPassword(name, { length: 32, special: false }, { parent: this });
    const secret = this.createSecret(name, server, server.namespace, server.identity, password);
    if (consumer !== undefined && home.name !== server.namespace.name) {
      this.createSecret(`${name}-consumer`, server, home, consumer.identity, password);
    }
    this.createJob(args, secret);
    if (consumer !== undefined) {
      openPath(
        `${name}-${consumer.identity.instance}`,
        { from: consumer.pods, to: server.pods, ports: [{ name: "http", port: HTTP_PORT }], owner: consumer.identity },
        this.child(),
      );
    }

    this.registerOutputs({ host: this.host, port: this.port, index: this.index, secretName: this.secretName });
  }

  private createSecret(
    name: string,
    { host, url }: SearchServer,
    namespace: DomainNamespace,
    owner: Identity,
    password: pulumi.Output<string>,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(owner, { name: this.secretName, namespace: namespace.name }),
        type: "Opaque",
        stringData: {
          host,
          port: String(HTTP_PORT),
          url,
          username: indexObjectName(this.index),
          password,
          index: this.index,
        },
      },
      this.child(),
    );
  }

  /** Without a ttl: it is a resource of the stack, and what removes itself would be made again by the next refresh. */
  private createJob({ server, consumer: _, ...facts }: SearchIndexArgs, secret: pulumi.Resource): void {
    const { name: cluster, url, namespace } = server;
    const authority = server.trust?.(namespace.name);
    const job = indexJob({
      ...facts,
      cluster,
      url,
      caConfigMap: authority?.configMap,
      secretName: this.secretName,
    });
    new Service(indexObjectName(this.index), { ...job, namespace }, after(this.child(), secret, authority?.ready));
  }
}
