import type { BucketHandle } from "../../kit/bucket";
import { images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { bucketKeys, storeAuthorityFiles } from "../../kit/store-access";
import { DATA, GOSSIP_PORT, GRPC_PORT, HTTP_PORT, type LokiFacts, lokiConfig } from "./config";
import { lokiMemory, lokiResources } from "./sizes";

export const SOFTWARE = "loki";
export const COMPONENT = "log-store";

const CONFIG = "/etc/loki";
const USER = 10001;

export interface LokiPodFacts extends Omit<LokiFacts, "peers" | "bucket"> {
  readonly namespace: string;
  /** Of each server. */
  readonly storageGiB: number;
  readonly storageClass: string;
  /** @default - everything is on the volume */
  readonly bucket?: Pick<BucketHandle, "bucket" | "endpoint" | "region" | "secretName" | "caConfigMap">;
}

/** Everything of the service but its image and namespace. */
export function lokiPods(name: string, facts: LokiPodFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const { environment, size, replicas } = facts;
  return {
    software: SOFTWARE,
    component: COMPONENT,
    version: imageVersion(images.loki),
    kind: "StatefulSet",
    replicas,
    args: [`-config.file=${CONFIG}/loki.yaml`, "-config.expand-env=true"],
    ports: [
      { name: "http", port: HTTP_PORT },
      { name: "grpc", port: GRPC_PORT },
      { name: "gossip", port: GOSSIP_PORT },
    ],
    peerPorts: ["grpc", "gossip"],
    environment: variables(facts),
    resources: lokiResources(size, environment),
    probes: {
      ready: { http: "/ready", port: "http" },
      // Not `/ready`: that asks the ring, and a restart does not mend a ring.
      live: { http: "/loki/api/v1/status/buildinfo", port: "http" },
      // After a crash it replays its log before it listens.
      startupSeconds: 600,
    },
    metrics: { port: "http" },
    volumes: volumes(name, facts),
    runAs: { user: USER, group: USER, fsGroup: USER },
    backup: { by: "none", reason: "logs are worth their retention and no more; in prod they are in a bucket" },
    // Members leave the ring and hand their queries over.
    terminationGraceSeconds: 120,
  };
}

function variables({ size, environment, bucket }: LokiPodFacts): Record<string, Variable> {
  return {
    POD_IP: { field: "status.podIP" },
    GOMEMLIMIT: `${lokiMemory(size, environment).goLimitMiB}MiB`,
    ...(bucket === undefined ? {} : bucketKeys(bucket)),
  };
}

function volumes(name: string, facts: LokiPodFacts): ServiceArgs["volumes"] {
  const { namespace, storageGiB, storageClass, bucket } = facts;
  const peers = `${name}-headless.${namespace}.svc`;
  return {
    persistent: [
      { name: "data", storageGiB, storageClass, setting: "observability.logs.storageGiB", mounts: [{ path: DATA }] },
    ],
    config: { path: CONFIG, files: { "loki.yaml": lokiConfig({ ...facts, peers }) } },
    configMaps: storeAuthorityFiles(bucket),
  };
}
