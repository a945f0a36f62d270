import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../base";
import type { Certificates } from "../../kit/certificates";
import type { ChartSource } from "../../kit/chart";
import { charts } from "../../kit/charts";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace, Namespaces } from "../../kit/namespace";
import { Operator } from "../../kit/operator";
import { after } from "../../kit/options";
import type { Backend } from "../../kit/route";
import type { Size } from "../../kit/sizes";
import { PostgresBackup, type PostgresBackupSettings } from "./backup";
import { clusterPodLabels, INSTANCE_METRICS, instancePodLabels, POOLER_LABEL, POSTGRES_PORT } from "./cluster";
import { createCluster } from "./cluster-resource";
import { Database, type DatabaseArgs } from "./database";
import { postgresIdentity } from "./labels";
import { databaseObjectName } from "./names";
import { OPERATOR_METRICS, postgresOperatorValues, WEBHOOK_PORT } from "./operator";
import { openClusterPaths } from "./paths";
import type { PoolerSettings } from "./pooler";
import { createPooler, type PoolerEndpoint } from "./pooler-resources";
import type { DatabaseServer } from "./server";

export interface PostgresArgs {
  readonly charts: ChartSource;
  readonly namespaces: Namespaces;
  /** Issues the servers' certificate. @default - the operator's own authority, which no client can know */
  readonly certificates?: Certificates;
  /** One primary, the others replicas. @default 1 */
  readonly instances?: number;
  /** Size of each instance's volume in GiB. It may grow, never shrink. */
  readonly storageGiB: number;
  /** Changing it affects new instances only. */
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** PgBouncer in front of the primary, for databases that ask for it. @default - none */
  readonly pooler?: PoolerSettings;
  /** @default - none */
  readonly backup?: PostgresBackupSettings;
}

export type DatabaseOptions = Pick<DatabaseArgs, "extensions" | "consumer" | "pooled">;

/** PostgreSQL with pgvector, run by CloudNativePG. Each service gets a database of its own: `database()`. */
export class Postgres extends Component implements DatabaseServer {
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  readonly instancePods: PodIdentity;
  /** DNS name of the primary. */
  readonly host: string;
  readonly port = POSTGRES_PORT;
  readonly pooler?: PoolerEndpoint;
  readonly certificates?: Certificates;
  private readonly cluster: pulumi.Resource;

  constructor(
    readonly name: string,
    args: PostgresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const namespace = args.namespaces.get("db");
    super("orrery:data:Postgres", name, after(opts, namespace));
    this.namespace = namespace;
    this.identity = postgresIdentity(name, namespace);
    this.instancePods = { namespace: namespace.name, labels: instancePodLabels(name), instance: name };
    this.host = `${name}-rw.${namespace.name}.svc`;
    this.certificates = args.certificates;

    const pods: PodIdentity = { ...this.instancePods, labels: clusterPodLabels(name), without: [POOLER_LABEL] };
    const operator = this.createOperator(args);
    openClusterPaths({ name, owner: this.identity, pods, instancePods: this.instancePods, operator }, this);
    const backup = this.createBackup(args, operator, pods);
    this.cluster = createCluster({ ...args, name, identity: this.identity, namespace, operator, backup }, this.child());
    backup?.schedule(this.child({ dependsOn: [this.cluster] }));
    this.pooler = args.pooler && this.createPooler(args.pooler);
    namespace.telemetry.metrics({ identity: this.identity, pods: this.instancePods, port: INSTANCE_METRICS });

    this.registerOutputs({ host: this.host, port: this.port });
  }

  /** A database with its own role; opens the one way from the consumer to it. */
  database(database: string, options: DatabaseOptions = {}): Database {
    return new Database(
      databaseObjectName(this.name, database),
      { server: this, database, ...options },
      this.child({ dependsOn: [this.cluster] }),
    );
  }

  /** The primary, as what answers behind a port of the gateway. */
  backend(): Backend {
    const { identity, namespace, port, instancePods: pods } = this;
    return { identity, namespace, service: `${this.name}-rw`, port, pods };
  }

  private createOperator({ charts: source, namespaces }: PostgresArgs): Operator {
    const namespace = namespaces.get("cnpg-system");
    const values = postgresOperatorValues(namespace.environment);
    return new Operator(
      `${this.name}-operator`,
      {
        chart: charts.cloudNativePg,
        charts: source,
        namespace,
        values,
        webhookPorts: [WEBHOOK_PORT],
        metrics: { port: OPERATOR_METRICS },
      },
      this.child(),
    );
  }

  /** Before the cluster: an instance that cannot archive its first change does not get ready. */
  private createBackup({ charts, backup }: PostgresArgs, operator: Operator, pods: PodIdentity) {
    const args = { charts, operator, server: this, pods };
    return backup && new PostgresBackup(`${this.name}-backup`, { ...args, ...backup }, this.child());
  }

  private createPooler(settings: PoolerSettings): PoolerEndpoint {
    const { name: cluster, identity, namespace, instancePods } = this;
    const args = { ...settings, cluster, identity, namespace, instancePods };
    return createPooler(args, this.child({ dependsOn: [this.cluster] }));
  }
}
