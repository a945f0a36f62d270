import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import type { Certificates } from "../../kit/certificates";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { inboxPrefix, objectName } from "./names";
import { createJetStreamObject, type Stream } from "./stream";
import { consumerSpec } from "./streams";
import { CLIENT_PORT } from "./values";

/** What a client needs to know of the servers. */
export interface NatsServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  readonly certificates?: Certificates;
}

export interface ClientAccessArgs {
  /** Streams that it writes to. @default - none */
  readonly publish?: readonly Stream[];
  /** Streams that it reads, each by a consumer of the client's name. @default - none */
  readonly subscribe?: readonly Stream[];
  /** @default - nobody yet: the Secret is beside the servers, and no network path is opened */
  readonly consumer?: Consumer;
}

export interface ClientArgs extends ClientAccessArgs {
  readonly server: NatsServer;
  /** Name of the client, its user and its consumers. */
  readonly client: string;
  readonly password: pulumi.Output<string>;
}

/** A client's access: its Secret where it runs, its consumers, and its one way to the servers. */
export class Client extends Component implements Handle {
  readonly host: string;
  readonly port = CLIENT_PORT;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: ClientArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer } = args;
    const at = consumer?.namespace ?? server.namespace;
    const trust = server.certificates?.trust(at.name);
    super("orrery:data:NatsClient", name, after(opts, at, trust?.ready));
    this.host = server.host;
    this.provider = server.pods;
    this.secretName = name;
    this.secretNamespace = at.name;
    this.caConfigMap = trust?.configMap;

    this.createSecret(name, args);
    this.createConsumers(args);
    if (consumer !== undefined) {
      const ports = [{ name: "nats", port: CLIENT_PORT }];
      openPath(name, { from: consumer.pods, to: server.pods, ports, owner: consumer.identity }, this.child());
    }

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  private createSecret(name: string, { server, consumer, client, password, publish, subscribe }: ClientArgs): void {
    const scheme = this.caConfigMap === undefined ? "nats" : "tls";
    const names = (streams: readonly Stream[] = []) => streams.map(({ stream }) => stream).join(",");
    new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata((consumer ?? server).identity, { name: this.secretName, namespace: this.secretNamespace }),
        type: "Opaque",
        stringData: {
          host: this.host,
          port: String(this.port),
          url: `${scheme}://${this.host}:${this.port}`,
          username: client,
          password: pulumi.secret(password),
          "inbox-prefix": inboxPrefix(client),
          consumer: client,
          "publish-streams": names(publish),
          "subscribe-streams": names(subscribe),
        },
      },
      this.child(),
    );
  }

  private createConsumers({ server, client, subscribe = [] }: ClientArgs): void {
    for (const stream of subscribe) {
      // A dot, which neither of the two can have: no two pairs make one name.
      const name = `${objectName(stream.stream)}.${client}`;
      const spec = consumerSpec(stream.stream, client);
      createJetStreamObject(
        `${server.identity.instance}-${name}`,
        "Consumer",
        { name, owner: server.identity, namespace: server.namespace.name, spec },
        this.child({ dependsOn: [stream] }),
      );
    }
  }
}
