import type {
  KubernetesObject,
  V1Deployment,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Service,
} from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { desiredCluster } from "../../../../sandbox/stand-ins/operators/strimzi/cluster";
import { desiredTopic, desiredUser } from "../../../../sandbox/stand-ins/operators/strimzi/entities";
import { desiredPool } from "../../../../sandbox/stand-ins/operators/strimzi/pool";
import type {
  Kafka,
  KafkaNodePool,
  KafkaTopic,
  KafkaUser,
} from "../../../../sandbox/stand-ins/operators/strimzi/types";
import { observing } from "./observed";

const apiVersion = "kafka.strimzi.io/v1";
const clusterLabel = { "strimzi.io/cluster": "kafka" };
const listener = { name: "tls", port: 9093, type: "internal" as const, tls: true };

function kafka(more: Partial<Kafka["spec"]["kafka"]> = {}, status?: Kafka["status"]): Kafka {
  return {
    apiVersion,
    kind: "Kafka",
    metadata: {
      namespace: "broker",
      name: "kafka",
      uid: "u1",
      generation: 2,
      labels: { "orrery.dev/domain": "broker" },
    },
    spec: {
      kafka: { version: "4.3.1", listeners: [listener], ...more },
      entityOperator: { topicOperator: {}, userOperator: { secretPrefix: "kafka-user-" } },
    },
    status,
  };
}

const running = { clusterId: "one", conditions: [{ type: "Ready", status: "True" as const, reason: "", message: "" }] };

function pool(name = "quorum", spec: Partial<KafkaNodePool["spec"]> = {}, ids = "[0-2]"): KafkaNodePool {
  return {
    apiVersion,
    kind: "KafkaNodePool",
    metadata: {
      namespace: "broker",
      name,
      uid: `pool-${name}`,
      generation: 1,
      labels: { ...clusterLabel, "orrery.dev/domain": "broker", "app.kubernetes.io/name": "ours" },
      annotations: { "strimzi.io/next-node-ids": ids },
    },
    spec: {
      replicas: 3,
      roles: ["controller", "broker"],
      storage: { type: "jbod", volumes: [{ id: 0, type: "persistent-claim", size: "20Gi", class: "hcloud" }] },
      resources: { requests: { memory: "2Gi" } },
      ...spec,
    },
  };
}

const named = (objects: readonly KubernetesObject[]) => objects.map(({ metadata }) => metadata!.name);
const ofKind = <T extends KubernetesObject>(kind: string, objects: readonly KubernetesObject[] = []): T[] =>
  objects.filter((object) => object.kind === kind) as T[];
const secret = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace: "broker", name },
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
});

function brokerPod(id: number, ready = true): V1Pod {
  return {
    kind: "Pod",
    metadata: {
      namespace: "broker",
      name: `kafka-quorum-${id}`,
      labels: { ...clusterLabel, "strimzi.io/name": "kafka-kafka" },
    },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const entityOperator = (available: number): V1Deployment => ({
  kind: "Deployment",
  metadata: { namespace: "broker", name: "kafka-entity-operator" },
  status: { availableReplicas: available },
});

const conditionOf = (status: Record<string, unknown> = {}) =>
  (status["conditions"] as { type: string; status: string; reason: string; message: string }[])[0]!;

describe("KafkaNodePool", () => {
  const made = (of = pool(), cluster = kafka({}, running), more: KubernetesObject[] = []) =>
    desiredPool(of, observing([cluster, of, ...more]));

  it("has a pod and a claim for each node, with the numbers of its range", () => {
    const { objects = [], status } = made(pool("broker", { replicas: 2, roles: ["broker"] }, "[3-99]"), undefined, [
      pool(),
    ]);
    expect(named(ofKind("Pod", objects))).toEqual(["kafka-broker-3", "kafka-broker-4"]);
    expect(named(ofKind("PersistentVolumeClaim", objects))).toEqual(["data-0-kafka-broker-3", "data-0-kafka-broker-4"]);
    expect(status).toMatchObject({ nodeIds: [3, 4], roles: ["broker"] });
  });

  it("gives pods and claims Strimzi's labels and the resource's own, but for Kubernetes' recommended ones", () => {
    const { objects } = made();
    const expected = {
      "strimzi.io/cluster": "kafka",
      "strimzi.io/name": "kafka-kafka",
      "strimzi.io/kind": "Kafka",
      "strimzi.io/pool-name": "quorum",
      "app.kubernetes.io/name": "kafka",
      "orrery.dev/domain": "broker",
    };
    for (const kind of ["Pod", "PersistentVolumeClaim"]) {
      expect(ofKind(kind, objects)[0]!.metadata!.labels).toMatchObject(expected);
    }
  });

  it("keeps claims when it goes, unless they are to be deleted, and lets them grow", () => {
    const kept = made();
    expect(ofKind<V1PersistentVolumeClaim>("PersistentVolumeClaim", kept.objects)[0]!.metadata!.ownerReferences).toBe(
      undefined,
    );
    expect(kept.grow).toHaveLength(3);
    const storage = { type: "persistent-claim" as const, size: "1Gi", deleteClaim: true };
    const gone = made(pool("quorum", { storage }));
    const [claim] = ofKind<V1PersistentVolumeClaim>("PersistentVolumeClaim", gone.objects);
    expect(claim!.metadata!.name).toBe("data-kafka-quorum-0");
    expect(claim!.metadata!.ownerReferences).toHaveLength(1);
    expect(gone.grow).toEqual([]);
  });

  it("passes on the template: labels, security, placement, resources", () => {
    const securityContext = { readOnlyRootFilesystem: true };
    const template = {
      pod: { metadata: { labels: { mine: "yes" } }, priorityClassName: "data", securityContext: { runAsUser: 1001 } },
      kafkaContainer: { securityContext },
    };
    const [pod] = ofKind<V1Pod>("Pod", made(pool("quorum", { template })).objects);
    expect(pod!.metadata!.labels).toMatchObject({ mine: "yes" });
    expect(pod!.spec).toMatchObject({ priorityClassName: "data", securityContext: { runAsUser: 1001 } });
    expect(pod!.spec!.containers[0]).toMatchObject({
      image: "quay.io/strimzi/kafka:1.2.0-kafka-4.3.1",
      securityContext,
      resources: { requests: { memory: "2Gi" } },
    });
    expect(pod!.spec!.containers[0]!.ports!.map(({ containerPort }) => containerPort)).toEqual([
      8443, 9090, 9091, 9093,
    ]);
  });

  it("is restarted by another configuration, and not by what does not reach the brokers", () => {
    const hash = (cluster: Kafka) =>
      ofKind<V1Pod>("Pod", made(pool(), cluster).objects)[0]!.metadata!.annotations!["strimzi.io/configuration-hash"];
    const before = hash(kafka({}, running));
    expect(hash(kafka({ config: { "num.partitions": 2 } }, running))).not.toBe(before);
    expect(hash(kafka({ template: { podDisruptionBudget: { maxUnavailable: 2 } } }, running))).toBe(before);
  });

  it("runs only on nodes with a location when it has to know it", () => {
    const rack = { type: "topology-label", topologyKey: "topology.kubernetes.io/zone" };
    const [pod] = ofKind<V1Pod>("Pod", made(pool(), kafka({ rack }, running)).objects);
    expect(JSON.stringify(pod!.spec!.affinity)).toContain('"key":"topology.kubernetes.io/zone","operator":"Exists"');
    expect(pod!.spec!.initContainers![0]!.name).toBe("kafka-init");
  });

  it("has a Service for each broker and each listener that is not internal", () => {
    const outside = { name: "gateway", port: 9095, type: "cluster-ip" as const, tls: true };
    const services = ofKind<V1Service>(
      "Service",
      made(pool(), kafka({ listeners: [listener, outside] }, running)).objects,
    );
    expect(named(services)).toEqual([0, 1, 2].map((id) => `kafka-quorum-gateway-${id}`));
    expect(services[1]!.spec).toMatchObject({
      selector: { "strimzi.io/pod-name": "kafka-quorum-1" },
      ports: [{ port: 9095, targetPort: "tcp-gateway" }],
    });
  });

  it.each([
    ["there is no cluster", []],
    ["the cluster has not been looked at", [kafka()]],
    ["the cluster is refused", [kafka({ version: "3.9.0" }, running)]],
  ])("makes and removes nothing while %s", (_, objects) => {
    const of = pool();
    expect(desiredPool(of, observing([...objects, of]))).toEqual({ prune: false });
  });

  it("starts no broker on the data of another cluster", () => {
    const [claim] = ofKind<V1PersistentVolumeClaim>("PersistentVolumeClaim", made().objects);
    const other = kafka({}, { ...running, clusterId: "two" });
    expect(ofKind("Pod", made(pool(), other, [claim!]).objects)).toEqual([]);
    const { status } = desiredCluster(other, observing([other, pool(), claim!]));
    expect(conditionOf(status)).toMatchObject({ type: "NotReady" });
    expect(conditionOf(status).message).toContain("Invalid cluster.id in meta.properties of data-0-kafka-quorum-0");
    // With the id of before, as the recovery sets it.
    expect(ofKind("Pod", made(pool(), kafka({}, running), [claim!]).objects)).toHaveLength(3);
  });
});

describe("Kafka", () => {
  const look = (cluster: Kafka, more: KubernetesObject[] = [pool()]) =>
    desiredCluster(cluster, observing([cluster, ...more]));

  it("has the Services, accounts and authorities that clients and brokers look for", () => {
    const { objects = [], secrets = [] } = look(kafka());
    expect(named(ofKind("Service", objects))).toEqual(["kafka-kafka-bootstrap", "kafka-kafka-brokers"]);
    const [bootstrap, brokers] = ofKind<V1Service>("Service", objects);
    expect(bootstrap!.spec!.ports!.map(({ port }) => port)).toEqual([9091, 9093]);
    expect(brokers!.spec!.clusterIP).toBe("None");
    expect(named(ofKind("ServiceAccount", objects))).toEqual(["kafka-kafka"]);
    expect(secrets.map(({ metadata }) => metadata.name)).toEqual(["kafka-cluster-ca", "kafka-clients-ca"]);
    const known = look(kafka(), [pool(), secret("kafka-cluster-ca", { "ca.crt": "PEM" })]).secrets!;
    expect(known.map(({ metadata }) => metadata.name)).toContain("kafka-cluster-ca-cert");
  });

  it("lets one broker at a time be taken away", () => {
    const [budget] = ofKind<V1PodDisruptionBudget>("PodDisruptionBudget", look(kafka()).objects);
    expect(budget!.spec).toMatchObject({ minAvailable: 2 });
  });

  it("is ready when all brokers and then the entity operator are", () => {
    const pods = [0, 1, 2].map((id) => brokerPod(id));
    const state = (...more: KubernetesObject[]) => {
      const { status, objects } = look(kafka(), [pool(), ...more]);
      return [conditionOf(status).type, ofKind("Deployment", objects).length];
    };
    expect(state(...pods.slice(0, 2))).toEqual(["NotReady", 0]);
    expect(state(...pods.slice(0, 2), brokerPod(2, false))).toEqual(["NotReady", 0]);
    expect(state(...pods)).toEqual(["NotReady", 1]);
    expect(state(...pods, entityOperator(0))).toEqual(["NotReady", 1]);
    expect(state(...pods, entityOperator(1))).toEqual(["Ready", 1]);
    // A broker that restarts does not take the entity operator away.
    expect(state(...pods.slice(0, 2), entityOperator(1))).toEqual(["NotReady", 1]);
  });

  it("keeps its id, and says where clients begin", () => {
    const { status } = look(kafka());
    expect(status!["clusterId"]).toMatch(/^[\w-]{22}$/);
    expect(look(kafka({}, { clusterId: "mine" })).status).toMatchObject({
      clusterId: "mine",
      listeners: [{ name: "tls", bootstrapServers: "kafka-kafka-bootstrap.broker.svc:9093" }],
    });
  });

  it("lets everything be while it is paused", () => {
    const paused = kafka({}, running);
    paused.metadata!.annotations = { "strimzi.io/pause-reconciliation": "true" };
    expect(look(paused)).toMatchObject({ prune: false, status: { conditions: [{ type: "ReconciliationPaused" }] } });
    expect(look(paused).objects).toBeUndefined();
    expect(desiredPool(pool(), observing([paused, pool()]))).toEqual({ prune: false });
  });

  const certificate = { secretName: "kafka-tls", certificate: "tls.crt", key: "tls.key" };
  it.each<[string, Partial<Kafka["spec"]["kafka"]>, KubernetesObject[]]>([
    ["No KafkaNodePools found", {}, []],
    ["Unsupported Kafka.spec.kafka.version: 3.9.0", { version: "3.9.0" }, [pool()]],
    ["with the broker role", {}, [pool("quorum", { roles: ["controller"] })]],
    ["with the controller role", {}, [pool("quorum", { roles: ["broker"] })]],
    ["unique name", { listeners: [listener, { ...listener, port: 9094 }] }, [pool()]],
    ["unique port", { listeners: [listener, { ...listener, name: "other" }] }, [pool()]],
    ["do not match the pattern", { listeners: [{ ...listener, name: "for-clients" }] }, [pool()]],
    ["port 9404 is forbidden", { listeners: [{ ...listener, port: 9404 }] }, [pool()]],
    [
      "Secret kafka-tls with custom TLS certificate does not exist",
      { listeners: [{ ...listener, configuration: { brokerCertChainAndKey: certificate } }] },
      [pool()],
    ],
  ])("refuses: %s", (message, spec, more) => {
    const { status, prune } = look(kafka(spec), more);
    expect(conditionOf(status)).toMatchObject({ type: "NotReady", reason: "InvalidResourceException" });
    expect(conditionOf(status).message).toContain(message);
    expect(prune).toBe(false);
  });
});

describe("KafkaTopic", () => {
  const topic = (spec: KafkaTopic["spec"] = {}, name = "orders", status?: KafkaTopic["status"]): KafkaTopic => ({
    apiVersion,
    kind: "KafkaTopic",
    metadata: { namespace: "broker", name, generation: 1, labels: clusterLabel },
    spec: { replicas: 3, ...spec },
    status,
  });

  it("waits for the cluster, then is ready under its own name", () => {
    expect(desiredTopic(topic(), observing([kafka(), pool()]))).toEqual({});
    const { status } = desiredTopic(topic({ topicName: "ORDERS" }), observing([kafka({}, running), pool()]));
    expect(status).toMatchObject({ topicName: "ORDERS", conditions: [{ type: "Ready", status: "True" }] });
  });

  it.each([
    ["KafkaError", topic({ replicas: 4 })],
    ["NotSupported", topic({ topicName: "new" }, "orders", { topicName: "old" })],
    ["ResourceConflict", topic({ topicName: "taken" })],
  ])("refuses: %s", (reason, resource) => {
    const other = topic({}, "other", { topicName: "taken" });
    const { status } = desiredTopic(resource, observing([kafka({}, running), pool(), other, resource]));
    expect(conditionOf(status)).toMatchObject({ type: "Ready", status: "False", reason });
  });
});

describe("KafkaUser", () => {
  const user: KafkaUser = {
    apiVersion,
    kind: "KafkaUser",
    metadata: { namespace: "broker", name: "ingest", uid: "u2", generation: 1, labels: clusterLabel },
    spec: {
      authentication: {
        type: "scram-sha-512",
        password: { valueFrom: { secretKeyRef: { name: "ours", key: "password" } } },
      },
    },
  };
  const look = (...more: KubernetesObject[]) => desiredUser(user, observing([kafka({}, running), ...more]));

  it("has a Secret of its own with the password that was asked for", () => {
    const { secrets, status } = look(secret("ours", { password: "given" }));
    expect(conditionOf(status)).toMatchObject({ type: "Ready", status: "True" });
    expect(secrets).toHaveLength(1);
    const made = secrets![0]!;
    expect(made).toMatchObject({ make: "password", renew: false, metadata: { name: "kafka-user-ingest" } });
    expect(made.make === "password" && made.data("made up")).toMatchObject({ password: "given" });
  });

  it("follows a new password", () => {
    const old = secret("kafka-user-ingest", { password: "before" });
    expect(look(secret("ours", { password: "given" }), old).secrets![0]).toMatchObject({ renew: true });
  });

  it.each([
    ["does not exist", []],
    ["does not contain the key password", [secret("ours", { other: "x" })]],
  ])("refuses a Secret that %s", (message, more) => {
    const { status, secrets } = look(...more);
    expect(conditionOf(status)).toMatchObject({ status: "False", reason: "InvalidResourceException" });
    expect(conditionOf(status).message).toContain(message);
    expect(secrets).toEqual([]);
  });
});
