import type * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../../kit/certificates";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { PoolerEndpoint } from "./pooler-resources";

/** What a database needs to know of the cluster that it is in. */
export interface DatabaseServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  /** The servers themselves. */
  readonly instancePods: PodIdentity;
  readonly host: string;
  /** @default - databases are taken without a pooler */
  readonly pooler?: PoolerEndpoint;
  /** Whose authority signed the servers' certificate. @default - the operator's own, which nobody knows */
  readonly certificates?: Certificates;
}

type DatabaseEndpoint = Pick<PoolerEndpoint, "host" | "pods"> & { readonly ready?: pulumi.Resource };

/** Where the clients of a database connect to. */
export function databaseEndpoint(server: DatabaseServer, database: string, pooled: boolean): DatabaseEndpoint {
  if (!pooled) {
    return { host: server.host, pods: server.instancePods };
  }
  if (server.pooler === undefined) {
    throw new Error(
      `Database "${database}" is asked for through the pooler, and there is none: ` +
        "set orrery:services.postgres.pooler.enabled to true.",
    );
  }
  return server.pooler;
}
