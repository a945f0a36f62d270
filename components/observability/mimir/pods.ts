import type { BucketHandle } from "../../kit/bucket";
import { images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import type { Environment, Size } from "../../kit/sizes";
import { bucketKeys, storeAuthorityFiles } from "../../kit/store-access";
import { DATA, GOSSIP_PORT, GRPC_PORT, HTTP_PORT, type MimirFacts, mimirConfig } from "./config";
import { goLimitMiB, mimirResources } from "./sizes";

const CONFIG = "/etc/mimir";
const CONFIG_FILE = "mimir.yaml";
const USER = 10001;

/** What Mimir is called. */
export const mimirSoftware = {
  software: "mimir",
  component: "long-term-metrics",
  version: imageVersion(images.mimir),
} as const;

export interface MimirPodFacts extends Omit<MimirFacts, "peers" | "bucket"> {
  readonly namespace: string;
  readonly environment: Environment;
  readonly size: Size;
  /** Of each server. */
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly bucket: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "secretName" | "caConfigMap">;
}

/** Everything of the service but its image and namespace. */
export function mimirPods(name: string, facts: MimirPodFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const { environment, size, replicas } = facts;
  return {
    ...mimirSoftware,
    kind: "StatefulSet",
    replicas,
    args: [`-config.file=${CONFIG}/${CONFIG_FILE}`, "-config.expand-env=true"],
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "grpc", port: GRPC_PORT },
      { name: "gossip", port: GOSSIP_PORT },
    ],
    peerPorts: ["grpc", "gossip"],
    environment: variables(facts),
    resources: mimirResources(size, environment),
    probes: {
      ready: { http: "/ready", port: "http" },
      // Not `/ready`: that asks the ring, and a restart does not mend a ring.
      live: { http: "/api/v1/status/buildinfo", port: "http" },
      // After a crash it replays its log before it listens.
      startupSeconds: 900,
    },
    metrics: { port: "http" },
    volumes: volumes(name, facts),
    runAs: { user: USER, group: USER, fsGroup: USER },
    backup: { by: "none", reason: "metrics are measured anew; all but the newest two hours are in a bucket" },
    // Queries end, and what is in memory is written to the volume.
    terminationGraceSeconds: 300,
  };
}

function variables({ size, environment, bucket }: MimirPodFacts): Record<string, Variable> {
  return {
    POD_IP: { field: "status.podIP" },
    GOMEMLIMIT: `${goLimitMiB(size, environment)}MiB`,
    ...bucketKeys(bucket),
  };
}

function volumes(name: string, facts: MimirPodFacts): ServiceArgs["volumes"] {
  const { namespace, storageGiB, storageClass, bucket } = facts;
  const peers = `${name}-headless.${namespace}.svc`;
  const setting = "observability.metrics.longTerm.storageGiB";
  return {
    persistent: [{ name: "data", storageGiB, storageClass, setting, mounts: [{ path: DATA }] }],
    config: { path: CONFIG, files: { [CONFIG_FILE]: mimirConfig({ ...facts, peers }) } },
    configMaps: storeAuthorityFiles(bucket),
  };
}
