import type { BackupPlan } from "../../kit/backup";
import { images, imageVersion } from "../../kit/images";
import type { Variable } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import type { Environment } from "../../kit/sizes";
import { etcdResources } from "./sizes";

export const ETCD_PORT = 2379;
const PEER_PORT = 2380;
/** Metrics and health, without TLS: it says nothing about content. */
const METRICS_PORT = 2381;
const DATA = "/var/lib/etcd";
const ETCD_CERTIFICATES = "/certs";
/** Where clients find the authority of its certificate. */
export const ETCD_AUTHORITY = "/etc/etcd-ca";

const MIB = 1024 * 1024;

export interface EtcdFacts {
  readonly namespace: string;
  readonly environment: Environment;
  readonly replicas: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain text */
  readonly tlsSecret?: string;
  readonly backup: BackupPlan;
}

/** DNS names of the members: each of them is asked, so that one that is away does no harm. */
export function etcdHosts(name: string, { namespace, replicas }: Pick<EtcdFacts, "namespace" | "replicas">): string[] {
  return Array.from({ length: replicas }, (_, index) => `${name}-${index}.${name}-headless.${namespace}.svc`);
}

/** Everything of the service but its image and namespace. */
export function etcdPods(name: string, facts: EtcdFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const { environment, replicas, storageGiB, storageClass, tlsSecret, backup } = facts;
  return {
    software: "etcd",
    component: "metadata",
    version: imageVersion(images.etcd),
    kind: "StatefulSet",
    replicas,
    command: ["/usr/local/bin/etcd"],
    ports: [
      { name: "client", port: ETCD_PORT },
      { name: "peer", port: PEER_PORT },
      { name: "metrics", port: METRICS_PORT },
    ],
    peerPorts: ["peer"],
    environment: etcdEnvironment(name, facts),
    resources: etcdResources(environment),
    probes: { ready: { http: "/readyz", port: "metrics" }, live: { http: "/livez", port: "metrics" } },
    metrics: { port: "metrics" },
    volumes: {
      persistent: [
        {
          name: "data",
          storageGiB,
          storageClass,
          setting: "services.milvus.etcd.storageGiB",
          mounts: [{ path: DATA }],
        },
      ],
      scratch: [{ name: "tmp", path: "/tmp", sizeLimitMiB: 16 }],
      ...(tlsSecret === undefined
        ? {}
        : { secrets: [{ name: "certificates", path: ETCD_CERTIFICATES, secret: tlsSecret }] }),
    },
    backup,
    // It hands its leadership over before it ends.
    terminationGraceSeconds: 60,
  };
}

/** etcd reads each of its flags from a variable. */
function etcdEnvironment(name: string, facts: EtcdFacts): Record<string, Variable> {
  const scheme = facts.tlsSecret === undefined ? "http" : "https";
  const own = `$(ETCD_NAME).${name}-headless.${facts.namespace}.svc`;
  const members = etcdHosts(name, facts).map((host, index) => `${name}-${index}=${scheme}://${host}:${PEER_PORT}`);
  return {
    ETCD_NAME: { field: "metadata.name" },
    ETCD_DATA_DIR: `${DATA}/data`,
    ETCD_LISTEN_CLIENT_URLS: `${scheme}://0.0.0.0:${ETCD_PORT}`,
    ETCD_LISTEN_PEER_URLS: `${scheme}://0.0.0.0:${PEER_PORT}`,
    ETCD_LISTEN_METRICS_URLS: `http://0.0.0.0:${METRICS_PORT}`,
    ETCD_ADVERTISE_CLIENT_URLS: `${scheme}://${own}:${ETCD_PORT}`,
    ETCD_INITIAL_ADVERTISE_PEER_URLS: `${scheme}://${own}:${PEER_PORT}`,
    ETCD_INITIAL_CLUSTER: members.join(","),
    // A member that has data ignores this; one that lost it is added by hand (docs/data/milvus.md).
    ETCD_INITIAL_CLUSTER_STATE: "new",
    // Milvus writes the same keys again and again: old revisions are forgotten, and their room is used again.
    ETCD_AUTO_COMPACTION_MODE: "revision",
    ETCD_AUTO_COMPACTION_RETENTION: "1000",
    ETCD_QUOTA_BACKEND_BYTES: String(quotaMiB(facts.storageGiB) * MIB),
    ETCD_LOG_LEVEL: "warn",
    ...(facts.tlsSecret === undefined ? {} : tlsEnvironment()),
  };
}

/** Half of the volume: beside the database there are its log, snapshots, and a second copy while it is defragmented. */
function quotaMiB(storageGiB: number): number {
  return Math.min(8192, storageGiB * 512);
}

/**
 * Peers show each other their certificates. Clients show none: etcd looks up the names in a client's certificate and
 * compares the addresses, and pods behind a Service never have its. Only the network paths decide who is a client.
 * etcd reads its certificate again with every connection.
 */
function tlsEnvironment(): Record<string, Variable> {
  const own = (prefix: string): [string, string][] => [
    [`${prefix}_CERT_FILE`, `${ETCD_CERTIFICATES}/tls.crt`],
    [`${prefix}_KEY_FILE`, `${ETCD_CERTIFICATES}/tls.key`],
  ];
  return {
    ...Object.fromEntries([...own("ETCD"), ...own("ETCD_PEER")]),
    ETCD_PEER_TRUSTED_CA_FILE: `${ETCD_CERTIFICATES}/ca.crt`,
    ETCD_PEER_CLIENT_CERT_AUTH: "true",
  };
}

/** How etcd's own client reaches all members. */
export function etcdClientEnvironment(
  name: string,
  facts: Pick<EtcdFacts, "namespace" | "replicas" | "tlsSecret">,
): Record<string, Variable> {
  const scheme = facts.tlsSecret === undefined ? "http" : "https";
  return {
    ETCDCTL_ENDPOINTS: etcdHosts(name, facts)
      .map((host) => `${scheme}://${host}:${ETCD_PORT}`)
      .join(","),
    ...(facts.tlsSecret === undefined ? {} : { ETCDCTL_CACERT: `${ETCD_AUTHORITY}/ca.crt` }),
  };
}

/** How the volumes of Milvus's etcd are backed up: the files of a running etcd are no backup. */
export function etcdBackupPlan(snapshots: boolean): BackupPlan {
  return snapshots
    ? { by: "native", reason: "snapshots of the whole etcd are taken by etcdctl" }
    : { by: "none", reason: "services.milvus.backup is off" };
}
