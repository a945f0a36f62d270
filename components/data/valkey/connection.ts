import * as pulumi from "@pulumi/pulumi";
import { PRIMARY_NAME, SENTINEL_PORT } from "./config";

/** Where a cache is, and who asks. */
export interface CacheEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyPrefix: string;
  readonly encrypted: boolean;
  /** All servers, where Sentinels watch over them; empty for a single one. */
  readonly sentinelHosts: readonly string[];
}

/** Keys of the Secret (a Secret's data is secret in the state). */
export function connection(endpoint: CacheEndpoint, password: pulumi.Output<string>) {
  const { host, port, user, keyPrefix, encrypted, sentinelHosts } = endpoint;
  const scheme = encrypted ? "rediss" : "redis";
  return {
    host,
    port: String(port),
    username: user,
    password,
    uri: pulumi.interpolate`${scheme}://${user}:${password}@${host}:${port}/0`,
    tls: String(encrypted),
    "key-prefix": keyPrefix,
    ...(sentinelHosts.length === 0
      ? {}
      : {
          "sentinel-hosts": sentinelHosts.map((each) => `${each}:${SENTINEL_PORT}`).join(","),
          "sentinel-master": PRIMARY_NAME,
        }),
  };
}
