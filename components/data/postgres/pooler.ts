import { imageReference, images } from "../../kit/images";
import { priorities } from "../../kit/priorities";
import { type Environment, resources } from "../../kit/sizes";
import { POOLER_LABEL } from "./cluster";

/** PgBouncer's exporter, which its manager is. */
export const POOLER_METRICS = { name: "metrics", port: 9127 } as const;

export type PoolMode = "transaction" | "session";

/** Settings of the pooler. */
export interface PoolerSettings {
  /** PgBouncers. @default 2 in prod, 1 in dev */
  readonly instances?: number;
  /** When a connection to PostgreSQL is given to another client. @default transaction */
  readonly mode?: PoolMode;
  /** Connections of clients to each PgBouncer. @default 1000 */
  readonly maxClientConnections?: number;
  /** Connections of each PgBouncer to PostgreSQL, for each database. @default 20 */
  readonly poolSize?: number;
}

export interface PoolerFacts extends PoolerSettings {
  readonly environment: Environment;
  /** Labels of the pods. */
  readonly labels: Readonly<Record<string, string>>;
}

export function poolerName(cluster: string): string {
  return `${cluster}-pooler`;
}

export function poolerInstances({ instances, environment }: Pick<PoolerFacts, "instances" | "environment">): number {
  return instances ?? (environment === "prod" ? 2 : 1);
}

/** By this label the pods of a pooler are known. */
export function poolerPodLabels(name: string): Record<string, string> {
  return { [POOLER_LABEL]: name };
}

/**
 * Spec of the postgresql.cnpg.io/v1 Pooler. PgBouncer asks PostgreSQL for the digest of a client's password, as a user
 * of the operator with a certificate, and goes on as the role itself: there are no passwords in it.
 */
export function poolerSpec(cluster: string, facts: PoolerFacts) {
  const { environment, labels, mode = "transaction", maxClientConnections = 1000, poolSize = 20 } = facts;
  const instances = poolerInstances(facts);
  return {
    cluster: { name: cluster },
    instances,
    type: "rw",
    deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    pgbouncer: {
      poolMode: mode,
      image: imageReference(images.pgbouncer),
      parameters: {
        max_client_conn: String(maxClientConnections),
        default_pool_size: String(poolSize),
        // Prepared statements of a client follow it to another connection.
        max_prepared_statements: "200",
        // A transaction that nobody ends would hold its connection for ever.
        idle_transaction_timeout: "300",
        client_tls_sslmode: "require",
      },
    },
    template: {
      metadata: { labels: { ...labels, "orrery.dev/metrics-port": POOLER_METRICS.name } },
      spec: {
        priorityClassName: priorities.data.name,
        terminationGracePeriodSeconds: 120,
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  topologyKey: "kubernetes.io/hostname",
                  labelSelector: { matchLabels: poolerPodLabels(poolerName(cluster)) },
                },
              },
            ],
          },
        },
        // Each connection of a client takes a few KiB.
        containers: [{ name: "pgbouncer", resources: resources(environment === "prod" ? 100 : 25, 128) }],
      },
    },
  };
}
