import type { BucketHandle } from "../../kit/bucket";
import { INTERSERVER_PORT, METRICS_PORT, SECURE_HTTP_PORT, SECURE_NATIVE_PORT } from "./names";
import { configFile, fromEnv, type Node, REMOVED } from "./xml";

/** Where pods find the certificate's Secret, and the authority in it. */
export const TLS_FOLDER = "/etc/clickhouse-tls";

/** Environment variables of the server, from Secrets. */
export const VARIABLES = {
  administrator: "ORRERY_ADMINISTRATOR_SHA256",
  backupUser: "ORRERY_BACKUP_SHA256",
  interserver: "ORRERY_INTERSERVER_PASSWORD",
  backupAccessKey: "BACKUP_ACCESS_KEY_ID",
  backupSecretKey: "BACKUP_SECRET_ACCESS_KEY",
} as const;

/** The named collection that says where backups go. */
export const BACKUP_COLLECTION = "backups";

/** Share of the memory limit that the server may use; the rest is for what it does not count. */
const MEMORY_RATIO = 0.8;
/** Days that ClickHouse's own logs are kept. */
const LOG_DAYS = 7;

export interface ServerConfigFacts {
  /** It has a certificate: no port speaks plain text. */
  readonly secure: boolean;
  /** There are Keepers: users and tables are on every replica. */
  readonly replicated: boolean;
  /** @default - none */
  readonly backup?: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "caConfigMap">;
}

/** What is not the operator's: file of config.d, read after the operator's own. */
export function serverConfig(facts: ServerConfigFacts): string {
  return configFile({
    logger: { level: "information", console: 1, log: REMOVED, errorlog: REMOVED },
    max_server_memory_usage_to_ram_ratio: MEMORY_RATIO,
    ...ports(facts.secure),
    ...(facts.secure ? { openSSL: openSsl(facts.backup !== undefined && facts.backup.caConfigMap === undefined) } : {}),
    prometheus: {
      endpoint: "/metrics",
      port: METRICS_PORT,
      metrics: true,
      events: true,
      asynchronous_metrics: true,
      errors: true,
    },
    ...(facts.replicated ? replication() : {}),
    user_directories: userDirectories(facts.replicated),
    ...logTables(),
    ...backups(facts.backup),
  });
}

/** Other protocols than ClickHouse's own are nobody's business. With a certificate nothing listens without it. */
function ports(secure: boolean): Record<string, Node> {
  const none = { mysql_port: REMOVED, postgresql_port: REMOVED };
  return secure
    ? {
        tcp_port: REMOVED,
        http_port: REMOVED,
        interserver_http_port: REMOVED,
        tcp_port_secure: SECURE_NATIVE_PORT,
        https_port: SECURE_HTTP_PORT,
        interserver_https_port: INTERSERVER_PORT,
        ...none,
      }
    : none;
}

/** As a server, and as a client of other servers, of Keepers and of the backups' store. */
export function openSsl(publicAuthorities: boolean): Node {
  const usual = {
    caConfig: `${TLS_FOLDER}/ca.crt`,
    cacheSessions: true,
    disableProtocols: "sslv2,sslv3,tlsv1,tlsv1_1",
    preferServerCiphers: true,
  };
  return {
    server: {
      certificateFile: `${TLS_FOLDER}/tls.crt`,
      privateKeyFile: `${TLS_FOLDER}/tls.key`,
      // Clients show a password, not a certificate.
      verificationMode: "relaxed",
      loadDefaultCAFile: false,
      ...usual,
    },
    client: {
      loadDefaultCAFile: publicAuthorities,
      verificationMode: "strict",
      invalidCertificateHandler: { name: "RejectCertificateHandler" },
      ...usual,
    },
  };
}

/** Tables need no arguments; who fetches parts from another replica shows a password. */
function replication(): Record<string, Node> {
  return {
    default_replica_path: "/clickhouse/tables/{uuid}/{shard}",
    default_replica_name: "{replica}",
    interserver_http_credentials: { user: "interserver", password: fromEnv(VARIABLES.interserver) },
  };
}

/** The files' users are the program's own; everybody else's come by statements, and are on every replica. */
function userDirectories(replicated: boolean): Node {
  return {
    "@replace": "1",
    users_xml: { path: "users.xml" },
    ...(replicated
      ? { replicated: { zookeeper_path: "/clickhouse/access" } }
      : { local_directory: { path: "/var/lib/clickhouse/access/" } }),
  };
}

/** Logs of queries, parts, errors and backups, for a week. Metrics and samples of stacks are Prometheus's business. */
function logTables(): Record<string, Node> {
  const table = (name: string): Node => ({
    "@replace": "1",
    database: "system",
    table: name,
    engine: `ENGINE = MergeTree PARTITION BY event_date ORDER BY event_time TTL event_date + INTERVAL ${LOG_DAYS} DAY`,
    flush_interval_milliseconds: 7500,
  });
  const kept = ["query_log", "part_log", "error_log", "backup_log"];
  const dropped = [
    "trace_log",
    "text_log",
    "metric_log",
    "asynchronous_metric_log",
    "latency_log",
    "query_metric_log",
    "query_thread_log",
    "query_views_log",
    "processors_profile_log",
    "opentelemetry_span_log",
    "aggregated_zookeeper_log",
    "background_schedule_pool_log",
  ];
  return {
    ...Object.fromEntries(kept.map((name) => [name, table(name)])),
    ...Object.fromEntries(dropped.map((name) => [name, REMOVED])),
  };
}

/** A statement names the collection only: keys never stand in one. */
function backups(backup: ServerConfigFacts["backup"]): Record<string, Node> {
  if (backup === undefined) return {};
  const { bucket, endpoint, region } = backup;
  const url = `${endpoint.replace(/\/$/, "")}/${bucket}/`;
  return {
    named_collections: {
      [BACKUP_COLLECTION]: {
        url,
        access_key_id: fromEnv(VARIABLES.backupAccessKey),
        secret_access_key: fromEnv(VARIABLES.backupSecretKey),
      },
    },
    s3: { [BACKUP_COLLECTION]: { endpoint: url, region } },
  };
}
