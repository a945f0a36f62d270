import type { LookupFunction } from "node:net";
import {
  type Acl,
  AclOperations,
  AclPermissionTypes,
  Admin,
  type BaseOptions,
  ConfigResourceTypes,
  Consumer,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
  stringDeserializers,
  stringSerializers,
} from "@platformatic/kafka";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Kafka, kafkaSignals } from "../../components/data/kafka";
import { kafkaSource } from "../../components/observability/sources/kafka";
import { certificateSpec } from "../../components/platform/certificates/certificate";
import { fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { javaMissing } from "./programs/java";
import { type Broker, type KafkaResource, startBroker } from "./programs/kafka";

const missing = javaMissing();
const address = "127.84.90.1";
const gatewayAddress = "127.84.90.2";
const broker0 = "kafka-quorum-0.kafka-kafka-brokers.broker.svc";
const topic = "COMPANIONS_LOGINS";

interface Declared {
  readonly made: Recorder;
  readonly dnsNames: readonly string[];
}

/** What the program declares: one broker, two topics, a user that writes one of them and a user that reads it. */
async function declare(): Promise<Declared> {
  const { certificates, asked } = fakeCertificates();
  const made = await record(() => {
    const kafka = new Kafka("kafka", {
      charts: {},
      namespaces: namespaces("prod"),
      storageGiB: 10,
      storageClass: "hcloud",
      certificates,
      gateway: { host: "kafka.example.com", firstPort: 9194 },
    });
    kafka.topic(topic, { partitions: 2, retentionHours: 24, retentionGiB: 1 });
    kafka.topic("secrets");
    kafka.user("ingest", { topics: [{ name: topic, access: "write" }] });
    kafka.user("reports", { topics: [{ name: topic }] });
  });
  return { made, dnsNames: asked[0]!.dnsNames };
}

/** What Kafka says, in all the errors that a client's error is made of. */
function reasonsOf(error: unknown): unknown[] {
  const { apiId, errors = [], cause } = (error ?? {}) as { apiId?: string; errors?: unknown[]; cause?: unknown };
  return [apiId, ...errors.flatMap(reasonsOf), ...(cause === undefined ? [] : reasonsOf(cause))];
}

const spec = (made: Recorder, kind: string, name: string) => made.one(kind, name).inputs["spec"];

/** A user's list of rights as the user operator sends it. */
function aclsOf(made: Recorder, user: string): Acl[] {
  const entries = at(spec(made, "KafkaUser", user), "authorization", "acls") as {
    resource: { type: string; name: string; patternType: string };
    operations: string[];
  }[];
  return entries.flatMap(({ resource, operations }) =>
    operations.map((operation) => ({
      resourceType: ResourceTypes[resource.type.toUpperCase() as keyof typeof ResourceTypes],
      resourceName: resource.name,
      resourcePatternType:
        resource.patternType === "prefix" ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal: `User:${user}`,
      host: "*",
      operation: AclOperations[operation.toUpperCase() as keyof typeof AclOperations],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
}

describe.skipIf(missing)(`Apache Kafka${missing === undefined ? "" : ` (${missing})`}`, () => {
  let declared: Declared;
  let broker: Broker;
  let operator: Admin;
  const closing: { close(): Promise<unknown> }[] = [];

  const password = (user: string) =>
    String(at(declared.made.one("Secret", `kafka-client-${user}`).inputs, "stringData", "password"));
  const lookup: LookupFunction = (name, options, callback) => {
    const found = broker.resolve(name);
    if (options.all) callback(null, [{ address: found, family: 4 }]);
    else callback(null, found, 4);
  };
  const closed = <T extends { close(): Promise<unknown> }>(client: T): T => {
    closing.push(client);
    return client;
  };
  /** As a consumer connects that has nothing but its Secret and the authority's certificate. */
  const client = (user: string, servers?: string): BaseOptions => {
    const secret = declared.made.one("Secret", `kafka-client-${user}`).inputs["stringData"];
    expect(at(secret, "security-protocol")).toBe("SASL_SSL");
    expect(at(secret, "sasl-mechanism")).toBe("SCRAM-SHA-512");
    return {
      clientId: user,
      bootstrapBrokers: [servers ?? String(at(secret, "bootstrap-servers"))],
      tls: { ca: broker.authority, lookup } as BaseOptions["tls"],
      sasl: { mechanism: "SCRAM-SHA-512", username: String(at(secret, "username")), password: password(user) },
      // The first one waits for the topic in which Kafka keeps the groups.
      retries: 20,
      retryDelay: 250,
    };
  };
  const producer = (user: string, servers?: string) =>
    closed(new Producer({ ...client(user, servers), serializers: stringSerializers }));
  const consumer = (user: string, groupId: string) =>
    closed(new Consumer({ ...client(user), groupId, deserializers: stringDeserializers }));
  const scram = { mechanism: "SCRAM-SHA-512", username: "ingest" } as const;
  const admin = (other: Partial<BaseOptions>) => closed(new Admin({ ...client("ingest"), retries: 0, ...other }));
  const message = (value: string, name = topic) => ({ messages: [{ topic: name, key: "k", value }] });

  beforeAll(async () => {
    declared = await declare();
    const { made, dnsNames } = declared;
    const pool = spec(made, "KafkaNodePool", "quorum");
    broker = await startBroker({
      kafka: at(spec(made, "Kafka", "kafka"), "kafka") as KafkaResource,
      heap: at(pool, "jvmOptions") as Record<"-Xms" | "-Xmx", string>,
      dnsNames,
      keyEncoding: certificateSpec({
        secretName: "x",
        dnsNames: [...dnsNames],
        issuer: "x",
        internal: true,
        labels: {},
      }).privateKey.encoding,
      users: { ingest: password("ingest"), reports: password("reports") },
      name: broker0,
      address,
      gatewayAddress,
    });
    const { certificatePem: cert, privateKeyPem: key } = broker.operator;
    operator = closed(
      new Admin({
        clientId: "topic-operator",
        bootstrapBrokers: [`${broker0}:9091`],
        tls: { ca: broker.operatorAuthority, cert, key, lookup } as BaseOptions["tls"],
      }),
    );
    for (const name of [topic, "secrets"]) await createTopic(name);
    await operator.createAcls({ creations: ["ingest", "reports"].flatMap((user) => aclsOf(made, user)) });
  }, 300_000);

  async function createTopic(name: string): Promise<void> {
    const declaredTopic = declared.made
      .kind("KafkaTopic")
      .find(({ inputs }) => at(inputs, "spec", "topicName") === name);
    const { partitions, replicas, config } = declaredTopic!.inputs["spec"] as unknown as {
      partitions: number;
      replicas: number;
      config: Record<string, string | number>;
    };
    const configs = Object.entries(config).map(([key, value]) => ({ name: key, value: String(value) }));
    await operator.createTopics({ topics: [name], partitions, replicas, configs });
  }

  afterAll(async () => {
    await Promise.allSettled(closing.map((each) => each.close()));
    await broker?.stop();
  });

  it("keeps a topic as long as it was declared, in as many partitions", async () => {
    const [described] = await operator.describeConfigs({
      resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configurationKeys: null }],
    });
    const effective = Object.fromEntries(described!.configs.map(({ name, value }) => [name, value]));
    expect(effective).toMatchObject({
      "retention.ms": String(24 * 3_600_000),
      "retention.bytes": String(1024 ** 3),
      "segment.bytes": String(1024 ** 3 / 4),
      "segment.ms": String(6 * 3_600_000),
      "cleanup.policy": "delete",
      "min.insync.replicas": "1",
    });
    const metadata = await operator.metadata({ topics: [topic] });
    expect(metadata.topics.get(topic)!.partitionsCount).toBe(2);
  });

  it("lets the writer write and the reader read, over TLS with names and passwords", async () => {
    await producer("ingest").send(message("hello"));
    const stream = await consumer("reports", "reports.daily").consume({ topics: [topic], mode: "earliest" });
    closed(stream);
    for await (const { value } of stream) {
      expect(value).toBe("hello");
      break;
    }
  });

  it("sends clients that come through the gateway back to it", async () => {
    const outside = producer("ingest", "kafka.example.com:9194");
    const { brokers } = await outside.metadata({ topics: [topic] });
    expect([...brokers.values()].map(({ host, port }) => `${host}:${port}`)).toEqual(["kafka.example.com:9194"]);
    await outside.send(message("from outside"));
  });

  it.each([
    [
      "TOPIC_AUTHORIZATION_FAILED",
      "a topic that was not asked for",
      () => producer("ingest").send(message("no", "secrets")),
    ],
    ["TOPIC_AUTHORIZATION_FAILED", "writing, to a reader", () => producer("reports").send(message("no"))],
    [
      "TOPIC_AUTHORIZATION_FAILED",
      "a topic that nobody declared",
      () => producer("ingest").send(message("no", "made-up")),
    ],
    ["GROUP_AUTHORIZATION_FAILED", "a group of somebody else", () => consumer("reports", "flink").joinGroup({})],
    ["GROUP_AUTHORIZATION_FAILED", "a group, to a writer", () => consumer("ingest", "ingest").joinGroup({})],
    [
      "SASL_AUTHENTICATION_FAILED",
      "a wrong password",
      () => admin({ sasl: { ...scram, password: "wrong" } }).listTopics({}),
    ],
  ] as const)("says %s to %s", async (reason, _, attempt) => {
    const refused = await attempt().then(
      () => "it was let through",
      (error: unknown) => error,
    );
    expect(reasonsOf(refused)).toContain(reason);
  });

  it("does not talk to a client without TLS", async () => {
    await expect(admin({ tls: undefined, bootstrapBrokers: [`${address}:9093`] }).listTopics({})).rejects.toThrow();
  });

  it("never deletes a topic, whoever asks", async () => {
    const refused: unknown = await operator.deleteTopics({ topics: [topic] }).catch((error: unknown) => error);
    expect(reasonsOf(refused)).toContain("TOPIC_DELETION_DISABLED");
    expect(await operator.listTopics({})).toContain(topic);
  });

  it("shows every metric that the signals and the dashboard use", async () => {
    const text = await broker.metrics();
    const names = new Set(text.split("\n").map((line) => /^([a-zA-Z_:][a-zA-Z0-9_:]*)/.exec(line)?.[1]));
    const asked = [...kafkaSignals.metrics, ...kafkaSource.metrics];
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });
});
