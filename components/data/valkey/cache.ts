import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { base64, consumerFiles } from "./acl";
import { connection } from "./connection";
import { cacheNameProblem } from "./names";
import type { CacheServer } from "./server";

export interface CacheOptions {
  /** @default - nobody yet: the Secret is beside the servers, and no network path is opened */
  readonly consumer?: Consumer;
  /** It keeps what may not be lost: a queue, sessions. Only servers that evict nothing take it. @default false */
  readonly durable?: boolean;
}

export interface CacheArgs extends CacheOptions {
  readonly server: CacheServer;
  /** Name of the user, and with a colon what its keys and channels begin with. Changing it loses sight of the keys. */
  readonly cache: string;
}

/** A part of Valkey: a user of its own for the keys that begin with its name, its Secret, and the consumer's one way. */
export class Cache extends Component implements Handle {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyPrefix: string;
  readonly sentinelHosts: readonly string[];
  readonly encrypted: boolean;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer, cache } = args;
    const home = consumer?.namespace ?? server.namespace;
    const authority = server.certificates?.trust(home.name);
    super("orrery:data:Cache", name, after(opts, home, authority?.ready));
    checkCache(args);
    this.host = server.host;
    this.port = server.port;
    this.user = cache;
    this.keyPrefix = `${cache}:`;
    this.sentinelHosts = server.sentinelHosts;
    this.encrypted = authority !== undefined;
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;
    this.provider = server.pods;

    const { result: password } = new random.RandomPassword(name, { length: 32, special: false }, this.child());
    this.createUser(name, server, password);
    this.createSecret(name, consumer?.identity ?? server.identity, password, server.service);
    if (consumer !== undefined) {
      const ports = server.clientPorts;
      openPath(
        `${name}-${consumer.identity.instance}`,
        { from: consumer.pods, to: server.pods, ports, owner: consumer.identity },
        this.child(),
      );
    }

    this.registerOutputs({ host: this.host, port: this.port, secretName: this.secretName });
  }

  /** Its lines join those of the others in one Secret; the servers read it again when it changes. */
  private createUser(name: string, server: CacheServer, password: pulumi.Output<string>): void {
    const files = password.apply((plain) => consumerFiles(this.user, this.keyPrefix, plain));
    new k8s.core.v1.SecretPatch(
      `${name}-user`,
      {
        // The labels that it has: the last one to say so takes them away.
        metadata: metadata(server.identity, { name: server.usersSecret, namespace: server.namespace.name }),
        data: files.apply(base64),
      },
      // Not after the servers: those that start now find it there.
      this.child({ dependsOn: [server.users] }),
    );
  }

  private createSecret(name: string, owner: Identity, password: pulumi.Output<string>, servers: pulumi.Resource): void {
    new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(owner, { name: this.secretName, namespace: this.secretNamespace }),
        type: "Opaque",
        stringData: connection(this, password),
      },
      this.child({ dependsOn: [servers] }),
    );
  }
}

function checkCache({ cache, durable = false, server: { eviction } }: CacheArgs): void {
  const problem = cacheNameProblem(cache);
  if (problem !== undefined) {
    throw new Error(`Cache "${cache}": ${problem}. Choose another name.`);
  }
  if (durable && eviction !== "noeviction") {
    throw new Error(
      `Cache "${cache}" keeps what may not be lost, but the servers evict keys (${eviction}). ` +
        "Set orrery:services.valkey.eviction to noeviction.",
    );
  }
}
