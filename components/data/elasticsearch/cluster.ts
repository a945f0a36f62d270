import { type BackupPlan, backupAnnotations, backupLabels } from "../../kit/backup";
import { imageReference, images } from "../../kit/images";
import { type Identity, labels } from "../../kit/labels";
import { priorities } from "../../kit/priorities";
import { containerSecurityContext } from "../../kit/security";
import type { Environment, Size } from "../../kit/sizes";
import { claimSpec } from "../../kit/volumes";
import { elasticsearchResources } from "./sizes";
import { type SnapshotStore, snapshotConfig, snapshotSecureSettings, trustStorePod } from "./snapshot-store";

export const HTTP_PORT = 9200;
export const TRANSPORT_PORT = 9300;
/** The name that ECK knows the data's volume by. */
export const DATA_VOLUME = "elasticsearch-data";

export interface ElasticsearchFacts {
  readonly identity: Identity;
  readonly nodes: number;
  readonly storageGiB: number;
  readonly storageClass: string;
  readonly size: Size;
  readonly environment: Environment;
  /** Secret with tls.crt, tls.key and ca.crt. @default - plain HTTP */
  readonly tlsSecret?: string;
  /** Secret with the exporter's user, and Secret with its role. */
  readonly exporterSecret: string;
  readonly rolesSecret: string;
  /** Where snapshots go. @default - nowhere */
  readonly snapshots?: SnapshotStore;
}

/** Name of the Service at which clients reach the cluster. */
export function httpService(cluster: string): string {
  return `${cluster}-es-http`;
}

/** Name of the Service at which ECK itself, and a node that stops, reach the cluster. */
export function internalHttpService(cluster: string): string {
  return `${cluster}-es-internal-http`;
}

/** Secret, made by ECK, with the password of the superuser `elastic` under that name. */
export function elasticUserSecret(cluster: string): string {
  return `${cluster}-es-elastic-user`;
}

/** How a server, or a web page, speaks: with a certificate of the environment's authority, or in plain text. */
export function httpTls(secretName: string | undefined) {
  return {
    tls: secretName === undefined ? { selfSignedCertificate: { disabled: true } } : { certificate: { secretName } },
  };
}

/** Spec of the elasticsearch.k8s.elastic.co/v1 Elasticsearch. */
export function elasticsearchSpec(name: string, facts: ElasticsearchFacts) {
  const { snapshots } = facts;
  return {
    version: images.elasticsearch.tag,
    image: imageReference(images.elasticsearch),
    auth: { fileRealm: [{ secretName: facts.exporterSecret }], roles: [{ secretName: facts.rolesSecret }] },
    http: httpTls(facts.tlsSecret),
    ...(snapshots === undefined ? {} : { secureSettings: snapshotSecureSettings(snapshots) }),
    // One node at a time, and the next one only when every shard has its copies again.
    updateStrategy: { changeBudget: { maxUnavailable: 1, maxSurge: 0 } },
    // Removing the cluster keeps its data; a node that is taken away has given its data to the others.
    volumeClaimDeletePolicy: "DeleteOnScaledownOnly",
    nodeSets: [
      {
        name: "default",
        count: facts.nodes,
        config: { ...nodeConfig(), ...(snapshots === undefined ? {} : snapshotConfig(snapshots)) },
        podTemplate: podTemplate(name, facts),
        volumeClaimTemplates: [
          {
            metadata: { name: DATA_VOLUME, labels: labels({ ...facts.identity, version: undefined }) },
            spec: claimSpec(facts),
          },
        ],
      },
    ],
  };
}

/** elasticsearch.yml, beside what ECK writes into it. */
export function nodeConfig() {
  return {
    // Every node does all of it: below some ten nodes, masters of their own cost more than they bring.
    "node.roles": ["master", "data", "ingest", "transform"],
    // Mapped files need vm.max_map_count on the machine; without them reads are slower, and no pod has to be privileged.
    "node.store.allow_mmap": false,
    // Machine learning needs a licence, and its native processes take memory beside the heap.
    "xpack.ml.enabled": false,
    // Would fetch its databases from the internet.
    "ingest.geoip.downloader.enabled": false,
  };
}

function podTemplate(name: string, facts: ElasticsearchFacts) {
  const { identity, environment, snapshots } = facts;
  const trust = trustStorePod(snapshots);
  const plan = backupPlan(snapshots);
  return {
    metadata: {
      labels: { ...labels(identity), ...backupLabels(plan) },
      annotations: backupAnnotations(plan, []),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      priorityClassName: priorities.data.name,
      // The image runs as user 1000 in the group of root, to which its files belong: no group is set.
      securityContext: {
        runAsNonRoot: true,
        fsGroup: 1000,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...(environment === "prod" && facts.nodes > 1 ? { affinity: apart(name) } : {}),
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "topology.kubernetes.io/zone",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: clusterLabels(name) },
        },
      ],
      ...(trust === undefined ? {} : { initContainers: trust.initContainers, volumes: trust.volumes }),
      containers: [
        {
          name: "elasticsearch",
          resources: elasticsearchResources(facts.size, environment),
          securityContext: containerSecurityContext(true),
          ...(trust === undefined ? {} : { env: trust.env, volumeMounts: trust.volumeMounts }),
        },
      ],
    },
  };
}

/** Labels that ECK puts on every pod of a cluster. */
function clusterLabels(cluster: string): Record<string, string> {
  return { "elasticsearch.k8s.elastic.co/cluster-name": cluster };
}

/** No two nodes of the cluster on one machine; ECK alone would only prefer it. */
function apart(cluster: string) {
  const term = { labelSelector: { matchLabels: clusterLabels(cluster) }, topologyKey: "kubernetes.io/hostname" };
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

/** Files of a running node are no backup: it makes snapshots, or there is none. */
function backupPlan(snapshots: SnapshotStore | undefined): BackupPlan {
  return snapshots === undefined
    ? { by: "none", reason: "services.elasticsearch.backup is off" }
    : { by: "native", reason: "snapshots to the backups' store, by Elasticsearch's own schedule" };
}
