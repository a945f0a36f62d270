import type { BucketHandle } from "../../kit/bucket";
import { images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, resources, type Size } from "../../kit/sizes";
import { bucketKeys, storeAuthorityFiles } from "../../kit/store-access";
import { DATA, GRPC_PORT, HTTP_PORT, MEMBERLIST_PORT, OTLP_PORT, type TempoConfigFacts, tempoConfig } from "./config";
import { tempoSize } from "./sizes";

const CONFIG = "/etc/tempo";
const CONFIG_FILE = "tempo.yaml";

/** What Tempo is called. */
export const tempoSoftware = {
  software: "tempo",
  component: "traces",
  version: imageVersion(images.tempo),
} as const;

export interface TempoFacts
  extends Pick<TempoConfigFacts, "cluster" | "replicas" | "retentionDays" | "remoteWriteUrl"> {
  readonly namespace: string;
  readonly environment: Environment;
  readonly size: Size;
  readonly storageGiB: number;
  readonly storageClass: string;
  /** Where blocks are kept. @default - on the volume */
  readonly store?: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "secretName" | "caConfigMap">;
}

/** Everything of the service but its image and namespace. */
export function tempoPods(name: string, facts: TempoFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const { cpuMillicores, memoryMiB, limits } = tempoSize(facts.size, facts.environment);
  const config = tempoConfig({ ...facts, limits, peers: peersHost(name, facts.namespace) });
  return {
    ...tempoSoftware,
    kind: "StatefulSet",
    replicas: facts.replicas,
    args: [`-config.file=${CONFIG}/${CONFIG_FILE}`, "-config.expand-env=true"],
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "otlp", port: OTLP_PORT },
      { name: "grpc", port: GRPC_PORT },
      { name: "memberlist", port: MEMBERLIST_PORT },
    ],
    peerPorts: ["grpc", "memberlist"],
    environment: environment(memoryMiB, facts),
    resources: resources(cpuMillicores, memoryMiB),
    probes: {
      ready: { http: "/ready", port: "http" },
      live: { http: "/status/version", port: "http" },
      // After a crash it replays its log before it answers.
      startupSeconds: 600,
    },
    metrics: { port: "http" },
    volumes: volumes(facts, config),
    backup: { by: "none", reason: "traces are kept for days; those in the bucket are copies of what the servers had" },
    runAs: { user: 10001, group: 10001 },
    terminationGraceSeconds: 120,
  };
}

/** The name behind which every server is, also those that are not ready. */
function peersHost(name: string, namespace: string): string {
  return `${name}-headless.${namespace}.svc`;
}

function environment(memoryMiB: number, { store }: TempoFacts): Record<string, Variable> {
  return {
    POD_IP: { field: "status.podIP" },
    // Go collects its garbage earlier when the limit is near, and is not killed at it.
    GOMEMLIMIT: `${Math.floor(memoryMiB * 0.8)}MiB`,
    ...(store === undefined ? {} : bucketKeys(store)),
  };
}

function volumes({ storageGiB, storageClass, store }: TempoFacts, config: string): ServiceArgs["volumes"] {
  const setting = "observability.traces.storageGiB";
  return {
    persistent: [{ name: "data", storageGiB, storageClass, setting, mounts: [{ path: DATA }] }],
    config: { path: CONFIG, files: { [CONFIG_FILE]: config } },
    configMaps: storeAuthorityFiles(store),
  };
}
