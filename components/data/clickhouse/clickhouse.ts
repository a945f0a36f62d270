import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Consumer } from "../../kit/capability";
import type { Certificates, Trust } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { after } from "../../kit/options";
import type { Size } from "../../kit/sizes";
import { backupBucket, type ClickHouseBackupSettings, createBackupJob } from "./backup";
import { ClickHouseDatabase, type DatabaseServer } from "./database";
import { declareMetrics } from "./metrics";
import { clickhouseIdentity, clientPorts, databaseObjectName, serverPods, userName } from "./names";
import { createCertificate, createServers } from "./objects";
import { ClickHouseOperator } from "./operator";
import { createPasswords } from "./passwords";
import { openServerPaths } from "./paths";

export interface ClickHouseArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Issues the certificate of servers and Keepers. @default - none: plain text inside the cluster */
  readonly certificates?: Certificates;
  /** Parts that the tables are divided into. @default 1 */
  readonly shards?: number;
  /** Copies of each part. @default 1 */
  readonly replicas?: number;
  /** Keepers; without them nothing is replicated. Going from none to some does not replicate what is there. */
  readonly keepers: number;
  /** Size of each server's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it is for new volumes only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** @default - none */
  readonly backup?: ClickHouseBackupSettings;
}

/** ClickHouse with its Keepers, run by Altinity's operator. A service gets a database of its own: `database()`. */
export class ClickHouse extends Component implements DatabaseServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** DNS name of the Service before all servers. */
  readonly host: string;
  /** Of the native protocol. */
  readonly port: number;
  readonly replicated: boolean;
  readonly trust?: (namespace: string) => Trust;
  private readonly servers: pulumi.Resource;

  constructor(name: string, args: ClickHouseArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("db");
    super("orrery:data:ClickHouse", name, after(opts, namespace));
    const { certificates, backup, keepers } = args;
    this.name = name;
    this.namespace = namespace;
    this.identity = clickhouseIdentity(name, namespace);
    this.pods = serverPods(name, namespace.name);
    this.host = `${name}.${namespace.name}.svc`;
    this.port = clientPorts(certificates !== undefined).native.port;
    this.replicated = keepers > 0;
    this.trust = certificates && ((at) => certificates.trust(at));

    const operator = new ClickHouseOperator(
      `${name}-operator`,
      { charts: args.charts, namespaces: args.namespaces, watched: namespace },
      this.child(),
    );
    this.openPaths(args, operator);
    declareMetrics(this, keepers);
    const certificate = createCertificate(this, args, this.child());
    const bucket = backup && backupBucket(this, backup);
    const passwords = createPasswords(name, this.identity, namespace.name, this.child());
    this.servers = createServers(
      { ...args, name, namespace, certificate, bucket },
      after(this.child(), operator, passwords, certificate?.ready, bucket?.ready),
    );
    if (backup !== undefined) {
      createBackupJob(`${name}-backup`, this, backup, this.child({ dependsOn: [this.servers] }));
    }

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A database with a user of its own; opens the one way from the consumer to it. */
  database(
    database: string,
    options: { readonly readOnly?: boolean; readonly consumer?: Consumer } = {},
  ): ClickHouseDatabase {
    return new ClickHouseDatabase(
      databaseObjectName(this.name, userName(database, options.readOnly ?? false)),
      { server: this, database, ...options },
      this.child({ dependsOn: [this.servers] }),
    );
  }

  private openPaths(
    { certificates, backup, keepers, shards = 1, replicas = 1 }: ClickHouseArgs,
    operator: ClickHouseOperator,
  ): void {
    const { name, identity: owner, pods: servers } = this;
    const only = {
      secure: certificates !== undefined,
      copies: shards * replicas,
      keepers,
      backup: backup !== undefined,
    };
    openServerPaths(
      { name, owner, servers, operator: operator.pods, ...only },
      this.child({ dependsOn: [operator.namespace] }),
    );
  }
}
