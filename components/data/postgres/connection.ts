import * as pulumi from "@pulumi/pulumi";

/** Where a database is, and who owns it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** ConfigMap with the authority's certificate beside the Secret. @default - the server's certificate is nobody's */
  readonly caConfigMap?: string;
}

/**
 * Keys of the Secret (a Secret's data is secret in the state): the parts, and the URI made of them. `sslmode` is the
 * strictest that works; the URI has the one that works without the authority's certificate, whose file a URI would have
 * to name.
 */
export function connection({ host, port, database, user, caConfigMap }: Endpoint, password: pulumi.Output<string>) {
  return {
    host,
    port: String(port),
    dbname: database,
    username: user,
    user,
    password,
    sslmode: caConfigMap === undefined ? "require" : "verify-full",
    uri: pulumi.interpolate`postgresql://${user}:${password}@${host}:${port}/${database}?sslmode=require`,
  };
}
