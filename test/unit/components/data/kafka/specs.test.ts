import { describe, expect, it } from "vitest";
import { userAcls, viewerAcls } from "../../../../../components/data/kafka/acls";
import {
  brokerConfig,
  type KafkaClusterFacts,
  kafkaSpec,
  nodePoolSpec,
} from "../../../../../components/data/kafka/cluster";
import { kafkaDnsNames } from "../../../../../components/data/kafka/identity";
import { listeners } from "../../../../../components/data/kafka/listeners";
import {
  gatewayService,
  nodePools,
  topicNameProblem,
  topicObjectName,
} from "../../../../../components/data/kafka/names";
import { kafkaSignals } from "../../../../../components/data/kafka/signals";
import { brokerSize } from "../../../../../components/data/kafka/sizes";
import { topicConfig } from "../../../../../components/data/kafka/topic";
import { at } from "../../recorder";

const facts: KafkaClusterFacts = {
  cluster: "kafka",
  namespace: "broker",
  brokers: 3,
  environment: "prod",
  labels: { "orrery.dev/domain": "broker" },
  storageGiB: 20,
  storageClass: "hcloud",
  size: "small",
};

describe("nodes", () => {
  it.each([
    [1, ["quorum:controller,broker:0:1"]],
    [3, ["quorum:controller,broker:0:3"]],
    [5, ["quorum:controller,broker:0:3", "broker:broker:3:2"]],
    [9, ["quorum:controller,broker:0:3", "broker:broker:3:6"]],
  ])("%i brokers: at most three vote", (brokers, expected) => {
    const pools = nodePools(brokers).map(({ name, roles, first, replicas }) =>
      [name, roles, first, replicas].join(":"),
    );
    expect(pools).toEqual(expected);
  });

  it("have Services by pool and number", () => {
    expect([0, 2, 3, 4].map((broker) => gatewayService("kafka", 5, broker))).toEqual([
      "kafka-quorum-gateway-0",
      "kafka-quorum-gateway-2",
      "kafka-broker-gateway-3",
      "kafka-broker-gateway-4",
    ]);
    expect(() => gatewayService("kafka", 3, 3)).toThrow("no broker 3");
  });

  it("keep their volumes, and the heap is half of the memory", () => {
    const spec = nodePoolSpec(nodePools(3)[0]!, facts);
    expect(spec.storage.volumes).toEqual([
      {
        id: 0,
        type: "persistent-claim",
        size: "20Gi",
        class: "hcloud",
        kraftMetadata: "shared",
        deleteClaim: false,
      },
    ]);
    expect(spec.resources).toEqual({ requests: { cpu: "500m", memory: "2048Mi" }, limits: { memory: "2048Mi" } });
    expect(spec.jvmOptions).toEqual({ "-Xms": "1024m", "-Xmx": "1024m" });
    expect(brokerSize("large", "prod").heapMiB).toBe(5120);
  });

  it.each([
    ["prod", 3, "requiredDuringSchedulingIgnoredDuringExecution"],
    ["dev", 3, "preferredDuringSchedulingIgnoredDuringExecution"],
    ["prod", 1, undefined],
  ] as const)("in %s, %i of them keep apart: %s", (environment, brokers, rule) => {
    const { template } = nodePoolSpec(nodePools(brokers)[0]!, { ...facts, environment, brokers });
    const affinity = at(template, "pod", "affinity", "podAntiAffinity");
    expect(Object.keys((affinity as object | undefined) ?? {})).toEqual(rule === undefined ? [] : [rule]);
  });

  it("are restricted, all their containers", () => {
    const { template } = nodePoolSpec(nodePools(3)[0]!, facts);
    expect(template.pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001 });
    for (const container of [template.kafkaContainer, template.initContainer]) {
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    }
    expect(template.pod.metadata.labels).toMatchObject({
      "orrery.dev/domain": "broker",
      "orrery.dev/backup": "none",
      "orrery.dev/metrics-port": "tcp-prometheus",
    });
  });
});

describe("brokers", () => {
  it.each([
    [1, 1, 1],
    [3, 3, 2],
    [5, 3, 2],
  ])("of %i: %i copies, %i of them before a message is confirmed", (brokers, replicas, inSync) => {
    expect(brokerConfig(brokers)).toMatchObject({
      "default.replication.factor": replicas,
      "min.insync.replicas": inSync,
      "offsets.topic.replication.factor": replicas,
      "transaction.state.log.replication.factor": replicas,
      "transaction.state.log.min.isr": inSync,
      "share.coordinator.state.topic.replication.factor": replicas,
      "share.coordinator.state.topic.min.isr": inSync,
    });
  });

  it("make no topic by themselves, delete none, and have no users who may do everything", () => {
    expect(brokerConfig(3)).toMatchObject({ "auto.create.topics.enable": false, "delete.topic.enable": false });
    expect(kafkaSpec(facts).kafka.authorization).toEqual({ type: "simple" });
  });

  it("need to know their location only where there are more of them than copies", () => {
    expect(kafkaSpec(facts).kafka).not.toHaveProperty("rack");
    expect(at(kafkaSpec({ ...facts, brokers: 5 }), "kafka", "rack")).toEqual({
      type: "topology-label",
      topologyKey: "topology.kubernetes.io/zone",
    });
  });
});

describe("listeners", () => {
  it("without certificates: plain text, with names and passwords", () => {
    expect(listeners({ brokers: 1 })).toEqual([
      { name: "plain", port: 9092, type: "internal", tls: false, authentication: { type: "scram-sha-512" } },
    ]);
  });

  it("with certificates and a gateway: TLS, and each broker at a port of its own", () => {
    const found = listeners({
      brokers: 3,
      certificateSecret: "kafka-tls",
      gateway: { host: "example.com", firstPort: 9094 },
    });
    const brokerCertChainAndKey = { secretName: "kafka-tls", certificate: "tls.crt", key: "tls.key" };
    expect(found.map(({ name, port, type, tls }) => [name, port, type, tls])).toEqual([
      ["tls", 9093, "internal", true],
      ["gateway", 9095, "cluster-ip", true],
    ]);
    expect(found.map((each) => at(each, "configuration", "brokerCertChainAndKey"))).toEqual([
      brokerCertChainAndKey,
      brokerCertChainAndKey,
    ]);
    expect(at(found[1], "configuration", "brokers")).toEqual(
      [0, 1, 2].map((broker) => ({ broker, advertisedHost: "example.com", advertisedPort: 9094 + broker })),
    );
  });

  it("have a certificate for every name that clients use", () => {
    expect(kafkaDnsNames("kafka", "broker", { host: "example.com", firstPort: 1 })).toEqual([
      "kafka-kafka-bootstrap.broker.svc",
      "kafka-kafka-bootstrap.broker.svc.cluster.local",
      "*.kafka-kafka-brokers.broker.svc",
      "*.kafka-kafka-brokers.broker.svc.cluster.local",
      "example.com",
    ]);
  });
});

describe("topics", () => {
  it.each([
    ["a week", {}, { "retention.ms": 604_800_000, "segment.ms": 151_200_000, "segment.bytes": 1024 ** 3 }],
    ["an hour", { retentionHours: 1 }, { "retention.ms": 3_600_000, "segment.ms": 900_000 }],
    ["a year", { retentionHours: 8760 }, { "segment.ms": 604_800_000 }],
    ["2 GiB", { retentionGiB: 2 }, { "retention.bytes": 2 * 1024 ** 3, "segment.bytes": 1024 ** 3 / 2 }],
  ])("kept for %s: files are closed well before", (_, options, expected) => {
    expect(topicConfig(options, 3)).toMatchObject({
      "cleanup.policy": "delete",
      "min.insync.replicas": 2,
      ...expected,
    });
  });

  it("that are compacted have no end", () => {
    expect(topicConfig({ cleanup: "compact", retentionGiB: 1 }, 3)).toEqual({
      "cleanup.policy": "compact",
      "min.insync.replicas": 2,
    });
  });

  it.each([
    ["COMPANIONS_LOGINS", undefined, "companions-logins"],
    ["a.b_c-d", undefined, "a-b-c-d"],
    ["..", "Kafka allows", ""],
    ["a/b", "Kafka allows", "a-b"],
    ["", "Kafka allows", ""],
    ["__x", "Kafka's own", "x"],
    ["_._", "neither", ""],
    ["x".repeat(250), "249", "x".repeat(250)],
  ])("may be called %s: %s", (name, problem, object) => {
    if (problem === undefined) expect(topicNameProblem(name)).toBeUndefined();
    else expect(topicNameProblem(name)).toContain(problem);
    expect(topicObjectName(name)).toBe(object);
  });
});

describe("users", () => {
  const allowed = (acls: ReturnType<typeof userAcls>) =>
    acls.map(({ resource: { type, name, patternType }, operations }) => [type, name, patternType, operations.join()]);

  it("write to what they asked for, and are in no group", () => {
    expect(allowed(userAcls("ingest", { topics: [{ name: "a", access: "write" }], groups: ["g"] }))).toEqual([
      ["topic", "a", "literal", "Write,Describe"],
    ]);
  });

  it("read in groups of their own name", () => {
    const topics = [{ name: "a" }, { name: "b", access: "readwrite" as const }];
    expect(allowed(userAcls("flink", { topics, groups: ["reports"] }))).toEqual([
      ["topic", "a", "literal", "Read,Describe"],
      ["topic", "b", "literal", "Read,Write,Describe"],
      ["group", "flink", "literal", "Read,Describe"],
      ["group", "flink.", "prefix", "Read,Describe"],
      ["group", "reports", "literal", "Read,Describe"],
    ]);
  });

  it("who look at everything change nothing", () => {
    const may = new Set(viewerAcls.flatMap(({ operations }) => operations));
    expect([...may].sort()).toEqual(["Describe", "DescribeConfigs", "Read"]);
  });
});

it("every signal uses metrics that are listed, and every one of these is used", () => {
  const expressions = kafkaSignals.signals.map(({ expression }) => expression).join("\n");
  expect(kafkaSignals.metrics.filter((name) => !expressions.includes(name))).toEqual([]);
  for (const { expression } of kafkaSignals.signals) {
    expect(
      kafkaSignals.metrics.some((name) => expression.includes(name)),
      expression,
    ).toBe(true);
  }
});
