import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import type { ServerCertificate } from "../../kit/server-certificate";
import type { Acl } from "./acls";
import { connection, type KafkaEndpoint } from "./connection";
import { createEntity } from "./entity";
import { USER_NAME, userSecretName } from "./names";

/** What a user needs to know of the cluster that it is in. */
export interface KafkaServer extends KafkaEndpoint {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly certificate?: ServerCertificate;
}

export interface KafkaUserArgs {
  readonly server: KafkaServer;
  /** Changing it makes a new user with a new password. */
  readonly user: string;
  readonly acls: readonly Acl[];
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
}

/** A user with a password of its own and the rights that it asked for, its Secret, and the consumer's way to the brokers. */
export class KafkaUser extends Component implements Handle {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: KafkaUserArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, user, acls, consumer } = args;
    const namespace = consumer?.namespace ?? server.namespace;
    const trust = server.certificate?.trust(namespace.name);
    super("orrery:data:KafkaUser", name, after(opts, consumer?.namespace, trust?.ready));
    checkUserName(user);
    this.host = server.host;
    this.port = server.port;
    this.user = user;
    this.provider = server.pods;
    this.secretName = userSecretName(server.name, user);
    this.secretNamespace = namespace.name;
    this.caConfigMap = trust?.configMap;

    const { result: password } = new random.RandomPassword(name, { length: 32, special: false }, this.child());
    const content = connection(server, user, password);
    const secret = this.createSecret(name, server.identity, server.namespace.name, content);
    if (namespace.name !== server.namespace.name) {
      this.createSecret(`${name}-consumer`, consumer?.identity ?? server.identity, namespace.name, content);
    }
    const spec = userSpec(this.secretName, acls);
    createEntity(name, "KafkaUser", user, { server, spec }, this.child({ dependsOn: [secret] }));
    if (consumer !== undefined) this.openPathFrom(consumer, name);

    this.registerOutputs({ host: this.host, port: this.port, user, secretName: this.secretName });
  }

  private createSecret(
    name: string,
    identity: Identity,
    namespace: string,
    stringData: ReturnType<typeof connection>,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      name,
      { metadata: metadata(identity, { name: this.secretName, namespace }), type: "Opaque", stringData },
      this.child(),
    );
  }

  /** To all brokers: a client talks to whichever has the partition. */
  private openPathFrom(consumer: Consumer, name: string): void {
    const ports = [{ name: "kafka", port: this.port }];
    openPath(
      `${name}-${consumer.identity.instance}`,
      { from: consumer.pods, to: this.provider, ports, owner: consumer.identity },
      this.child(),
    );
  }
}

/** Spec of the kafka.strimzi.io/v1 KafkaUser: the password is ours, so that it survives the cluster. */
export function userSpec(secretName: string, acls: readonly Acl[]) {
  return {
    authentication: {
      type: "scram-sha-512",
      password: { valueFrom: { secretKeyRef: { name: secretName, key: "password" } } },
    },
    authorization: { type: "simple", acls },
  };
}

function checkUserName(user: string): void {
  if (!USER_NAME.test(user)) {
    throw new Error(
      `Kafka user "${user}": allowed are a-z, 0-9 and hyphens, a letter first, at most 40 characters. Choose another name.`,
    );
  }
}
