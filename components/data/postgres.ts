import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { Consumer } from "../kit/capability";
import type { ChartSource } from "../kit/chart";
import { images, imageVersion } from "../kit/images";
import { type Identity, labels, metadata, type PodIdentity } from "../kit/labels";
import type { DomainNamespace, Namespaces } from "../kit/namespace";
import { openApiServer, openPath, openPeers } from "../kit/network-policy";
import { after } from "../kit/options";
import type { Backend } from "../kit/route";
import type { Size } from "../kit/sizes";
import { PostgresBackup, type PostgresBackupSettings } from "./postgres-backup";
import { clusterPodLabels, POSTGRES_PORT, postgresClusterSpec, STATUS_PORT } from "./postgres-cluster";
import { Database, type DatabaseServer } from "./postgres-database";
import { databaseObjectName } from "./postgres-names";
import { PostgresOperator } from "./postgres-operator";

export interface PostgresArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** One primary, the others replicas. @default 1 */
  readonly instances?: number;
  /** Size of each instance's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it affects new instances only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** @default - none */
  readonly backup?: PostgresBackupSettings;
}

/** PostgreSQL with pgvector, run by CloudNativePG. Each service gets a database of its own: `database()`. */
export class Postgres extends Component implements DatabaseServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly pods: PodIdentity;
  /** DNS name of the primary. */
  readonly host: string;
  readonly port = POSTGRES_PORT;
  private readonly cluster: pulumi.Resource;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespace = args.namespaces.get("db");
    super("orrery:data:Postgres", name, after(opts, namespace));
    this.name = name;
    this.namespace = namespace;
    this.identity = postgresIdentity(name, namespace);
    this.pods = { namespace: namespace.name, labels: clusterPodLabels(name), instance: name };
    this.host = `${name}-rw.${namespace.name}.svc`;

    const operator = new PostgresOperator(
      `${name}-operator`,
      { charts: args.charts, namespace: args.namespaces.get("cnpg-system") },
      this.child(),
    );
    this.openPaths(operator);
    const backup = this.createBackup(args, operator);
    this.cluster = this.createCluster(args, operator, backup);
    backup?.schedule(this.child({ dependsOn: [this.cluster] }));

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A database with its own role; opens the one way from the consumer to it. */
  database(
    database: string,
    options: { readonly extensions?: readonly string[]; readonly consumer?: Consumer } = {},
  ): Database {
    return new Database(
      databaseObjectName(this.name, database),
      { server: this, database, ...options },
      this.child({ dependsOn: [this.cluster] }),
    );
  }

  /** The primary, as what answers behind a port of the gateway. */
  backend(): Backend {
    const { identity, namespace, port, pods } = this;
    return { identity, namespace, service: `${this.name}-rw`, port, pods };
  }

  /** Before the cluster: an instance that cannot reach the API server or its operator never gets ready. */
  private openPaths(operator: PostgresOperator): void {
    const owner = this.identity;
    const postgres = { name: "postgres", port: POSTGRES_PORT };
    const status = { name: "status", port: STATUS_PORT };
    openPath(
      `${this.name}-operator`,
      { from: operator.pods, to: this.pods, ports: [status, postgres], owner },
      this.child({ dependsOn: [operator.namespace] }),
    );
    // Replication, and the primary's question to its replicas whether it is cut off.
    openPeers(`${this.name}-peers`, { pods: this.pods, ports: [postgres, status], owner }, this.child());
    openApiServer(`${this.name}-api-server`, { pods: this.pods, owner }, this.child());
  }

  /** Before the cluster: an instance that cannot archive its first change does not get ready. */
  private createBackup({ charts, backup }: PostgresArgs, operator: PostgresOperator): PostgresBackup | undefined {
    return (
      backup && new PostgresBackup(`${this.name}-backup`, { charts, operator, server: this, ...backup }, this.child())
    );
  }

  private createCluster(args: PostgresArgs, operator: PostgresOperator, backup?: PostgresBackup): pulumi.Resource {
    const spec = postgresClusterSpec(this.name, {
      instances: args.instances ?? 1,
      storageGiB: args.storageGiB,
      size: args.size ?? "small",
      storageClass: args.storageClass,
      environment: this.namespace.environment,
      labels: ownLabels(this.identity),
      archive: backup?.archive,
    });
    return new k8s.apiextensions.CustomResource(
      this.name,
      {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        metadata: metadata(this.identity, {
          namespace: this.namespace.name,
          labels: { "orrery.dev/stateful": "true" },
          annotations: { "pulumi.com/waitFor": "condition=Ready" },
        }),
        spec,
      },
      this.child({
        dependsOn: backup ? [operator, backup] : [operator],
        customTimeouts: { create: "20m", update: "20m" },
      }),
    );
  }
}

function postgresIdentity(name: string, namespace: DomainNamespace): Identity {
  return {
    name: "postgres",
    instance: name,
    component: "database",
    domain: namespace.name,
    version: imageVersion(images.postgres),
  };
}

/** Ours alone: the operator sets the recommended app.kubernetes.io labels on its pods itself. */
function ownLabels(identity: Identity): Record<string, string> {
  return Object.fromEntries(Object.entries(labels(identity)).filter(([key]) => key.startsWith("orrery.dev/")));
}
