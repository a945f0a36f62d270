import type * as pulumi from "@pulumi/pulumi";
import { neo4jUri } from "./client";

export interface GraphEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** @default - plain text */
  readonly caConfigMap?: string;
}

/** Keys of the Secret: the parts, and the variables that Neo4j's own examples and tools read. */
export function connection(endpoint: GraphEndpoint, password: pulumi.Output<string>) {
  const { host, port, user, database, caConfigMap } = endpoint;
  const uri = neo4jUri(host, caConfigMap !== undefined);
  return {
    host,
    port: String(port),
    uri,
    username: user,
    password,
    database,
    NEO4J_URI: uri,
    NEO4J_USERNAME: user,
    NEO4J_PASSWORD: password,
    NEO4J_DATABASE: database,
  };
}
