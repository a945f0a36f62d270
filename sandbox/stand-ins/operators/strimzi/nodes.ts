import { createHash } from "node:crypto";
import type { V1Affinity, V1Container, V1PersistentVolumeClaim, V1Pod, V1Service } from "@kubernetes/client-node";
import { claims } from "../../runtime/kinds";
import { type Observed, ownedBy } from "../types";
import {
  type Kafka,
  type KafkaNodePool,
  kafkaVersions,
  type Listener,
  labelsOf,
  operatorVersion,
  selectorOf,
  type Volume,
} from "./types";

const rangesAnnotation = "strimzi.io/next-node-ids";
/** By this a volume knows whose data is on it, as meta.properties does on a real one. */
const dataOfAnnotation = "sandbox.orrery.dev/kafka-cluster-id";

/** Numbers of a pool's nodes: from its own ranges, or one pool after the other. */
export function nodeIds(pool: KafkaNodePool, pools: readonly KafkaNodePool[]): number[] {
  const { replicas } = pool.spec;
  const ranges = pool.metadata!.annotations?.[rangesAnnotation];
  if (ranges !== undefined) return expand(ranges).slice(0, replicas);
  const name = pool.metadata!.name!;
  const earlier = pools
    .filter((other) => other.metadata!.name! < name)
    .reduce((sum, { spec }) => sum + spec.replicas, 0);
  return Array.from({ length: replicas }, (_, index) => earlier + index);
}

function expand(ranges: string): number[] {
  return ranges
    .replace(/[[\]\s]/g, "")
    .split(",")
    .flatMap((range) => {
      const [from = 0, to = from] = range.split("-").map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    });
}

export const podName = (cluster: string, pool: KafkaNodePool, id: number) => `${cluster}-${pool.metadata!.name}-${id}`;

function poolLabels(kafka: Kafka, pool: KafkaNodePool): Record<string, string> {
  const cluster = kafka.metadata!.name!;
  return { ...labelsOf(pool, cluster, `${cluster}-kafka`, "kafka"), "strimzi.io/pool-name": pool.metadata!.name! };
}

const volumesOf = ({ spec: { storage } }: KafkaNodePool): { volume: Volume; name: string }[] =>
  storage.type === "jbod"
    ? storage.volumes.map((volume) => ({ volume, name: `data-${volume.id ?? 0}` }))
    : [{ volume: storage, name: "data" }];

/** Claims that are not deleted with the cluster have no owner. */
export function claimsOf(kafka: Kafka, pool: KafkaNodePool, id: number, clusterId: string): V1PersistentVolumeClaim[] {
  const template = pool.spec.template?.persistentVolumeClaim?.metadata;
  return volumesOf(pool)
    .filter(({ volume }) => volume.type === "persistent-claim")
    .map(({ volume, name }) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        namespace: pool.metadata!.namespace,
        name: `${name}-${podName(kafka.metadata!.name!, pool, id)}`,
        labels: { ...template?.labels, ...poolLabels(kafka, pool) },
        annotations: {
          ...template?.annotations,
          "strimzi.io/delete-claim": String(volume.deleteClaim ?? false),
          [dataOfAnnotation]: clusterId,
        },
        ...(volume.deleteClaim ? { ownerReferences: ownedBy(pool) } : {}),
      },
      spec: {
        accessModes: ["ReadWriteOnce"],
        volumeMode: "Filesystem",
        resources: { requests: { storage: volume.size! } },
        ...(volume.class === undefined ? {} : { storageClassName: volume.class }),
      },
    }));
}

/** Claims whose volumes were another cluster's. */
export function foreignClaims(
  wanted: readonly V1PersistentVolumeClaim[],
  observed: Pick<Observed, "find">,
  clusterId: string,
): string[] {
  return wanted
    .map(({ metadata }) => observed.find<V1PersistentVolumeClaim>(claims, metadata!.name!, metadata!.namespace))
    .filter((claim) => (claim?.metadata?.annotations?.[dataOfAnnotation] ?? clusterId) !== clusterId)
    .map((claim) => claim!.metadata!.name!);
}

export function podOf(kafka: Kafka, pool: KafkaNodePool, id: number): V1Pod {
  const cluster = kafka.metadata!.name!;
  const name = podName(cluster, pool, id);
  const { metadata, affinity, ...template } = pool.spec.template?.pod ?? {};
  const { roles } = pool.spec;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: pool.metadata!.namespace,
      name,
      labels: {
        ...metadata?.labels,
        ...poolLabels(kafka, pool),
        "strimzi.io/pod-name": name,
        "strimzi.io/controller": "strimzipodset",
        "strimzi.io/controller-name": `${cluster}-${pool.metadata!.name}`,
        "strimzi.io/broker-role": String(roles.includes("broker")),
        "strimzi.io/controller-role": String(roles.includes("controller")),
      },
      // What is in the broker's configuration: another one restarts it.
      annotations: { ...metadata?.annotations, "strimzi.io/configuration-hash": hash(kafka.spec.kafka) },
      ownerReferences: ownedBy(pool),
    },
    spec: {
      ...template,
      hostname: name,
      subdomain: `${cluster}-kafka-brokers`,
      serviceAccountName: `${cluster}-kafka`,
      automountServiceAccountToken: false,
      affinity: withRack(affinity, kafka),
      ...(knowsRack(kafka) ? { initContainers: [initContainer(pool)] } : {}),
      containers: [container(kafka, pool)],
      volumes: [
        ...volumesOf(pool).map(({ volume, name: of }) =>
          volume.type === "persistent-claim"
            ? { name: of, persistentVolumeClaim: { claimName: `${of}-${name}` } }
            : { name: of, emptyDir: {} },
        ),
        { name: "strimzi-tmp", emptyDir: { medium: "Memory", sizeLimit: "100Mi" } },
      ],
    },
  };
}

function container(kafka: Kafka, pool: KafkaNodePool): V1Container {
  const { version = kafkaVersions.at(-1), listeners, metricsConfig } = kafka.spec.kafka;
  const template = pool.spec.template?.kafkaContainer;
  const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: "TCP" });
  const probe = (script: string) => ({
    exec: { command: [`/opt/kafka/${script}.sh`] },
    initialDelaySeconds: 15,
    timeoutSeconds: 5,
  });
  return {
    name: "kafka",
    image: `quay.io/strimzi/kafka:${operatorVersion}-kafka-${version}`,
    command: ["/opt/kafka/kafka_run.sh"],
    ports: [
      port("tcp-kafkaagent", 8443),
      ...(pool.spec.roles.includes("controller") ? [port("tcp-ctrlplane", 9090)] : []),
      ...(pool.spec.roles.includes("broker")
        ? [port("tcp-replication", 9091), ...listeners.map((listener) => port(portName(listener), listener.port))]
        : []),
      ...(metricsConfig === undefined ? [] : [port("tcp-prometheus", 9404)]),
    ],
    resources: pool.spec.resources,
    env: template?.env,
    securityContext: template?.securityContext,
    livenessProbe: probe("kafka_liveness"),
    readinessProbe: probe("kafka_readiness"),
    volumeMounts: [
      ...volumesOf(pool).map(({ name }) => ({ name, mountPath: `/var/lib/kafka/${name}` })),
      { name: "strimzi-tmp", mountPath: "/tmp" },
    ],
  };
}

const knowsRack = ({ spec: { kafka } }: Kafka) =>
  kafka.rack !== undefined && (kafka.rack.type ?? "topology-label") === "topology-label";

/** It asks the API server for the label of its node. */
function initContainer(pool: KafkaNodePool): V1Container {
  return {
    name: "kafka-init",
    image: `quay.io/strimzi/operator:${operatorVersion}`,
    command: ["/opt/strimzi/bin/kafka_init_run.sh"],
    resources: pool.spec.resources,
    securityContext: pool.spec.template?.initContainer?.securityContext,
  };
}

/** A broker that has to know its rack runs only where there is one. */
function withRack(affinity: V1Affinity | undefined, kafka: Kafka): V1Affinity | undefined {
  if (!knowsRack(kafka)) return affinity;
  const known = { key: kafka.spec.kafka.rack!.topologyKey!, operator: "Exists" };
  const nodes = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = nodes?.nodeSelectorTerms ?? [{}];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((term) => ({
          ...term,
          matchExpressions: [...(term.matchExpressions ?? []), known],
        })),
      },
    },
  };
}

/** A Service for each broker and each listener that clients outside the cluster reach. */
export function brokerServicesOf(kafka: Kafka, pool: KafkaNodePool, id: number): V1Service[] {
  const cluster = kafka.metadata!.name!;
  if (!pool.spec.roles.includes("broker")) return [];
  return kafka.spec.kafka.listeners
    .filter(({ type }) => type !== "internal")
    .map((listener) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        namespace: pool.metadata!.namespace,
        name: `${cluster}-${pool.metadata!.name}-${listener.name}-${id}`,
        labels: poolLabels(kafka, pool),
        ownerReferences: ownedBy(pool),
      },
      spec: {
        type: "ClusterIP",
        selector: {
          ...selectorOf(cluster, `${cluster}-kafka`),
          "strimzi.io/pool-name": pool.metadata!.name!,
          "strimzi.io/pod-name": podName(cluster, pool, id),
        },
        ports: [servicePort(portName(listener), listener.port)],
      },
    }));
}

export function portName({ name, port, type }: Listener): string {
  if (type === "internal" && name === "plain" && port === 9092) return "tcp-clients";
  if (type === "internal" && name === "tls" && port === 9093) return "tcp-clientstls";
  return `tcp-${name}`;
}

export const servicePort = (name: string, port: number) => ({ name, port, targetPort: name, protocol: "TCP" });

/** Of what becomes the broker's configuration; the templates are the pod's. */
function hash({ template: _, ...configuration }: Kafka["spec"]["kafka"]): string {
  return createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 16);
}
