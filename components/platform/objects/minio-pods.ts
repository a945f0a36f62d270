import { images } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, type Resources, resourcesFor, type Size } from "../../kit/sizes";
import { erasureSet } from "./erasure";

export const S3_PORT = 9000;
const CONSOLE_PORT = 9001;
/** The region that MinIO calls itself; clients must sign with it. */
export const REGION = "us-east-1";

export const SOFTWARE = "minio";
export const COMPONENT = "object-storage";

export interface MinioFacts {
  readonly namespace: string;
  readonly environment: Environment;
  readonly replicas: number;
  readonly drives: number;
  /** Size of each drive's volume. */
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size?: Size;
  /** Secret with `user` and `password`. */
  readonly rootSecret: string;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain HTTP */
  readonly tlsSecret?: string;
  /** ConfigMap beside it with the authority's `ca.crt`: for who reads its metrics. @default - plain HTTP */
  readonly caConfigMap?: string;
}

/** Everything of the service but its image and namespace. */
export function minioPods(name: string, facts: MinioFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const encrypted = facts.tlsSecret !== undefined;
  const certificates = encrypted ? ["--certs-dir", "/certs"] : [];
  return {
    software: SOFTWARE,
    component: COMPONENT,
    version: images.minio.tag.replace(/^RELEASE\./, ""),
    kind: "StatefulSet",
    replicas: facts.replicas,
    command: ["silo", "server", ...certificates, "--console-address", `:${CONSOLE_PORT}`, ...drivePaths(name, facts)],
    ports: [
      { name: "s3", port: S3_PORT },
      { name: "console", port: CONSOLE_PORT },
    ],
    environment: environment(facts),
    resources: memoryFor(facts.size ?? "small", facts.environment),
    probes: {
      ready: { http: "/minio/health/ready", port: "s3", tls: encrypted },
      live: { http: "/minio/health/live", port: "s3", tls: encrypted },
    },
    metrics: {
      port: "s3",
      path: "/minio/metrics/v3",
      ...(facts.caConfigMap === undefined
        ? {}
        : { tls: { serverName: `${name}.${facts.namespace}.svc`, caConfigMap: facts.caConfigMap } }),
    },
    volumes: volumes(facts),
    runAs: { user: 1000, group: 1000 },
    backup: { by: "none", reason: "a copy of a bucket is another bucket; backups themselves are kept in here" },
    terminationGraceSeconds: 60,
  };
}

/** It takes about 400 MiB before the first request: dev's smallest size would not do. */
function memoryFor(size: Size, environment: Environment): Resources {
  return resourcesFor(environment === "dev" && size === "small" ? "medium" : size, environment, "data");
}

/** `{0...3}` is MinIO's own way to count servers and drives: one argument is one pool. */
function drivePaths(name: string, { namespace, replicas, drives, tlsSecret }: MinioFacts): string[] {
  const path = drives === 1 ? drivePath(0) : `/drives/{0...${drives - 1}}`;
  if (replicas === 1) {
    return [path];
  }
  const scheme = tlsSecret === undefined ? "http" : "https";
  return [`${scheme}://${name}-{0...${replicas - 1}}.${name}-headless.${namespace}.svc:${S3_PORT}${path}`];
}

function drivePath(index: number): string {
  return `/drives/${index}`;
}

function environment({ replicas, drives, rootSecret }: MinioFacts): Record<string, Variable> {
  const { parity } = erasureSet(replicas, drives);
  return {
    MINIO_ROOT_USER: { secret: rootSecret, key: "user" },
    MINIO_ROOT_PASSWORD: { secret: rootSecret, key: "password" },
    // Metrics say nothing about content, and only who has a network path reaches them.
    MINIO_PROMETHEUS_AUTH_TYPE: "public",
    MINIO_UPDATE: "off",
    // Uploads that nobody finished: its lifecycle rules know nothing of them.
    MINIO_API_STALE_UPLOADS_EXPIRY: "24h",
    MINIO_SITE_REGION: REGION,
    ...(parity === 0 ? {} : { MINIO_STORAGE_CLASS_STANDARD: `EC:${parity}` }),
  };
}

function volumes({ drives, storageGiB, storageClass, tlsSecret }: MinioFacts): ServiceArgs["volumes"] {
  return {
    persistent: Array.from({ length: drives }, (_, index) => ({
      name: `drive-${index}`,
      storageGiB,
      storageClass,
      setting: "objects.minio.storageGiB",
      mounts: [{ path: drivePath(index) }],
    })),
    scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 64 }],
    ...(tlsSecret === undefined
      ? {}
      : {
          secrets: [
            {
              name: "certificates",
              path: "/certs",
              secret: tlsSecret,
              // The names that MinIO looks for; it reads them again when they change.
              items: { "public.crt": "tls.crt", "private.key": "tls.key", "CAs/internal.crt": "ca.crt" },
            },
          ],
        }),
  };
}
