import type { BucketHandle } from "../../kit/bucket";
import { images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, resourcesFor, type Size } from "../../kit/sizes";
import { STORE_AUTHORITY_FILE, storeAuthorityFiles } from "../../kit/store-access";

export const HTTP_PORT = 6333;
export const GRPC_PORT = 6334;
const PEER_PORT = 6335;

export const COMPONENT = "vector-database";
/** Keys of the Secret: the API key may do everything, the other one may read everything. */
export const API_KEY = "api-key";
export const READ_ONLY_KEY = "read-only-api-key";
const CERTIFICATES = "/certs";

export function apiKeySecretName(name: string): string {
  return `${name}-api-key`;
}

export interface QdrantFacts {
  readonly namespace: string;
  readonly environment: Environment;
  readonly replicas?: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size?: Size;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain text */
  readonly tlsSecret?: string;
  /** ConfigMap beside it with the authority's `ca.crt`: for who reads its metrics. @default - plain text */
  readonly caConfigMap?: string;
  /** Where snapshots are kept. @default - on the volume, and Velero copies it */
  readonly snapshots?: SnapshotStore;
}

/** A bucket for snapshots; Qdrant puts them there itself. */
export type SnapshotStore = Pick<BucketHandle, "bucket" | "endpoint" | "region" | "secretName" | "caConfigMap">;

/** Everything of the service but its image and namespace. */
export function qdrantPods(name: string, facts: QdrantFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const { replicas = 1, tlsSecret, snapshots } = facts;
  const tls = tlsSecret !== undefined;
  return {
    software: "qdrant",
    component: COMPONENT,
    version: imageVersion(images.qdrant),
    kind: "StatefulSet",
    replicas,
    ...(replicas > 1 ? { command: ["/bin/sh", "-c", clusterStart(name, facts.namespace, tls)] } : {}),
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "grpc", port: GRPC_PORT },
      { name: "p2p", port: PEER_PORT },
    ],
    peerPorts: ["p2p"],
    environment: environment(name, { ...facts, replicas }),
    resources: resourcesFor(facts.size ?? "small", facts.environment, "data"),
    probes: {
      ready: { http: "/readyz", port: "http", tls },
      live: { http: "/livez", port: "http", tls },
      // After a crash it replays its log before it answers.
      startupSeconds: 600,
    },
    metrics: metrics(name, facts),
    volumes: volumes(facts),
    ...(snapshots === undefined
      ? {}
      : { backup: { by: "native" as const, reason: "snapshots of every collection go to a bucket" } }),
    runAs: { user: 1000, group: 2000, fsGroup: 3000 },
    terminationGraceSeconds: 60,
  };
}

/** Whoever reads metrics shows the key that reads everything and writes nothing. */
function metrics(name: string, { namespace, caConfigMap }: QdrantFacts): ServiceArgs["metrics"] {
  return {
    port: "http",
    token: { secret: apiKeySecretName(name), key: READ_ONLY_KEY },
    ...(caConfigMap === undefined ? {} : { tls: { serverName: `${name}.${namespace}.svc`, caConfigMap } }),
  };
}

function environment(name: string, facts: QdrantFacts & { readonly replicas: number }): Record<string, Variable> {
  const { replicas, tlsSecret, snapshots } = facts;
  const keys = apiKeySecretName(name);
  return {
    QDRANT__SERVICE__API_KEY: { secret: keys, key: API_KEY },
    QDRANT__SERVICE__READ_ONLY_API_KEY: { secret: keys, key: READ_ONLY_KEY },
    // Tokens for collections by their names, signed with the API key.
    QDRANT__SERVICE__JWT_RBAC: "true",
    QDRANT__STORAGE__STORAGE_PATH: "/qdrant/storage",
    QDRANT__STORAGE__SNAPSHOTS_PATH: "/qdrant/snapshots",
    QDRANT__CLUSTER__ENABLED: String(replicas > 1),
    ...(replicas > 1 ? replication(replicas) : {}),
    QDRANT__TELEMETRY_DISABLED: "true",
    // Beside the root file system, which is read-only.
    QDRANT_INIT_FILE_PATH: "/tmp/.qdrant-initialized",
    ...(tlsSecret === undefined ? {} : tlsEnvironment()),
    ...(snapshots === undefined ? {} : snapshotEnvironment(snapshots)),
  };
}

/** For collections that say nothing else: two copies of each shard, and three where a majority has to have a write. */
function replication(replicas: number): Record<string, Variable> {
  return {
    QDRANT__STORAGE__COLLECTION__REPLICATION_FACTOR: String(Math.min(3, replicas)),
    QDRANT__STORAGE__COLLECTION__WRITE_CONSISTENCY_FACTOR: String(replicas >= 3 ? 2 : 1),
  };
}

/** HTTPS reads a renewed certificate within the hour; gRPC and the peers with the next restart. */
function tlsEnvironment(): Record<string, Variable> {
  return {
    QDRANT__SERVICE__ENABLE_TLS: "true",
    QDRANT__CLUSTER__P2P__ENABLE_TLS: "true",
    QDRANT__TLS__CERT: `${CERTIFICATES}/tls.crt`,
    QDRANT__TLS__KEY: `${CERTIFICATES}/tls.key`,
    QDRANT__TLS__CA_CERT: `${CERTIFICATES}/ca.crt`,
    QDRANT__TLS__CERT_TTL: "3600",
  };
}

function snapshotEnvironment({ bucket, endpoint, region, secretName, caConfigMap }: SnapshotStore) {
  const config = "QDRANT__STORAGE__SNAPSHOTS_CONFIG";
  return {
    [`${config}__SNAPSHOTS_STORAGE`]: "s3",
    [`${config}__S3_CONFIG__BUCKET`]: bucket,
    [`${config}__S3_CONFIG__REGION`]: region,
    [`${config}__S3_CONFIG__ENDPOINT_URL`]: endpoint,
    [`${config}__S3_CONFIG__ACCESS_KEY`]: { secret: secretName, key: "AWS_ACCESS_KEY_ID" },
    [`${config}__S3_CONFIG__SECRET_KEY`]: { secret: secretName, key: "AWS_SECRET_ACCESS_KEY" },
    ...(caConfigMap === undefined ? {} : { SSL_CERT_FILE: STORE_AUTHORITY_FILE }),
  };
}

/** Snapshots share the data's volume: a second one would count against the 16 that a server can have. */
function volumes(facts: QdrantFacts): ServiceArgs["volumes"] {
  return {
    persistent: [
      {
        name: "data",
        storageGiB: facts.storageGiB,
        storageClass: facts.storageClass,
        setting: "services.qdrant.storageGiB",
        mounts: [
          { path: "/qdrant/storage", subPath: "storage" },
          { path: "/qdrant/snapshots", subPath: "snapshots" },
        ],
      },
    ],
    scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 64 }],
    ...(facts.tlsSecret === undefined
      ? {}
      : { secrets: [{ name: "certificates", path: CERTIFICATES, secret: facts.tlsSecret }] }),
    configMaps: storeAuthorityFiles(facts.snapshots),
  };
}

/** The first member starts the cluster, the others join it; one that was in it before goes on where it was. */
function clusterStart(name: string, namespace: string, tls: boolean): string {
  const peers = `${name}-headless.${namespace}.svc`;
  const scheme = tls ? "https" : "http";
  const first = `${scheme}://${name}-0.${peers}:${PEER_PORT}`;
  return [
    `self="${scheme}://$HOSTNAME.${peers}:${PEER_PORT}"`,
    `if [ "$HOSTNAME" = "${name}-0" ]; then exec ./entrypoint.sh --uri "$self"; fi`,
    `exec ./entrypoint.sh --bootstrap "${first}" --uri "$self"`,
  ].join("\n");
}
