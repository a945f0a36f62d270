import type * as pulumi from "@pulumi/pulumi";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";

/** What a consumer's collections need to know of the Milvus that they are in. */
export interface MilvusServer {
  readonly name: string;
  readonly identity: Identity;
  readonly namespace: DomainNamespace;
  /** The pods that clients talk to. */
  readonly entry: PodIdentity;
  readonly host: string;
  /** Secret with the administrator's `root-password`. */
  readonly rootSecret: string;
  /** The authority of the server's certificate in a namespace. @default - plain text */
  readonly trust?: (namespace: string) => { readonly configMap: string; readonly ready: pulumi.Resource };
}

/** Where a consumer connects, and as who. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly database: string;
  readonly prefix: string;
}

/** Keys as pymilvus and the other clients call them: `uri` with `token`, or host, port, user and password. */
export function connectionKeys({ host, port, tls, database, prefix }: Connection, password: pulumi.Output<string>) {
  // The user is called like the database.
  const username = database;
  return {
    host,
    port: String(port),
    uri: `${tls ? "https" : "http"}://${host}:${port}`,
    username,
    password,
    token: password.apply((value) => `${username}:${value}`),
    database,
    prefix,
  };
}
