import type { Eviction } from "./names";
import { commonScript, readyScript, sentinelReadyScript, sentinelScript, serverScript } from "./scripts";

export const VALKEY_PORT = 6379;
export const SENTINEL_PORT = 26379;

/** Where things are in the containers. */
export const paths = {
  config: "/etc/valkey",
  users: "/etc/valkey-users",
  credentials: "/etc/valkey-credentials",
  certificates: "/etc/valkey-certificates",
  run: "/run/valkey",
  data: "/data",
} as const;

/** Name of the primary for Sentinel and its clients. */
export const PRIMARY_NAME = "primary";

export interface ConfigFacts {
  readonly replicas: number;
  /** Memory limit of the server's container. */
  readonly memoryMiB: number;
  readonly eviction: Eviction;
  readonly encrypted: boolean;
}

/** The files of the ConfigMap: what does not differ from pod to pod. The scripts add what does. */
export function configFiles(facts: ConfigFacts): Record<string, string> {
  const shared = { "common.sh": commonScript, "server.sh": serverScript, "ready.sh": readyScript };
  const server = { ...shared, "valkey.conf": serverConfig(facts) };
  return facts.replicas === 1
    ? server
    : {
        ...server,
        "sentinel.sh": sentinelScript,
        "sentinel-ready.sh": sentinelReadyScript,
        "sentinel.conf": sentinelConfig(facts),
      };
}

/** Names that Redis knows as well: clients' tools and Debian's redis-server read it. */
export function serverConfig({ replicas, memoryMiB, eviction, encrypted }: ConfigFacts): string {
  return lines([
    ...listen(VALKEY_PORT, encrypted),
    `dir ${paths.data}`,
    `aclfile ${paths.run}/server.acl`,
    // What is left is for copies while a file is rewritten, replicas' buffers and fragmentation.
    `maxmemory ${Math.floor((memoryMiB * 3) / 4)}mb`,
    `maxmemory-policy ${eviction}`,
    // At most the last second is lost when a server dies.
    "appendonly yes",
    "appendfsync everysec",
    // A copy that is whole at any time, for the backup of files: once an hour, if anything changed.
    "save 3600 1",
    "dbfilename dump.rdb",
    "tcp-keepalive 60",
    "timeout 0",
    "replica-read-only yes",
    ...(replicas === 1
      ? []
      : [
          "masteruser orrery-replication",
          // A primary that is cut off from all replicas takes no writes: they would be lost when it comes back.
          "min-replicas-to-write 1",
          "min-replicas-max-lag 10",
          "repl-backlog-size 16mb",
        ]),
  ]);
}

/** The scripts append whom to watch, and how the Sentinel signs in. */
export function sentinelConfig({ replicas, encrypted }: ConfigFacts): string {
  return lines([
    ...listen(SENTINEL_PORT, encrypted),
    `dir ${paths.run}`,
    `aclfile ${paths.run}/sentinel.acl`,
    // Addresses of pods change, their names do not.
    "sentinel resolve-hostnames yes",
    "sentinel announce-hostnames yes",
    `# quorum: ${quorum(replicas)} of ${replicas}`,
  ]);
}

/** Sentinels that must agree that the primary is away. */
export function quorum(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

function listen(port: number, encrypted: boolean): string[] {
  const general = ["bind 0.0.0.0 -::", "protected-mode no"];
  if (!encrypted) return [`port ${port}`, ...general];
  return [
    "port 0",
    `tls-port ${port}`,
    ...general,
    `tls-cert-file ${paths.certificates}/tls.crt`,
    `tls-key-file ${paths.certificates}/tls.key`,
    `tls-ca-cert-file ${paths.certificates}/ca.crt`,
    // Who a client is says its user and password.
    "tls-auth-clients no",
    "tls-replication yes",
  ];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
