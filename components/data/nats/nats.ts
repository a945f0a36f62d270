import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import { chartIdentity, type Identity, type PodIdentity, podIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Size } from "../../kit/sizes";
import type { Accounts } from "./accounts";
import { backupConsumer, NatsBackup, type NatsBackupSettings } from "./backup";
import { Client, type ClientAccessArgs, type NatsServer } from "./client";
import { createController } from "./create-controller";
import { createServers } from "./create-servers";
import { OWN_USERS, objectName } from "./names";
import { backupPermissions, clientPermissions, type Permissions } from "./permissions";
import { Stream } from "./stream";
import type { StreamDefinition } from "./streams";
import { addUser, createUsers } from "./users";
import { CLIENT_PORT, fileStoreMiB } from "./values";

export interface NatsArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Issues the servers' certificate. @default - none: plain text inside the cluster */
  readonly certificates?: Certificates;
  /** Servers; more than one vote (Raft), so an odd number. @default 1 */
  readonly replicas?: number;
  /** Size of each server's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** What streams in memory may take of each server, in MiB. @default 128 */
  readonly memoryStorageMiB?: number;
  /** Changing it is for new volumes. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** @default - none */
  readonly backup?: NatsBackupSettings;
}

/** NATS with JetStream. Streams are made by NACK: `stream()`. Each service gets a user of its own: `client()`. */
export class Nats extends Component implements NatsServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  readonly host: string;
  readonly port = CLIENT_PORT;
  readonly url: string;
  readonly certificates?: Certificates;
  private readonly name: string;
  private readonly servers: number;
  private readonly accounts: Accounts;
  private readonly running: pulumi.Resource;

  constructor(name: string, args: NatsArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("broker");
    super("orrery:data:Nats", name, after(opts, namespace));
    this.name = name;
    this.namespace = namespace;
    this.identity = chartIdentity(charts.nats, { instance: name, component: "nats", domain: namespace.name });
    this.pods = podIdentity(this.identity, namespace.name);
    this.host = `${name}.${namespace.name}.svc`;
    this.certificates = args.certificates;
    this.url = `${args.certificates ? "tls" : "nats"}://${this.host}:${CLIENT_PORT}`;
    this.servers = args.replicas ?? 1;

    const users = createUsers(name, { owner: this.identity, namespace: namespace.name }, this.child());
    this.accounts = users.accounts;
    const servers = createServers(name, { ...args, server: this, users: users.accounts }, this.child());
    this.running = createController(
      `${name}-controller`,
      { charts: args.charts, server: this, url: this.url, key: users.controller },
      this.child({ dependsOn: [servers] }),
    );
    this.createBackup(args);

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A stream of its own. Declare it once; every client of it gets the handle. */
  stream(definition: StreamDefinition): Stream {
    const { identity: owner, namespace, servers } = this;
    const name = `${this.name}-${objectName(definition.name)}`;
    const args = { definition, servers, owner, namespace: namespace.name };
    return new Stream(name, args, this.child({ dependsOn: [this.running] }));
  }

  /** A user that writes to and reads from these streams and nothing else; opens the one way from the consumer. */
  client(client: string, access: ClientAccessArgs): Client {
    const { publish = [], subscribe = [] } = access;
    return this.createClient(client, clientPermissions({ client, publish, subscribe }), access);
  }

  private createClient(client: string, permissions: Permissions, access: ClientAccessArgs): Client {
    const name = `${this.name}-${client}`;
    const user = { name: client, passwordName: `${this.name}-client-${client}`, permissions };
    const password = addUser(this.accounts, user, this.child());
    return new Client(name, { server: this, client, password, ...access }, this.child({ dependsOn: [this.running] }));
  }

  private createBackup({ backup, storageGiB }: NatsArgs): void {
    if (backup === undefined) return;
    const { namespace, url } = this;
    const name = `${this.name}-backup`;
    const consumer = backupConsumer(name, namespace);
    const client = this.createClient(OWN_USERS.backup, backupPermissions(OWN_USERS.backup), { consumer });
    new NatsBackup(
      name,
      { ...backup, namespace, client, url, scratchMiB: fileStoreMiB(storageGiB) },
      this.child({ dependsOn: [this.running] }),
    );
  }
}
