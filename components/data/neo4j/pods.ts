import type { BackupPlan } from "../../kit/backup";
import { imageReference, images, imageVersion } from "../../kit/images";
import type { Sidecar } from "../../kit/pod";
import type { ProbeArgs } from "../../kit/probes";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, resources, type Size } from "../../kit/sizes";
import {
  BACKUP_PROCEDURES,
  BOLT_PORT,
  type Edition,
  HTTP_PORT,
  HTTPS_PORT,
  METRICS_PORT,
  neo4jConf,
  paths,
} from "./config";
import { initialPasswordScript, liveScript, startScript, variables } from "./scripts";
import { neo4jMemory, neo4jResources } from "./sizes";

export const SOFTWARE = "neo4j";
export const COMPONENT = "graph-database";
/** Keys of the administrator's Secret. */
export const ADMIN_USER = "neo4j";
export const PASSWORD_KEY = "password";

/** The image's own user. */
export const RUN_AS = { user: 7474, group: 7474 } as const;

export interface Neo4jFacts {
  readonly edition: Edition;
  readonly environment: Environment;
  readonly host: string;
  readonly storageGiB: number;
  readonly storageClass: string;
  /** @default small */
  readonly size?: Size;
  /** Whether queries may call APOC. */
  readonly apoc?: boolean;
  /** Whether backups are taken, by APOC. */
  readonly backup: boolean;
  readonly boltAddress?: string;
  /** Secret with the administrator's password. */
  readonly adminSecret: string;
  /** Secret with tls.crt and tls.key. @default - plain text */
  readonly tlsSecret?: string;
}

export function neo4jImage(edition: Edition) {
  return edition === "community" ? images.neo4j : images.neo4jEnterprise;
}

/** Everything of the server but its namespace. */
export function neo4jPods(facts: Neo4jFacts): Omit<ServiceArgs, "namespace"> {
  const { edition, environment, size = "small", tlsSecret } = facts;
  const image = neo4jImage(edition);
  const encrypted = tlsSecret !== undefined;
  return {
    software: SOFTWARE,
    component: COMPONENT,
    version: imageVersion(image),
    image: imageReference(image),
    kind: "StatefulSet",
    command: ["/bin/bash", "-ec", startScript(encrypted)],
    ports: [
      { name: "bolt", port: BOLT_PORT },
      encrypted ? { name: "https", port: HTTPS_PORT } : { name: "http", port: HTTP_PORT },
      ...(edition === "enterprise" ? [{ name: "metrics", port: METRICS_PORT }] : []),
    ],
    ...(edition === "enterprise" ? { metrics: { port: "metrics" } } : {}),
    environment: environmentOf(edition),
    resources: neo4jResources(size, environment),
    probes: probesOf(encrypted),
    initContainers: [initialPassword(facts)],
    volumes: volumes(facts),
    runAs: RUN_AS,
    backup: backupPlan(facts),
    // It writes what is in memory to the volume before it ends.
    terminationGraceSeconds: 120,
  };
}

/** The license is accepted in the settings: a rule asks for it. */
function environmentOf(edition: Edition): Record<string, string> {
  return {
    NEO4J_CONF: paths.config,
    ...(edition === "enterprise" ? { NEO4J_ACCEPT_LICENSE_AGREEMENT: "yes" } : {}),
  };
}

function probesOf(encrypted: boolean): ProbeArgs {
  return {
    ready: { http: "/", port: encrypted ? "https" : "http", tls: encrypted },
    live: { command: ["/bin/bash", "-ec", liveScript(encrypted)] },
    // After a crash it brings the graph up to date before it answers; a new version may rewrite it.
    startupSeconds: 1200,
  };
}

/** Takes effect before the first start only; after it, the password is in the database. */
function initialPassword({ edition, adminSecret }: Neo4jFacts): Sidecar {
  return {
    name: "initial-password",
    image: imageReference(neo4jImage(edition)),
    command: ["/bin/bash", "-ec", initialPasswordScript()],
    environment: {
      ...environmentOf(edition),
      [variables.password]: { secret: adminSecret, key: PASSWORD_KEY },
    },
    resources: resources(50, 256),
    mounts: [
      { volume: "data", path: paths.data, readOnly: false },
      { volume: "logs", path: paths.logs, readOnly: false },
      { volume: "tmp", path: paths.tmp, readOnly: false },
      { volume: "config", path: paths.config },
    ],
  };
}

function volumes(facts: Neo4jFacts): ServiceArgs["volumes"] {
  const { edition, environment, host, size = "small", storageGiB, storageClass, tlsSecret, boltAddress } = facts;
  const conf = neo4jConf({
    edition,
    host,
    encrypted: tlsSecret !== undefined,
    memory: neo4jMemory(size, environment),
    procedures: facts.apoc === true ? ["apoc.*"] : facts.backup ? BACKUP_PROCEDURES : [],
    boltAddress,
  });
  return {
    persistent: [
      {
        name: "data",
        storageGiB,
        storageClass,
        setting: "services.neo4j.storageGiB",
        mounts: [{ path: paths.data }],
      },
    ],
    scratch: [
      { name: "logs", path: paths.logs, sizeLimitMiB: 512 },
      { name: "tmp", path: paths.tmp, sizeLimitMiB: 256 },
    ],
    config: { path: paths.config, files: { "neo4j.conf": conf } },
    ...(tlsSecret === undefined
      ? {}
      : { secrets: [{ name: "certificates", path: paths.certificates, secret: tlsSecret }] }),
  };
}

function backupPlan({ backup }: Pick<Neo4jFacts, "backup">): BackupPlan {
  return backup
    ? { by: "native", reason: "a CronJob exports every database to a bucket" }
    : { by: "none", reason: "files copied while it writes cannot be opened; switch services.neo4j.backup on" };
}
