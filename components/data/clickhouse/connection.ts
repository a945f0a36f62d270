import * as pulumi from "@pulumi/pulumi";

/** Where a database is, and who may do what in it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly database: string;
  readonly user: string;
  /** The server has a certificate. */
  readonly secure: boolean;
}

/** Keys of the Secret: the parts, and the addresses made of them for clients of each protocol. */
export function connection(
  { host, port, httpPort, database, user, secure }: Endpoint,
  password: pulumi.Output<string>,
) {
  const scheme = secure ? "https" : "http";
  return {
    host,
    port: String(port),
    "http-port": String(httpPort),
    secure: String(secure),
    username: user,
    password,
    database,
    // Native protocol; clickhouse-client, clickhouse-go and the Python driver take it.
    url: pulumi.interpolate`clickhouse://${user}:${password}@${host}:${port}/${database}${secure ? "?secure=true" : ""}`,
    "http-url": pulumi.interpolate`${scheme}://${user}:${password}@${host}:${httpPort}/?database=${database}`,
    jdbc: `jdbc:clickhouse:${scheme}://${host}:${httpPort}/${database}${secure ? "?ssl=true" : ""}`,
  };
}
