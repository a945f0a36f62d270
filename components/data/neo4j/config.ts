import type { Memory } from "./sizes";

export const BOLT_PORT = 7687;
export const HTTP_PORT = 7474;
export const HTTPS_PORT = 7473;
export const METRICS_PORT = 2004;

export type Edition = "community" | "enterprise";

/** The one database that Community has for users. */
export const DEFAULT_DATABASE = "neo4j";

/** Where things are in the containers. */
export const paths = {
  config: "/config",
  data: "/data",
  logs: "/logs",
  tmp: "/tmp",
  certificates: "/certificates",
  /** APOC Core lies here in the image. */
  labs: "/var/lib/neo4j/labs",
  libraries: "/var/lib/neo4j/lib",
} as const;

/** What the backup needs of APOC. */
export const BACKUP_PROCEDURES = ["apoc.export.cypher.*", "apoc.text.base64Encode"] as const;

export interface ConfigFacts {
  readonly edition: Edition;
  /** DNS name inside the cluster. */
  readonly host: string;
  readonly encrypted: boolean;
  readonly memory: Memory;
  /** Procedures and functions of APOC that queries may call; empty: APOC is not loaded. */
  readonly procedures: readonly string[];
  /** `host:port` that Neo4j Browser is told to talk to. @default - that inside the cluster */
  readonly boltAddress?: string;
}

type Line = [key: string, value: string | number | boolean];

/** neo4j.conf: everything that differs from the server's own defaults. The server refuses a key that it does not know. */
export function neo4jConf(facts: ConfigFacts): string {
  const { edition, host, memory, procedures, boltAddress = `${host}:${BOLT_PORT}` } = facts;
  const lines: Line[] = [
    ["server.config.strict_validation.enabled", true],
    ["server.directories.data", paths.data],
    ["server.directories.logs", paths.logs],
    ["server.directories.run", paths.tmp],
    ["server.default_listen_address", "0.0.0.0"],
    ["server.default_advertised_address", host],
    ["server.memory.heap.initial_size", `${memory.heapMiB}m`],
    ["server.memory.heap.max_size", `${memory.heapMiB}m`],
    ["server.memory.pagecache.size", `${memory.pageCacheMiB}m`],
    // What it writes before it changes the graph; a crash is recovered from the last part of it.
    ["db.tx_log.rotation.retention_policy", "1 days 1G"],
    ["dbms.usage_report.enabled", false],
    // Nobody puts files on the server.
    ["dbms.security.allow_csv_import_from_file_urls", false],
    ["server.bolt.listen_address", `:${BOLT_PORT}`],
    ["server.bolt.advertised_address", boltAddress],
    ...connectors(facts.encrypted),
    ...plugins(procedures),
    ...(edition === "enterprise" ? prometheus : []),
    ...jvmOptions.map((option): Line => ["server.jvm.additional", option]),
  ];
  return `${lines.map(([key, value]) => `${key}=${value}`).join("\n")}\n`;
}

function plugins(procedures: readonly string[]): Line[] {
  return procedures.length === 0
    ? []
    : [
        ["server.directories.plugins", paths.labs],
        ["dbms.security.procedures.allowlist", procedures.join(",")],
      ];
}

const prometheus: readonly Line[] = [
  ["server.metrics.prometheus.enabled", true],
  ["server.metrics.prometheus.endpoint", `0.0.0.0:${METRICS_PORT}`],
];

function connectors(encrypted: boolean): Line[] {
  if (!encrypted) {
    return [
      ["server.bolt.tls_level", "DISABLED"],
      ["server.http.listen_address", `:${HTTP_PORT}`],
      ["server.https.enabled", false],
    ];
  }
  return [
    ["server.bolt.tls_level", "REQUIRED"],
    ["server.http.enabled", false],
    ["server.https.enabled", true],
    ["server.https.listen_address", `:${HTTPS_PORT}`],
    ...["bolt", "https"].flatMap((connector): Line[] => [
      [`dbms.ssl.policy.${connector}.enabled`, true],
      [`dbms.ssl.policy.${connector}.base_directory`, paths.certificates],
      [`dbms.ssl.policy.${connector}.private_key`, "tls.key"],
      [`dbms.ssl.policy.${connector}.public_certificate`, "tls.crt"],
      // People and programs say who they are by name and password.
      [`dbms.ssl.policy.${connector}.client_auth`, "NONE"],
    ]),
  ];
}

/** Of those in the server's own neo4j.conf, what it runs worse without. */
const jvmOptions = [
  "-XX:+UseG1GC",
  "-XX:-OmitStackTraceInFastThrow",
  // A pod that has run out of memory is started anew, instead of hanging.
  "-XX:+ExitOnOutOfMemoryError",
  "-Djdk.tls.rejectClientInitiatedRenegotiation=true",
  "-Dlog4j2.disable.jmx=true",
  "--add-opens=java.base/java.nio=ALL-UNNAMED",
  "--add-opens=java.base/java.io=ALL-UNNAMED",
  "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
] as const;
