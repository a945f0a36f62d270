import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { decode, encode } from "@msgpack/msgpack";
import { AckPolicy, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Nats } from "../../components/data/nats";
import { natsSignals } from "../../components/data/nats/signals";
import type { Objects } from "../../components/kit/bucket";
import { charts } from "../../components/kit/charts";
import { natsSource } from "../../components/observability/sources/nats";
import { startApiServer } from "../../sandbox/bench/api-server";
import { kubectl } from "../../sandbox/bench/kubectl";
import { shapes } from "../../sandbox/charts";
import { renderChart } from "../../sandbox/charts/render";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules, toolModules } from "../../sandbox/tools/catalog";
import { fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { shared } from "../unit/components/shared";
import { argumentsOf, certificateFor, NatsPod, objectOf, type Rendered, renderRelease, until } from "./programs/nats";

const addresses = ["127.84.70.1", "127.84.70.2", "127.84.70.3"];
const definitions = shared("crds", "NACK with its own definitions: open ones stand in");
const MINUTES = 60_000;
const NANOSECONDS = 1e9;
const DAY = 86_400;

/** The homelab's five streams, and two clients of them. */
function program() {
  const { certificates, asked } = fakeCertificates();
  const made = record(() => {
    const nats = new Nats("nats", {
      charts: {},
      namespaces: namespaces("prod"),
      certificates,
      replicas: 3,
      storageGiB: 20,
      memoryStorageMiB: 256,
      storageClass: "hcloud",
      backup: { objects: fakeObjects(), bucket: "nats-backup", schedule: "30 2 * * *", retentionDays: 14 },
    });
    const file = (name: string, subject: string, maxAge: string, maxMiB: number) =>
      nats.stream({ name, subjects: [subject], maxAge, maxMiB });
    const logins = file("COMPANIONS_LOGINS", "companions.logins.>", "7d", 1024);
    file("COMPANIONS_CHAT", "companions.chat.>", "30d", 4096);
    nats.stream({ name: "AI_CHAT_STREAM", subjects: ["ai.chat.>"], maxAge: "5m", storage: "memory", maxMiB: 128 });
    file("AI_VOICE_STREAM", "ai.voice.>", "1h", 4096);
    const pipeline = file("AI_PIPELINE", "ai.pipeline.>", "24h", 4096);
    nats.client("companions", { publish: [logins], subscribe: [pipeline] });
    nats.client("pipeline", { publish: [pipeline], subscribe: [logins] });
  });
  return { made, asked };
}

class Stub extends pulumi.ComponentResource {
  constructor(name: string) {
    super("test:index:Stub", name);
  }
}

/** A store that nobody reaches: backups are only declared here. */
function fakeObjects(): Objects {
  return {
    bucket: (bucket, { consumer }) => ({
      bucket,
      endpoint: "https://store.test",
      region: "none",
      secretName: bucket,
      secretNamespace: consumer.namespace.name,
      ready: new Stub(bucket),
    }),
  };
}

const declared = {
  COMPANIONS_LOGINS: { subjects: ["companions.logins.>"], storage: "file", seconds: 7 * DAY },
  COMPANIONS_CHAT: { subjects: ["companions.chat.>"], storage: "file", seconds: 30 * DAY },
  AI_CHAT_STREAM: { subjects: ["ai.chat.>"], storage: "memory", seconds: 300 },
  AI_VOICE_STREAM: { subjects: ["ai.voice.>"], storage: "file", seconds: 3600 },
  AI_PIPELINE: { subjects: ["ai.pipeline.>"], storage: "file", seconds: DAY },
} as const;

describe("three NATS servers and NACK, as rendered", () => {
  let folder: string;
  let made: Recorder;
  let pods: NatsPod[];
  let server: Rendered[];
  let certificate: { cert: string; key: string };
  const children: ChildProcess[] = [];
  const connections: NatsConnection[] = [];
  let api: Awaited<ReturnType<typeof startApiServer>> | undefined;

  const secret = (name: string) => at(made.one("Secret", name).inputs, "stringData") as Record<string, string>;
  const environment = () => ({ PATH: process.env.PATH, GOMEMLIMIT: "256MiB" });

  async function connection(user: string, password: string, inboxPrefix?: string): Promise<NatsConnection> {
    const servers = addresses.map((address) => `tls://${address}:4222`);
    const options = { servers, user, pass: password, inboxPrefix, timeout: 5000, maxReconnectAttempts: -1 };
    // The name is the Service's, as the certificate has it; only where it leads to is this machine's.
    const tls = { ca: certificate.cert, servername: "nats.broker.svc" };
    const made = await connect({ ...options, tls, reconnectTimeWait: 250 });
    connections.push(made);
    return made;
  }

  /** As an application that has the client's Secret. */
  function client(name: string): Promise<NatsConnection> {
    const { username, password, "inbox-prefix": inbox } = secret(`nats-${name}`);
    return connection(username!, password!, inbox);
  }

  async function administrator(): Promise<JetStreamManager> {
    return jetstreamManager(await connection("admin", secret("nats-admin")["password"]!));
  }

  function start(name: string, args: readonly string[], env: NodeJS.ProcessEnv = environment()): void {
    const log = openSync(path.join(folder, `${name}.log`), "a");
    children.push(spawn(path.join(toolsDirectory, name), args, { cwd: folder, env, stdio: ["ignore", log, log] }));
  }

  beforeAll(async () => {
    const tools = ["nats-server", "nats-exporter", "jetstream-controller", "kubernetes", "etcd", "helm"];
    const modules = [...toolModules(repository), ...testToolModules(repository)];
    await ensureTools(
      createProgress(process.stderr),
      modules.filter(({ name }) => tools.includes(name)),
    );
    folder = await mkdtemp(path.join(tmpdir(), "orrery-nats-"));
    const rendered = program();
    made = await rendered.made;
    certificate = await certificateFor(rendered.asked[0]!.dnsNames, addresses);
    server = await renderRelease(made, "nats", charts.nats, folder);
    pods = addresses.map((address, index) => new NatsPod(path.join(folder, `nats-${index}`), address, index));
    const conf = objectOf(server, "ConfigMap").data!["nats.conf"]!;
    const files = {
      "/etc/nats-auth/auth.conf": secret("nats-auth")["auth.conf"]!,
      "/etc/nats-ca-cert/ca.crt": certificate.cert,
      ...Object.fromEntries(
        ["nats", "cluster"].flatMap((use) => [
          [`/etc/nats-certs/${use}/tls.crt`, certificate.cert],
          [`/etc/nats-certs/${use}/tls.key`, certificate.key],
        ]),
      ),
    };
    for (const pod of pods) {
      await pod.prepare(conf, files);
      await mkdir(pod.path("/var/run/nats"), { recursive: true });
      pod.start(environment());
    }
    await until("every server is healthy", async () =>
      (await Promise.all(pods.map((pod) => pod.healthy()))).every(Boolean),
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${pods.map((pod) => pod.log()).join("\n")}`);
    });
    await startController();
  }, 20 * MINUTES);

  /** NACK with its rendered arguments and permissions, at an API server that has nothing but what it looks at. */
  async function startController(): Promise<void> {
    api = await startApiServer(path.join(folder, "api-server"));
    const nack = shapes.find(({ chart }) => chart === charts.jetStreamController.name)!;
    const crds = Object.entries(renderChart(nack, charts.jetStreamController.version, definitions));
    const apply = async (name: string, objects: readonly unknown[]) => {
      const file = path.join(folder, `${name}.json`);
      await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
      await kubectl(api!.kubeconfig, ["apply", "--filename", file]);
    };
    const controller = await renderRelease(made, "nats-controller", charts.jetStreamController, folder);
    await apply("namespace", [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "broker" } }]);
    await apply(
      "definitions",
      crds.filter(([name]) => name.startsWith("crds/")).map(([, text]) => JSON.parse(text) as unknown),
    );
    await apply(
      "permissions",
      controller.filter(({ kind }) => ["ServiceAccount", "Role", "RoleBinding"].includes(kind)),
    );
    const token = await kubectl(api.kubeconfig, ["create", "token", "nats-controller", "--namespace=broker"]);
    const config = JSON.parse(readFileSync(api.kubeconfig, "utf8")) as { users: { user: { token: string } }[] };
    config.users[0]!.user.token = token.trim();
    const kubeconfig = path.join(folder, "nack.kubeconfig");
    await writeFile(kubeconfig, JSON.stringify(config));
    await writeFile(path.join(folder, "nack.nk"), secret("nats-controller-key")["nack.nk"]!);
    await writeFile(path.join(folder, "ca.crt"), certificate.cert);
    const args = argumentsOf(objectOf(controller, "Deployment"), "jsc").map((argument) =>
      argument
        .replace("nats.broker.svc", addresses[0]!)
        .replace("/etc/jsc-nkey/", `${folder}/`)
        .replace("/etc/nats-ca/", `${folder}/`)
        .replace("=:8081", "=127.84.70.9:8081"),
    );
    start("jetstream-controller", args, { ...environment(), KUBECONFIG: kubeconfig });
    const resources = made.objects().filter(({ inputs }) => String(inputs["apiVersion"]).startsWith("jetstream."));
    const kind = (name: string) =>
      resources.map(({ inputs }) => inputs).filter((each) => String(each["kind"]) === name);
    for (const name of ["Stream", "Consumer"]) {
      await apply(name, kind(name));
      await kubectl(api.kubeconfig, [
        ...["wait", `${name.toLowerCase()}s.jetstream.nats.io`, "--all", "--namespace=broker"],
        ...["--for=condition=Ready", "--timeout=60s"],
      ]).catch((error: Error) => {
        throw new Error(`${error.message}\n${readFileSync(path.join(folder, "jetstream-controller.log"), "utf8")}`);
      });
    }
  }

  afterAll(async () => {
    await Promise.all(connections.map((each) => each.close().catch(() => undefined)));
    for (const child of children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    await api?.stop();
    await Promise.all((pods ?? []).map((pod) => pod.stop()));
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it("has the streams that were declared, on all three servers", async () => {
    const manager = await administrator();
    for (const [name, { subjects, storage, seconds }] of Object.entries(declared)) {
      const { config, cluster } = await manager.streams.info(name);
      expect(config, name).toMatchObject({
        subjects,
        storage,
        num_replicas: 3,
        max_age: seconds * NANOSECONDS,
        retention: "limits",
        discard: "old",
      });
      expect(cluster?.replicas, name).toHaveLength(2);
    }
    const consumer = await manager.consumers.info("AI_PIPELINE", "companions");
    expect(consumer.config).toMatchObject({ durable_name: "companions", ack_policy: AckPolicy.Explicit });
    expect(consumer.config.deliver_subject).toBeUndefined();
  });

  it("carries a MessagePack message from one client to the other, byte for byte", async () => {
    const [companions, pipeline] = [await client("companions"), await client("pipeline")];
    const message = {
      user: 42,
      at: new Date(0),
      flags: [true, null],
      text: "Grüße",
      bytes: new Uint8Array([0, 255, 13, 10]),
    };
    const sent = encode(message);
    const { stream } = await jetstream(companions).publish("companions.logins.eu", sent);
    expect(stream).toBe("COMPANIONS_LOGINS");
    const consumer = await jetstream(pipeline).consumers.get("COMPANIONS_LOGINS", "pipeline");
    const received = await consumer.next({ expires: 5000 });
    const data = Uint8Array.from(received!.data);
    expect(data).toEqual(sent);
    expect(decode(data)).toEqual(message);
    expect(await received!.ackAck()).toBe(true);
    expect(await consumer.next({ expires: 1000 })).toBeNull();
  });

  it("lets a client do nothing else", async () => {
    const companions = await client("companions");
    const denied = async (subject: string, payload = "") => {
      const answer = companions.request(subject, payload, { timeout: 2000 });
      await expect(answer, subject).rejects.toThrow(/permissions violation|permission/i);
    };
    await denied("ai.pipeline.step", "another client's stream");
    await denied("companions.chat.eu", "a stream that it has nothing to do with");
    await denied("$JS.API.STREAM.INFO.COMPANIONS_CHAT");
    await denied("$JS.API.STREAM.CREATE.MINE", '{"name":"MINE","subjects":["mine"]}');
    await denied("$JS.API.STREAM.DELETE.COMPANIONS_LOGINS");
    await denied("$JS.API.STREAM.PURGE.COMPANIONS_LOGINS");
    await denied("$JS.API.STREAM.MSG.GET.COMPANIONS_LOGINS", '{"seq":1}');
    await denied("$JS.API.CONSUMER.CREATE.AI_PIPELINE.mine");
    await denied("$JS.API.CONSUMER.MSG.NEXT.COMPANIONS_LOGINS.pipeline", "another client's consumer");
    await denied("$JS.API.CONSUMER.DELETE.AI_PIPELINE.companions");
    for (const subject of ["_INBOX_pipeline.>", "_INBOX.>", "companions.logins.>", ">", "$SYS.>"]) {
      const refused = new Promise<Error | undefined>((resolve) => {
        companions.subscribe(subject, { callback: (error) => resolve(error ?? undefined) });
      });
      expect(String(await refused), subject).toMatch(/permissions violation/i);
    }
  });

  it("lets nobody in without a password, or without TLS", async () => {
    await expect(connection("companions", "guessed")).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: "127.84.70.1:4222", timeout: 3000 })).rejects.toThrow();
    await expect(connection("nobody", "")).rejects.toThrow(/authorization/i);
  });

  it("sends its backup a stream, whole, and lets that do nothing else", async () => {
    const { username, password, "inbox-prefix": inbox } = secret("nats-backup");
    const backup = await connection(username!, password!, inbox);
    const names = await backup.request("$JS.API.STREAM.NAMES", "", { timeout: 5000 });
    expect((names.json() as { streams: string[] }).streams.sort()).toEqual(Object.keys(declared).sort());
    const chunks = backup.subscribe(`${inbox}.snapshot`);
    const asked = JSON.stringify({ deliver_subject: `${inbox}.snapshot`, chunk_size: 131_072 });
    const answer = await backup.request("$JS.API.STREAM.SNAPSHOT.COMPANIONS_LOGINS", asked, { timeout: 5000 });
    expect((answer.json() as { config: { name: string } }).config.name).toBe("COMPANIONS_LOGINS");
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.data.length;
      if (chunk.data.length === 0) break;
      // Without an answer the server sends no more.
      chunk.respond();
    }
    expect(bytes).toBeGreaterThan(0);
    for (const call of ["STREAM.DELETE.AI_PIPELINE", "STREAM.RESTORE.X", "STREAM.MSG.GET.AI_PIPELINE"]) {
      await expect(backup.request(`$JS.API.${call}`, "", { timeout: 2000 }), call).rejects.toThrow(/permission/i);
    }
  });

  it("goes on when a server is killed, and takes it back", { timeout: 90_000 }, async () => {
    const manager = await administrator();
    const { cluster } = await manager.streams.info("COMPANIONS_LOGINS");
    const leader = pods.find(({ name }) => name === cluster!.leader)!;
    await leader.stop("SIGKILL");
    const companions = await client("companions");
    let seq = 0;
    await until("the other two have a leader, and take a message", async () => {
      ({ seq } = await jetstream(companions, { timeout: 2000 }).publish("companions.logins.us", encode("still here")));
      return true;
    });
    leader.start(environment());
    await until("it is healthy again: all its streams are up to date", () => leader.healthy());
    const { state, cluster: now } = await manager.streams.info("COMPANIONS_LOGINS");
    expect(state.last_seq).toBeGreaterThanOrEqual(seq);
    await until("it has caught up", async () => {
      const info = await manager.streams.info("COMPANIONS_LOGINS");
      return info.cluster!.replicas!.every(({ current, offline }) => current && offline !== true);
    });
    expect(now?.leader).not.toBe("");
  });

  it("lets a new client in without a restart, and keeps the others connected", async () => {
    const companions = await client("companions");
    const file = (pod: NatsPod) => pod.path("/etc/nats-auth/auth.conf");
    for (const pod of pods) {
      const text = readFileSync(file(pod), "utf8").replace(
        '"user": "companions"',
        '"user": "late", "password": "x" }, { "user": "companions"',
      );
      await writeFile(file(pod), text);
      pod.reload();
    }
    await until("the new user gets in", async () => (await connection("late", "x")).getServer() !== "");
    await companions.flush();
    expect(companions.isClosed()).toBe(false);
  });

  it("shows the metrics that the signals and the dashboard use", async () => {
    const [pod] = pods;
    const args = argumentsOf(objectOf(server, "StatefulSet"), "prom-exporter");
    const local = args.map((argument) => argument.replace("localhost", pod!.address));
    start("prometheus-nats-exporter", ["-addr", "127.84.70.9", ...local]);
    const asked = [...natsSignals.metrics, ...natsSource.metrics];
    let text = "";
    await until(
      "the exporter answers",
      async () => {
        text = await (await fetch("http://127.84.70.9:7777/metrics")).text();
        return asked.every((name) => new RegExp(`^${name}[{ ]`, "m").test(text));
      },
      20,
    ).catch(() => undefined);
    const missing = asked.filter((name) => !new RegExp(`^${name}[{ ]`, "m").test(text));
    expect(missing).toEqual([]);
    for (const label of ["is_meta_leader", "is_stream_leader", "is_consumer_leader"])
      expect(text).toContain(`${label}=`);
  });

  it("keeps a stream whose resource is removed", async () => {
    const args = ["delete", "streams.jetstream.nats.io", "companions-chat", "--namespace=broker", "--timeout=30s"];
    await kubectl(api!.kubeconfig, args);
    const { config } = await (await administrator()).streams.info("COMPANIONS_CHAT");
    expect(config.subjects).toEqual(["companions.chat.>"]);
  });
});
