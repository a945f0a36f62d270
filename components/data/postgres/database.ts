import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Component } from "../../base";
import type { Consumer, Handle } from "../../kit/capability";
import { type Identity, metadata, type PodIdentity } from "../../kit/labels";
import { openPath } from "../../kit/network-policy";
import { after } from "../../kit/options";
import { POSTGRES_PORT } from "./cluster";
import { connection } from "./connection";
import { checkDatabaseName } from "./names";
import { createDatabase, createRole } from "./objects";
import { type DatabaseServer, databaseEndpoint } from "./server";

export interface DatabaseArgs {
  readonly server: DatabaseServer;
  /** Database and role have this name. Changing it makes a new, empty database. */
  readonly database: string;
  /** @default - none */
  readonly extensions?: readonly string[];
  /** @default - nobody yet: the Secret is beside the server, and no network path is opened */
  readonly consumer?: Consumer;
  /** Through the pooler. Changing it changes host and network path. @default false */
  readonly pooled?: boolean;
}

/** A database of its own with a role of its own, its Secret where the consumer is, and the consumer's one way to it. */
export class Database extends Component implements Handle {
  readonly host: string;
  readonly port = POSTGRES_PORT;
  readonly database: string;
  /** The role that owns the database. */
  readonly user: string;
  readonly secretName: string;
  readonly secretNamespace: string;
  readonly caConfigMap?: string;
  readonly provider: PodIdentity;
  readonly ready: pulumi.Resource = this;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { server, consumer } = args;
    const home = consumer?.namespace ?? server.namespace;
    const endpoint = databaseEndpoint(server, args.database, args.pooled ?? false);
    const authority = server.certificates?.trust(home.name);
    super("orrery:data:Database", name, after(opts, home, authority?.ready, endpoint.ready));
    checkDatabaseName(args.database);
    this.host = endpoint.host;
    this.database = args.database;
    this.user = args.database;
    this.provider = endpoint.pods;
    this.secretName = name;
    this.secretNamespace = home.name;
    this.caConfigMap = authority?.configMap;

    const password = createPassword(name, this);
    const secret = this.createSecret(name, server.identity, server.namespace.name, password);
    if (consumer !== undefined && this.secretNamespace !== server.namespace.name) {
      this.createSecret(`${name}-consumer`, consumer.identity, this.secretNamespace, password);
    }
    const role = createRole(name, server, this, this.child({ dependsOn: [secret] }));
    createDatabase(name, server, args, this.child({ dependsOn: [role] }));
    if (consumer !== undefined) {
      this.openPathFrom(consumer, name);
    }

    this.registerOutputs({ host: this.host, port: this.port, database: this.database, secretName: this.secretName });
  }

  private createSecret(
    name: string,
    identity: Identity,
    namespace: string,
    password: pulumi.Output<string>,
  ): k8s.core.v1.Secret {
    return new k8s.core.v1.Secret(
      name,
      {
        metadata: metadata(identity, {
          name: this.secretName,
          namespace,
          // The operator sets the role's password again when the Secret changes.
          labels: { "cnpg.io/reload": "true" },
        }),
        type: "kubernetes.io/basic-auth",
        stringData: connection(this, password),
      },
      this.child(),
    );
  }

  private openPathFrom(consumer: Consumer, name: string): void {
    openPath(
      `${name}-${consumer.identity.instance}`,
      {
        from: consumer.pods,
        to: this.provider,
        ports: [{ name: "postgres", port: POSTGRES_PORT }],
        owner: consumer.identity,
      },
      this.child(),
    );
  }
}

/** Letters and digits only: it stands in a URI. */
function createPassword(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length: 32, special: false }, { parent }).result;
}
