import * as pulumi from "@pulumi/pulumi";

/** Where a database is, and who owns it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** Keys of the Secret (a Secret's data is secret in the state): the parts, and the URI made of them. */
export function connection({ host, port, database, user }: Endpoint, password: pulumi.Output<string>) {
  return {
    host,
    port: String(port),
    dbname: database,
    username: user,
    user,
    password,
    uri: pulumi.interpolate`postgresql://${user}:${password}@${host}:${port}/${database}?sslmode=require`,
  };
}
