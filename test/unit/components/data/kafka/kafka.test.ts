import { describe, expect, it } from "vitest";
import { Kafka, type KafkaArgs } from "../../../../../components/data/kafka";
import { definitionCheck } from "../../definitions";
import { consumer, fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";
import { shared } from "../../shared";

function create(more: Partial<KafkaArgs> = {}): Kafka {
  return new Kafka("kafka", {
    charts: {},
    namespaces: namespaces(),
    storageGiB: 10,
    storageClass: "hcloud",
    ...more,
  });
}

const gateway = { host: "example.com", firstPort: 9094 };
const labels = (made: Recorder, kind: string, name: string) => at(made.one(kind, name).inputs, "metadata", "labels");
const policies = (made: Recorder) =>
  made
    .kind("NetworkPolicy")
    .map(({ inputs }) => `${at(inputs, "metadata", "namespace")}/${at(inputs, "metadata", "name")}`)
    .filter((name) => !name.endsWith("/default-deny") && !name.endsWith("/allow-dns"));
const ports = (made: Recorder, name: string, way: "ingress" | "egress") =>
  (at(made.one("NetworkPolicy", name).inputs, "spec", way, 0, "ports") as { port: number }[]).map(({ port }) => port);

describe("Kafka", () => {
  it("waits for its operator, its paths and its pools, and says that it is ready", async () => {
    const made = await record(() => create());
    const kafka = made.one("Kafka", "kafka");
    expect(at(kafka.inputs, "metadata", "annotations")).toEqual({ "pulumi.com/waitFor": "condition=Ready" });
    const pool = made.one("KafkaNodePool", "quorum");
    expect(kafka.dependencies).toContain(pool.urn);
    expect(labels(made, "KafkaNodePool", "quorum")).toMatchObject({ "strimzi.io/cluster": "kafka" });
    expect(made.component("orrery:data:Kafka", "kafka").outputs).toEqual({
      host: "kafka-kafka-bootstrap.broker.svc",
      port: 9092,
      brokers: 1,
    });
  });

  it("opens what the brokers and their operators need, and nothing for clients", async () => {
    const made = await record(() => create());
    expect(policies(made).sort()).toEqual([
      "broker/kafka-entity-operator-to-kafka-replication-egress",
      "broker/kafka-entity-operator-to-kafka-replication-ingress",
      "broker/kafka-operator-to-kafka-quorum-replication-agent-ingress",
      "broker/kafka-peers",
      "strimzi-system/kafka-operator-to-kafka-quorum-replication-agent-egress",
    ]);
    expect(ports(made, "kafka-peers", "ingress")).toEqual([9090, 9091]);
    expect(ports(made, "kafka-operator-to-kafka-quorum-replication-agent-ingress", "ingress")).toEqual([
      9090, 9091, 8443,
    ]);
    const asked = made.kind("CiliumNetworkPolicy").map(({ inputs }) => at(inputs, "metadata", "name"));
    expect(asked.sort()).toEqual(["kafka-api-server", "kafka-entity-operator-api-server", "kafka-operator-api-server"]);
  });

  it("lets Strimzi make no policies of its own, which would let everybody in", async () => {
    const made = await record(() => create());
    expect(at(made.releases()[0]!.inputs, "values", "generateNetworkPolicy")).toBe(false);
    expect(at(made.releases()[0]!.inputs, "values", "watchNamespaces")).toEqual(["broker"]);
  });

  it("speaks TLS with a certificate of our own authority, where there is one", async () => {
    const { certificates, asked } = fakeCertificates();
    const made = await record(() => create({ certificates, gateway }));
    expect(asked.map(({ namespace, dnsNames }) => [namespace, dnsNames.at(-1)])).toEqual([["broker", "example.com"]]);
    const listener = at(made.one("Kafka", "kafka").inputs, "spec", "kafka", "listeners", 0);
    expect(at(listener, "configuration", "brokerCertChainAndKey", "secretName")).toBe("kafka-server-tls");
    expect(made.component("orrery:data:Kafka", "kafka").outputs).toMatchObject({ port: 9093 });
  });

  it("has more brokers, each at its own Service, without more voters", async () => {
    let backend: ReturnType<Kafka["backend"]> | undefined;
    const made = await record(() => {
      backend = create({ brokers: 5, gateway }).backend(4);
    });
    const replicas = (pool: string) => at(made.one("KafkaNodePool", pool).inputs, "spec", "replicas");
    expect([replicas("quorum"), replicas("broker")]).toEqual([3, 2]);
    expect(at(made.one("KafkaNodePool", "broker").inputs, "metadata", "annotations")).toMatchObject({
      "strimzi.io/next-node-ids": "[3-99]",
    });
    expect(backend).toMatchObject({ service: "kafka-broker-gateway-4", port: 9095 });
  });
});

describe("topic()", () => {
  it("is made once the cluster is there, under its own name", async () => {
    const made = await record(() => create().topic("ORDERS_PAID", { partitions: 6 }));
    const topic = made.one("KafkaTopic", "orders-paid");
    expect(topic.inputs["spec"]).toMatchObject({ topicName: "ORDERS_PAID", partitions: 6, replicas: 1 });
    expect(labels(made, "KafkaTopic", "orders-paid")).toMatchObject({ "strimzi.io/cluster": "kafka" });
    expect(topic.dependencies).toContain(made.one("Kafka", "kafka").urn);
  });

  it("refuses what Kafka refuses", async () => {
    await expect(record(() => create().topic("a/b"))).rejects.toThrow('Topic name "a/b"');
  });
});

describe("user()", () => {
  const grants = { topics: [{ name: "orders" }] };

  it("gives a consumer its Secret, the authority and one path", async () => {
    const { certificates, trusted } = fakeCertificates();
    let configMap: string | undefined;
    const made = await record(() => {
      configMap = create({ certificates }).user("loki", { ...grants, consumer: consumer() }).caConfigMap;
    });
    const secrets = made.kind("Secret").map(({ inputs }) => inputs);
    const places = secrets.map(({ metadata }) => `${at(metadata, "namespace")}/${at(metadata, "name")}`);
    expect(places.sort()).toEqual(["broker/kafka-client-loki", "observability/kafka-client-loki"]);
    expect(secrets[0]!["stringData"]).toEqual(secrets[1]!["stringData"]);
    expect(made.kind("Secret").every((secret) => secret.secrets.includes("stringData"))).toBe(true);
    expect(secrets[1]!["stringData"]).toEqual({
      host: "kafka-kafka-bootstrap.broker.svc",
      port: "9093",
      username: "loki",
      password: "made-up-kafka-user-loki",
      "bootstrap-servers": "kafka-kafka-bootstrap.broker.svc:9093",
      "security-protocol": "SASL_SSL",
      "sasl-mechanism": "SCRAM-SHA-512",
      "sasl-jaas-config":
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="loki" password="made-up-kafka-user-loki";',
      group: "loki",
    });
    expect(configMap).toBe("internal-ca");
    expect(trusted).toEqual(["observability"]);
    expect(policies(made).filter((name) => name.includes("loki"))).toEqual([
      "observability/loki-to-kafka-kafka-egress",
      "broker/loki-to-kafka-kafka-ingress",
    ]);
    expect(ports(made, "loki-to-kafka-kafka-ingress", "ingress")).toEqual([9093]);
  });

  it("of nobody yet: the Secret is beside the brokers, and no path is opened", async () => {
    const made = await record(() => create().user("ingest", grants));
    expect(made.kind("Secret").map(({ inputs }) => at(inputs, "metadata", "namespace"))).toEqual(["broker"]);
    expect(policies(made).filter((name) => name.includes("ingest"))).toEqual([]);
    expect(at(made.one("KafkaUser", "ingest").inputs, "spec", "authentication")).toEqual({
      type: "scram-sha-512",
      password: { valueFrom: { secretKeyRef: { name: "kafka-client-ingest", key: "password" } } },
    });
    expect(JSON.stringify(made.one("KafkaUser", "ingest").inputs)).not.toContain("made-up");
  });

  it.each(["Ingest", "a_b", "1a", "x".repeat(41)])("refuses the name %s", async (name) => {
    await expect(record(() => create().user(name, grants))).rejects.toThrow(`Kafka user "${name}"`);
  });
});

describe("the web page", () => {
  it("is not there unless it is asked for", async () => {
    const made = await record(() => create());
    expect(made.kind("Deployment")).toEqual([]);
  });

  it("has a user that changes nothing, and believes the brokers by our authority", async () => {
    const { certificates } = fakeCertificates();
    const made = await record(() => create({ certificates, ui: true }));
    const pod = at(made.one("Deployment", "kafka-ui").inputs, "spec", "template", "spec");
    const environment = Object.fromEntries(
      (at(pod, "containers", 0, "env") as { name: string; value?: string; valueFrom?: unknown }[]).map(
        ({ name, value, valueFrom }) => [name, value ?? valueFrom],
      ),
    );
    expect(environment).toMatchObject({
      KAFKA_CLUSTERS_0_READONLY: "true",
      KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: "kafka-kafka-bootstrap.broker.svc:9093",
      KAFKA_CLUSTERS_0_PROPERTIES_SECURITY_PROTOCOL: "SASL_SSL",
      KAFKA_CLUSTERS_0_PROPERTIES_SSL_TRUSTSTORE_LOCATION: "/etc/kafka-ca/ca.crt",
      KAFKA_CLUSTERS_0_PROPERTIES_SASL_JAAS_CONFIG: {
        secretKeyRef: { name: "kafka-client-kafka-ui", key: "sasl-jaas-config" },
      },
    });
    expect(at(pod, "volumes")).toContainEqual({ name: "kafka-ca", configMap: { name: "internal-ca" } });
    expect(JSON.stringify(at(made.one("KafkaUser", "kafka-ui").inputs, "spec"))).not.toMatch(/Write|Alter|Delete/);
    expect(policies(made).filter((name) => name.includes("kafka-ui"))).toEqual([
      "broker/kafka-ui-to-kafka-kafka-egress",
      "broker/kafka-ui-to-kafka-kafka-ingress",
    ]);
  });
});

const folder = shared("crds", "Kafka's custom resources against their CustomResourceDefinitions");

it.skipIf(folder === undefined)("everything meets its definition, with no field that is not there", async () => {
  const { certificates } = fakeCertificates();
  const made = await record(() => {
    const kafka = create({ certificates, gateway, brokers: 5, ui: true });
    kafka.topic("orders", { retentionGiB: 1 });
    kafka.user("ingest", { topics: [{ name: "orders", access: "readwrite" }] });
  });
  const plural = {
    Kafka: "kafkas",
    KafkaNodePool: "kafkanodepools",
    KafkaTopic: "kafkatopics",
    KafkaUser: "kafkausers",
  };
  for (const [kind, name] of Object.entries(plural)) {
    const check = definitionCheck(folder!, `${name}.kafka.strimzi.io`);
    expect(made.kind(kind).length).toBeGreaterThan(0);
    for (const { inputs, name: resource } of made.kind(kind)) {
      check(inputs);
      expect(check.errors ?? [], `${kind} ${resource}`).toEqual([]);
    }
  }
});
