import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { issueCertificate, type KeyPair } from "../../../sandbox/stand-ins/operators/certificates";
import { run } from "./cache";
import { java, mavenClasspath } from "./java";

/** Strimzi's reporter of metrics: the newest whole one that Maven Central has. The image has 0.4.0, which names them alike. */
const METRICS_REPORTER = "io.strimzi:metrics-reporter:0.2.0";

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
  readonly configuration?: {
    readonly brokers?: readonly {
      readonly broker: number;
      readonly advertisedHost: string;
      readonly advertisedPort: number;
    }[];
  };
}

/** The parts of `spec.kafka` of a Kafka resource that a broker is started with. */
export interface KafkaResource {
  readonly version: string;
  readonly listeners: readonly Listener[];
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly metricsConfig: { readonly values: { readonly allowList: readonly string[] } };
}

export interface BrokerArgs {
  readonly kafka: KafkaResource;
  readonly heap: Readonly<Record<"-Xms" | "-Xmx", string>>;
  /** Names that the certificate of the listeners is for, from its request. */
  readonly dnsNames: readonly string[];
  /** How cert-manager writes its key; left out, it is SEC 1. */
  readonly keyEncoding?: string;
  /** Passwords of the SCRAM users. */
  readonly users: Readonly<Record<string, string>>;
  /** The broker's own DNS name, and the addresses of 127.0.0.0/8 that it and the gateway get. */
  readonly name: string;
  readonly address: string;
  readonly gatewayAddress: string;
}

/** A broker that runs, as Strimzi would run it, and what a client needs. */
export interface Broker {
  /** Authority of the listeners. */
  readonly authority: string;
  /** Certificate of a program of Strimzi's own, which may do everything. */
  readonly operator: KeyPair;
  /** Authority of what Strimzi's own programs talk through. */
  readonly operatorAuthority: string;
  /** Address of a DNS name in the cluster, or of the gateway's. */
  resolve(name: string): string;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** Formats the storage and starts the broker; resolves when it lets clients in. */
export async function startBroker(args: BrokerArgs): Promise<Broker> {
  const { kafka, address, gatewayAddress } = args;
  const jars = await mavenClasspath([
    `org.apache.kafka:kafka_2.13:${kafka.version}`,
    `org.apache.kafka:kafka-tools:${kafka.version}`,
    METRICS_REPORTER,
  ]);
  const folder = await mkdtemp(path.join(tmpdir(), "orrery-kafka-"));
  const certificates = await makeCertificates(args, folder);
  const properties = path.join(folder, "server.properties");
  await writeFile(properties, serverProperties(args, folder));
  const hosts = path.join(folder, "hosts");
  await writeFile(hosts, `${address} ${args.name}\n127.0.0.1 ${hostname()} localhost\n`);
  const options = ["-cp", jars.join(path.delimiter), `-Djdk.net.hosts.file=${hosts}`];

  const users = Object.entries(args.users).flatMap(([user, password]) => [
    "--add-scram",
    `SCRAM-SHA-512=[name=${user},password=${password}]`,
  ]);
  const cluster = "orreryorreryorreryorry";
  await run(java(), [...options, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties, ...users]);
  const child = spawn(java(), [...options, ...heapOptions(args), "kafka.Kafka", properties], { cwd: folder });
  const gateway = forward(args, kafka.listeners);
  const stop = async () => {
    for (const server of gateway) server.close();
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([allOpen(args), failed(child)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...certificates,
    resolve: (name) => (name === args.name || name.includes(".svc") ? address : gatewayAddress),
    metrics: async () => (await fetch(`http://${address}:9404/metrics`)).text(),
    stop,
  };
}

const heapOptions = ({ heap }: BrokerArgs) => Object.entries(heap).map(([option, value]) => `${option}${value}`);

/** One authority for the listeners, as the program asks for; one for Strimzi's own programs. */
async function makeCertificates({ dnsNames, keyEncoding, name }: BrokerArgs, folder: string) {
  const authorityOf = (commonName: string) =>
    issueCertificate({ commonName, dnsNames: [], isAuthority: true, validDays: 1 });
  const [authority, strimzi] = [await authorityOf("internal"), await authorityOf("cluster-ca")];
  const leaf = (commonName: string, names: readonly string[], by: KeyPair) =>
    issueCertificate({ commonName, dnsNames: [...names], isAuthority: false, validDays: 1 }, by);
  const [server, broker, operator] = [
    await leaf(dnsNames[0]!.slice(0, 63), dnsNames, authority),
    await leaf("kafka-kafka", [name], strimzi),
    await leaf(OPERATOR, [], strimzi),
  ];
  const pem = ({ privateKeyPem, certificatePem }: KeyPair) => `${privateKeyPem}\n${certificatePem}\n`;
  const type = keyEncoding === "PKCS8" ? "pkcs8" : "sec1";
  const privateKeyPem = createPrivateKey(server.privateKeyPem).export({ type, format: "pem" }).toString();
  await writeFile(path.join(folder, "listener.pem"), pem({ ...server, privateKeyPem }));
  await writeFile(path.join(folder, "broker.pem"), pem(broker));
  await writeFile(path.join(folder, "cluster-ca.pem"), `${strimzi.certificatePem}\n`);
  return { authority: authority.certificatePem, operatorAuthority: strimzi.certificatePem, operator };
}

const OPERATOR = "kafka-entity-topic-operator";

/** What Strimzi 1.2 writes for a node with both roles (KafkaBrokerConfigurationBuilder), with files for its Secrets. */
function serverProperties({ kafka, name, address }: BrokerArgs, folder: string): string {
  const identifiers = kafka.listeners.map((listener) => ({ ...listener, id: `${listener.name}-${listener.port}` }));
  const inside = ["CONTROLPLANE-9090", "REPLICATION-9091"];
  const internal = inside.flatMap((listener) => [
    ...keystore(listener, path.join(folder, "broker.pem")),
    `listener.name.${listener.toLowerCase()}.ssl.truststore.location=${path.join(folder, "cluster-ca.pem")}`,
    `listener.name.${listener.toLowerCase()}.ssl.truststore.type=PEM`,
    `listener.name.${listener.toLowerCase()}.ssl.client.auth=required`,
  ]);
  const clients = identifiers.flatMap(({ id, tls }) => [
    `listener.name.${id}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;`,
    `listener.name.${id}.sasl.enabled.mechanisms=SCRAM-SHA-512`,
    ...(tls ? keystore(id, path.join(folder, "listener.pem")) : []),
  ]);
  const bound = [...inside, ...identifiers.map(({ id }) => id.toUpperCase())];
  const advertised = [
    ...inside.map((listener) => `${listener}://${name}:${listener.split("-")[1]}`),
    ...identifiers.map(({ id, port, configuration }) => {
      const outside = configuration?.brokers?.[0];
      return `${id.toUpperCase()}://${outside?.advertisedHost ?? name}:${outside?.advertisedPort ?? port}`;
    }),
  ];
  const protocols = [
    ...inside.map((listener) => `${listener}:SSL`),
    ...identifiers.map(({ id, tls }) => `${id.toUpperCase()}:${tls ? "SASL_SSL" : "SASL_PLAINTEXT"}`),
  ];
  const superUsers = ["kafka-kafka", OPERATOR].map((user) => `User:CN=${user}`).join(";");
  const allowed = kafka.metricsConfig.values.allowList.join(",");
  return [
    "node.id=0",
    "process.roles=broker,controller",
    "controller.listener.names=CONTROLPLANE-9090",
    `controller.quorum.voters=0@${name}:9090`,
    ...internal,
    ...clients,
    `listener.security.protocol.map=${protocols.join(",")}`,
    `listeners=${bound.map((listener) => `${listener}://${address}:${listener.split("-").at(-1)}`).join(",")}`,
    "inter.broker.listener.name=REPLICATION-9091",
    `advertised.listeners=${advertised.join(",")}`,
    "sasl.enabled.mechanisms=",
    "ssl.endpoint.identification.algorithm=HTTPS",
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    `super.users=${superUsers}`,
    `log.dirs=${path.join(folder, "data")}`,
    "metric.reporters=io.strimzi.kafka.metrics.KafkaPrometheusMetricsReporter",
    "kafka.metrics.reporters=io.strimzi.kafka.metrics.YammerPrometheusMetricsReporter",
    "prometheus.metrics.reporter.listener.enable=true",
    `prometheus.metrics.reporter.listener=http://${address}:9404`,
    `prometheus.metrics.reporter.allowlist=${allowed.replaceAll("\\", "\\\\")}`,
    ...Object.entries(kafka.config).map(([key, value]) => `${key}=${value}`),
    "",
  ].join("\n");
}

function keystore(listener: string, file: string): string[] {
  const prefix = `listener.name.${listener.toLowerCase()}.ssl.keystore`;
  return [`${prefix}.location=${file}`, `${prefix}.type=PEM`];
}

/** The gateway: passes each broker's port on as it is. */
function forward({ address, gatewayAddress }: BrokerArgs, listeners: readonly Listener[]): Server[] {
  return listeners.flatMap(({ port, configuration }) =>
    (configuration?.brokers ?? []).map(({ advertisedPort }) =>
      createServer((client) => {
        const broker = connect(port, address);
        client.on("error", () => broker.destroy());
        broker.on("error", () => client.destroy());
        client.pipe(broker).pipe(client);
      }).listen(advertisedPort, gatewayAddress),
    ),
  );
}

/** Clients are let in when everything has been read: the brokers' ports are opened last. */
async function allOpen({ kafka, address }: BrokerArgs): Promise<void> {
  for (const port of [9091, ...kafka.listeners.map((listener) => listener.port)]) {
    while (!(await open(port, address))) await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function open(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Rejects with what the broker said when it ends by itself. */
async function failed(child: ChildProcess): Promise<never> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (said += data.toString()));
  const [code] = await once(child, "exit");
  throw new Error(`Kafka ended with ${code}:\n${said.slice(-4000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  // Its data goes anyway: it need not end in order.
  child.kill("SIGKILL");
  await ended;
}
