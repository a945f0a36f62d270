import { images, imageVersion } from "../kit/images";
import type { Variable } from "../kit/pod";
import type { ServiceArgs } from "../kit/service";
import { type Environment, resourcesFor, type Size } from "../kit/sizes";

export const HTTP_PORT = 6333;
export const GRPC_PORT = 6334;
const PEER_PORT = 6335;

export const COMPONENT = "vector-database";
/** Key of the Secret that holds the API key. */
export const API_KEY = "api-key";

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
}

/** Everything of the service but its image and namespace. */
export function qdrantPods(name: string, facts: QdrantFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const replicas = facts.replicas ?? 1;
  return {
    software: "qdrant",
    component: COMPONENT,
    version: imageVersion(images.qdrant),
    kind: "StatefulSet",
    replicas,
    ...(replicas > 1 ? { command: ["/bin/sh", "-c", clusterStart(name, facts.namespace)] } : {}),
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "grpc", port: GRPC_PORT },
      { name: "p2p", port: PEER_PORT },
    ],
    peerPorts: ["p2p"],
    environment: environment(name, replicas),
    resources: resourcesFor(facts.size ?? "small", facts.environment, "data"),
    probes: {
      ready: { http: "/readyz", port: "http" },
      live: { http: "/livez", port: "http" },
      // After a crash it replays its log before it answers.
      startupSeconds: 600,
    },
    metrics: { port: "http" },
    volumes: volumes(facts),
    runAs: { user: 1000, group: 2000, fsGroup: 3000 },
    terminationGraceSeconds: 60,
  };
}

function environment(name: string, replicas: number): Record<string, Variable> {
  return {
    QDRANT__SERVICE__API_KEY: { secret: apiKeySecretName(name), key: API_KEY },
    QDRANT__STORAGE__STORAGE_PATH: "/qdrant/storage",
    QDRANT__STORAGE__SNAPSHOTS_PATH: "/qdrant/snapshots",
    QDRANT__CLUSTER__ENABLED: String(replicas > 1),
    QDRANT__TELEMETRY_DISABLED: "true",
    // Beside the root file system, which is read-only.
    QDRANT_INIT_FILE_PATH: "/tmp/.qdrant-initialized",
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
        mounts: [
          { path: "/qdrant/storage", subPath: "storage" },
          { path: "/qdrant/snapshots", subPath: "snapshots" },
        ],
      },
    ],
    scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 64 }],
  };
}

/** The first member starts the cluster, the others join it; one that was in it before goes on where it was. */
function clusterStart(name: string, namespace: string): string {
  const peers = `${name}-headless.${namespace}.svc`;
  const first = `http://${name}-0.${peers}:${PEER_PORT}`;
  return [
    `self="http://$HOSTNAME.${peers}:${PEER_PORT}"`,
    `if [ "$HOSTNAME" = "${name}-0" ]; then exec ./entrypoint.sh --uri "$self"; fi`,
    `exec ./entrypoint.sh --bootstrap "${first}" --uri "$self"`,
  ].join("\n");
}
