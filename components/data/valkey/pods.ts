import { imageReference, images, imageVersion } from "../../kit/images";
import type { Sidecar, Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, memoryMiB, resources, resourcesFor, type Size } from "../../kit/sizes";
import { configFiles, paths, quorum, SENTINEL_PORT, VALKEY_PORT } from "./config";
import type { Eviction } from "./names";

export const METRICS_PORT = 9121;

/** What Valkey is called. */
export const valkeySoftware = {
  software: "valkey",
  component: "cache",
  version: imageVersion(images.valkey),
} as const;

export interface ValkeyFacts {
  readonly namespace: string;
  readonly environment: Environment;
  readonly replicas: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size: Size;
  readonly eviction: Eviction;
  /** Secret with all users, as lines of ACL files. */
  readonly usersSecret: string;
  /** Secret with the passwords of the servers' own users. */
  readonly credentialsSecret: string;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain text */
  readonly tlsSecret?: string;
}

/** DNS names of the servers, the first primary first. */
export function serverHosts(name: string, { namespace, replicas }: Pick<ValkeyFacts, "namespace" | "replicas">) {
  return Array.from({ length: replicas }, (_, index) => `${name}-${index}.${headless(name)}.${namespace}.svc`);
}

export function headless(name: string): string {
  return `${name}-headless`;
}

/** Everything of the service but its namespace. */
export function valkeyPods(name: string, facts: ValkeyFacts): Omit<ServiceArgs, "namespace"> {
  const environment = environmentOf(name, facts);
  const encrypted = facts.tlsSecret !== undefined;
  return {
    ...valkeySoftware,
    image: imageReference(images.valkey),
    kind: "StatefulSet",
    replicas: facts.replicas,
    command: ["/bin/sh", `${paths.config}/server.sh`],
    ports: [{ name: "valkey", port: VALKEY_PORT }],
    environment,
    resources: resourcesFor(facts.size, facts.environment, "data"),
    probes: {
      ready: { command: ["/bin/sh", `${paths.config}/ready.sh`] },
      // Whoever reads a large file at the start answers no command, but lives.
      live: { tcp: "valkey" },
      startupSeconds: 600,
    },
    sidecars: [...(facts.replicas > 1 ? [sentinel(environment, encrypted)] : []), exporter(name, facts)],
    metrics: { port: "metrics" },
    volumes: {
      persistent: [
        {
          name: "data",
          storageGiB: facts.storageGiB,
          storageClass: facts.storageClass,
          setting: "services.valkey.storageGiB",
          mounts: [{ path: paths.data }],
        },
      ],
      scratch: [{ name: "run", path: paths.run, sizeLimitMiB: 16 }],
      config: {
        path: paths.config,
        files: configFiles({ ...facts, memoryMiB: memoryMiB(facts.size, facts.environment), encrypted }),
      },
      secrets: [
        { name: "users", path: paths.users, secret: facts.usersSecret },
        { name: "credentials", path: paths.credentials, secret: facts.credentialsSecret },
        ...(facts.tlsSecret === undefined
          ? []
          : [{ name: "certificates", path: paths.certificates, secret: facts.tlsSecret }]),
      ],
    },
    runAs: { user: 1000, group: 1000 },
    // Files of an append-only log change while they are copied; the hourly dump beside it is always whole.
    backup: { by: "velero" },
    // A primary hands over before it stops.
    terminationGraceSeconds: 90,
  };
}

function environmentOf(name: string, facts: ValkeyFacts): Record<string, Variable> {
  return {
    POD_NAME: { field: "metadata.name" },
    HOST: ownHost(name, facts),
    SERVERS: serverHosts(name, facts).join(" "),
    QUORUM: String(facts.replicas === 1 ? 0 : quorum(facts.replicas)),
    CLI_TLS: facts.tlsSecret === undefined ? "" : `--tls --cacert ${paths.certificates}/ca.crt`,
  };
}

function ownHost(name: string, { namespace }: ValkeyFacts): string {
  return `$(POD_NAME).${headless(name)}.${namespace}.svc`;
}

/** Watches the servers, and has a replica take over from a primary that is away. */
function sentinel(environment: Record<string, Variable>, encrypted: boolean): Sidecar {
  return {
    name: "sentinel",
    image: imageReference(images.valkey),
    command: ["/bin/sh", `${paths.config}/sentinel.sh`],
    ports: [{ name: "sentinel", port: SENTINEL_PORT }],
    environment,
    resources: resources(50, 64),
    probes: { ready: { command: ["/bin/sh", `${paths.config}/sentinel-ready.sh`] }, live: { tcp: "sentinel" } },
    mounts: [
      { volume: "config", path: paths.config },
      { volume: "users", path: paths.users },
      { volume: "credentials", path: paths.credentials },
      { volume: "data", path: paths.data },
      { volume: "run", path: paths.run, readOnly: false },
      ...(encrypted ? [{ volume: "certificates", path: paths.certificates }] : []),
    ],
  };
}

/** Asks its own server by the name that is in the certificate. */
function exporter(name: string, facts: ValkeyFacts): Sidecar {
  const encrypted = facts.tlsSecret !== undefined;
  return {
    name: "exporter",
    image: imageReference(images.redisExporter),
    ports: [{ name: "metrics", port: METRICS_PORT }],
    environment: {
      POD_NAME: { field: "metadata.name" },
      REDIS_ADDR: `${encrypted ? "rediss" : "redis"}://${ownHost(name, facts)}:${VALKEY_PORT}`,
      REDIS_USER: "orrery-metrics",
      REDIS_PASSWORD: { secret: facts.credentialsSecret, key: "metrics" },
      // The configuration has the password of replicas in it.
      REDIS_EXPORTER_CONFIG_COMMAND: "-",
      ...(encrypted ? { REDIS_EXPORTER_TLS_CA_CERT_FILE: `${paths.certificates}/ca.crt` } : {}),
    },
    resources: resources(25, 64),
    probes: { ready: { http: "/health", port: "metrics" }, live: { tcp: "metrics" } },
    mounts: encrypted ? [{ volume: "certificates", path: paths.certificates }] : [],
  };
}
