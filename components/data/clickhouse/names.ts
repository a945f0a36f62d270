import { images, imageVersion } from "../../kit/images";
import type { Identity, PodIdentity } from "../../kit/labels";
import type { DomainNamespace } from "../../kit/namespace";
import type { NetworkPort } from "../../kit/network-policy";
import { serviceDnsNames } from "../../kit/server-certificate";

export const SOFTWARE = "clickhouse";
/** Part that the Jobs play that make databases and users. */
export const DATABASE_COMPONENT = "database-job";
export const BACKUP_COMPONENT = "backup-job";
/** The one cluster of an installation; `{cluster}` in statements. */
export const CLUSTER = "main";

export const SECURE_NATIVE_PORT = 9440;
export const SECURE_HTTP_PORT = 8443;
export const PLAIN_NATIVE_PORT = 9000;
export const PLAIN_HTTP_PORT = 8123;
/** At which replicas fetch parts from each other. */
export const INTERSERVER_PORT = 9009;
export const METRICS_PORT = 9363;
export const METRICS_PORT_NAME = "metrics";

export const KEEPER_PORT = 2181;
export const SECURE_KEEPER_PORT = 2281;
export const RAFT_PORT = 9444;
/** At which a Keeper says over HTTP whether it is part of a quorum. */
export const KEEPER_CONTROL_PORT = 9182;

/** Ports that clients are let at, by whether the server has a certificate. */
export interface ClientPorts {
  readonly native: NetworkPort;
  readonly http: NetworkPort;
}

/** By these names the operator knows the ports. */
export function clientPorts(secure: boolean): ClientPorts {
  return secure
    ? {
        native: { name: "secureclient", port: SECURE_NATIVE_PORT },
        http: { name: "https", port: SECURE_HTTP_PORT },
      }
    : { native: { name: "tcp", port: PLAIN_NATIVE_PORT }, http: { name: "http", port: PLAIN_HTTP_PORT } };
}

export function keeperPort(secure: boolean): NetworkPort {
  return secure ? { name: "zk-secure", port: SECURE_KEEPER_PORT } : { name: "zk", port: KEEPER_PORT };
}

export function clickhouseIdentity(name: string, namespace: DomainNamespace): Identity {
  return {
    name: SOFTWARE,
    instance: name,
    component: "database",
    domain: namespace.name,
    version: imageVersion(images.clickhouse),
  };
}

export function keeperIdentity(name: string, namespace: DomainNamespace): Identity {
  return {
    ...clickhouseIdentity(name, namespace),
    instance: `${name}-keeper`,
    component: "keeper",
    version: imageVersion(images.clickhouseKeeper),
  };
}

/** Labels that the operator puts on everything of an installation. */
export function serverLabels(name: string): Record<string, string> {
  return { "clickhouse.altinity.com/app": "chop", "clickhouse.altinity.com/chi": name };
}

export function keeperLabels(name: string): Record<string, string> {
  return { "clickhouse-keeper.altinity.com/app": "chop", "clickhouse-keeper.altinity.com/chk": name };
}

export function serverPods(name: string, namespace: string): PodIdentity {
  return { namespace, labels: serverLabels(name), instance: name };
}

export function keeperPods(name: string, namespace: string): PodIdentity {
  return { namespace, labels: keeperLabels(name), instance: `${name}-keeper` };
}

/** Each host is a Service of its own, by the operator's pattern. */
export function serverHosts(name: string, namespace: string, shards: number, replicas: number): string[] {
  return range(shards).flatMap((shard) =>
    range(replicas).map((replica) => hostName("chi", name, `${shard}-${replica}`, namespace)),
  );
}

export function keeperHosts(name: string, namespace: string, keepers: number): string[] {
  return range(keepers).map((keeper) => hostName("chk", name, `0-${keeper}`, namespace));
}

/** What the one certificate of servers and Keepers stands for. */
export function certificateNames(
  name: string,
  namespace: string,
  {
    shards = 1,
    replicas = 1,
    keepers,
  }: { readonly shards?: number; readonly replicas?: number; readonly keepers: number },
): string[] {
  return [
    ...serviceDnsNames(name, namespace),
    ...serverHosts(name, namespace, shards, replicas),
    ...keeperHosts(name, namespace, keepers),
  ];
}

function hostName(kind: "chi" | "chk", name: string, host: string, namespace: string): string {
  return `${kind}-${name}-${CLUSTER}-${host}.${namespace}.svc.cluster.local`;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

const RESERVED_NAMES = [
  "default",
  "system",
  "information_schema",
  "orrery",
  "backup",
  "passwords",
  "clickhouse_operator",
];

/** What a database may be called: its user has the same name, and Kubernetes objects have it with hyphens. */
export const databaseName = /^[a-z]([a-z0-9_]{0,38}[a-z0-9])?$/;

export const databaseNameAllowed =
  "a lower-case letter, then lower-case letters, digits and underscores, at most 40, no underscore at the end";

/** Taken by ClickHouse, its operator or the program. */
export function isReserved(database: string): boolean {
  return RESERVED_NAMES.includes(database);
}

/** Who reads and writes a database has its name; who only reads it, another one. */
export function userName(database: string, readOnly: boolean): string {
  return readOnly ? `${database}_reader` : database;
}

/** A Kubernetes object's name from a user's: `_` is not allowed there. */
export function databaseObjectName(server: string, user: string): string {
  return `${server}-${user.replaceAll("_", "-")}`;
}

export function checkDatabaseName(database: string): void {
  const rule = isReserved(database)
    ? "it is taken by ClickHouse, its operator or this program"
    : databaseName.test(database)
      ? undefined
      : `allowed are ${databaseNameAllowed}`;
  if (rule !== undefined) {
    throw new Error(`Database name "${database}": ${rule}. Choose another name in services.clickhouse.databases.`);
  }
}
