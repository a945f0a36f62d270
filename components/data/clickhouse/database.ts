import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import type { Trust } from "../../kit/certificates";
import { consumerSecret } from "../../kit/consumer-secret";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { connection } from "./connection";
import { createDatabaseJob } from "./database-job";
import { checkDatabaseName, clientPorts, databaseObjectName, userName } from "./names";

/** What a database needs to know of the server that it is in. */
export interface DatabaseServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  /** There are Keepers: databases and users are on every replica. */
  readonly replicated: boolean;
  /** The authority of the server's certificate in a namespace. @default - plain text */
  readonly trust?: (namespace: string) => Trust;
}

export interface DatabaseArgs {
  readonly server: DatabaseServer;
  /** Changing it makes a new, empty database; the old one is kept. */
  readonly database: string;
  /** The user may read, and nothing else. It is another user than the one that writes. @default false */
  readonly readOnly?: boolean;
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
}

/** A database and a user of it, its Secret where the consumer is, and the consumer's one way to the server. */
export class ClickHouseDatabase extends Component implements Handle {
  readonly host: string;
  /** Of the native protocol. */
  readonly port: number;
  readonly httpPort: number;
  readonly database: string;
  readonly user: string;
  readonly secure: boolean;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer, database, readOnly = false } = args;
    const home = consumer?.namespace ?? server.namespace;
    const authority = server.trust?.(home.name);
    super("orrery:data:ClickHouseDatabase", name, after(opts, home, authority?.ready));
    checkDatabaseName(database);
    this.secure = server.trust !== undefined;
    const { native, http } = clientPorts(this.secure);
    this.host = server.host;
    this.port = native.port;
    this.httpPort = http.port;
    this.database = database;
    this.user = userName(database, readOnly);
    this.provider = server.pods;
    this.secretName = databaseObjectName(server.name, this.user);
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;

    const password = new random.RandomPassword(name, { length: 40, special: false }, { parent: this }).result;
    const { secretName } = this;
    const stringData = connection(this, password);
    const beside = consumerSecret(name, { secretName, server, consumer, stringData }, this.child());
    createDatabaseJob(
      this.secretName,
      { server, database, user: this.user, readOnly, secretName: this.secretName },
      after(this.child(), beside),
    );
    if (consumer !== undefined) {
      openPath(
        `${name}-${consumer.identity.instance}`,
        { from: consumer.pods, to: server.pods, ports: [native, http], owner: consumer.identity },
        this.child(),
      );
    }

    this.registerOutputs({ host: this.host, port: this.port, database: this.database, secretName: this.secretName });
  }
}
