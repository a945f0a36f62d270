import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelLimits } from "../../components/kit/models";
import type { OidcClient } from "../../components/kit/sign-in";
import { gatewaySource } from "../../components/observability/sources/inference";
import { application, fakeServers, limits, renderGateway } from "../unit/components/inference/gateway/rendered";
import type { Recorder } from "../unit/components/recorder";
import { LiteLlm } from "./programs/litellm";
import { ModelServers } from "./programs/model-servers";
import { type Python, pythonEnvironment, pythonMissing } from "./programs/python";

const missing = pythonMissing();
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);
const ISSUER = "https://id.demo.example.com/realms/orrery";
const METRICS_TOKEN = "made-up-model-gateway-credentials-metrics-token";

const servers = fakeServers.map((server) => (server.name === "llm" ? { ...server, timeoutSeconds: 5 } : server));

/** Consumers beside those of the settings, each with one limit that is soon reached. */
const narrow: Readonly<Record<string, Partial<ModelLimits>>> = {
  "few-requests": { requestsPerMinute: 2 },
  "few-tokens": { tokensPerMinute: 100 },
  "one-at-a-time": { parallelRequests: 1 },
};

/** The mocks make the same of a name each time; `turn` stands for a key that was replaced. */
const keyOf = (consumer: string) => `made-up-model-gateway-${consumer}`;

describe.skipIf(missing !== undefined)(title("the real LiteLLM, as rendered"), { timeout: 120_000 }, () => {
  let python: Python;
  let made: Recorder;
  let gateway: LiteLlm;
  let provider: Server;
  const upstream = new ModelServers();
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

  beforeAll(async () => {
    python = await pythonEnvironment("litellm");
    const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256" }] });
    provider = createServer((_, response) => response.end(jwks));
    await new Promise<void>((resolve) => provider.listen(0, "127.84.71.2", resolve));
    const keys = `http://127.84.71.2:${(provider.address() as AddressInfo).port}/keys`;
    made = await renderGateway({
      servers,
      gateway: (registry) => ({ people: { ...client(keys), provider: registry.gateway.pods, ready: registry } }),
      ask: (registry) => {
        for (const [name, own] of Object.entries(narrow)) {
          registry.declare({ name, consumer: application(name), services: ["llm"], limits: { ...limits, ...own } });
        }
      },
    });
    const root = await mkdtemp(path.join(tmpdir(), "litellm-"));
    const url = await upstream.start("127.84.71.3");
    gateway = new LiteLlm(made, python, root, { address: "127.84.71.1", upstream: url });
    await gateway.start();
    await gateway.ready(async (url) => (await fetch(url)).ok);
  }, 600_000);

  afterAll(async () => {
    await gateway?.stop();
    await upstream.stop();
    provider?.close();
  });

  const ask = (consumer: string | undefined, path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(consumer === undefined ? {} : { authorization: `Bearer ${keyOf(consumer)}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const say = (content: string, more = {}) => ({ model: "llm", messages: [{ role: "user", content }], ...more });
  const chat = (consumer: string | undefined, content: string, headers?: Record<string, string>) =>
    ask(consumer, "/v1/chat/completions", say(content), headers);

  it("answers who has the key, and passes no key on", async () => {
    const answer = await chat("shop", "good morning");
    expect([answer.status, ((await answer.json()) as Answer).choices[0]?.message.content]).toEqual([200, "hello"]);
    const { authorization, body } = upstream.seen.find(({ body: each }) => each.includes("good morning"))!;
    expect([authorization, JSON.parse(body).model]).toEqual(["Bearer none", "served-llm"]);
  });

  it.each([
    ["nobody", undefined],
    ["an unknown key", "nobody-has-this"],
  ])("refuses %s with 401", async (_, consumer) => {
    expect((await chat(consumer, "let me in")).status).toBe(401);
    expect(upstream.chats("let me in")).toBe(0);
  });

  it("refuses other consumers' models, unknown ones, and everything that is not the OpenAI API", async () => {
    const embed = (model: string, consumer: string) => ask(consumer, "/v1/embeddings", { model, input: "x" });
    expect((await embed("embeddings", "one-model")).status).toBe(403);
    expect((await embed("nothing", "shop")).status).toBe(403);
    const headers = { authorization: `Bearer ${keyOf("shop")}` };
    for (const path of [
      "/key/generate",
      "/health",
      "/model/info",
      "/config/yaml",
      "/v1/responses",
      "/chat/completions",
    ]) {
      expect([path, (await ask("shop", path, say("x"))).status]).toEqual([path, expect.toSatisfy((s) => s >= 401)]);
      expect((await fetch(`${gateway.url}${path}`, { headers })).status).toBeGreaterThanOrEqual(401);
    }
  });

  it("lists a consumer's models", async () => {
    const headers = { authorization: `Bearer ${keyOf("one-model")}` };
    const { data } = (await (await fetch(`${gateway.url}/v1/models`, { headers })).json()) as {
      data: { id: string }[];
    };
    expect(data.map(({ id }) => id)).toEqual(["llm"]);
  });

  it("passes on embeddings, both kinds of reranking, transcription and speech, each to its own path", async () => {
    const embeddings = await ask("shop", "/v1/embeddings", { model: "embeddings", input: ["a text"] });
    expect(await embeddings.json()).toMatchObject({ data: [{ embedding: [0.25, 0.5] }] });
    const rank = { query: "q", documents: ["a", "b"] };
    const ranked = await ask("shop", "/v1/rerank", { model: "reranker", ...rank });
    expect(await ranked.json()).toMatchObject({ results: [{ index: 1, relevance_score: 0.75 }] });
    const ofTei = await ask("shop", "/v1/rerank", { model: "small-reranker", ...rank });
    expect(await ofTei.json()).toMatchObject({ results: [{ index: 0, relevance_score: 0.5 }] });
    const form = new FormData();
    form.set("model", "whisper");
    form.set("file", new Blob(["RIFF some sound"]), "speech.wav");
    const headers = { authorization: `Bearer ${keyOf("shop")}` };
    const heard = await fetch(`${gateway.url}/v1/audio/transcriptions`, { method: "POST", headers, body: form });
    expect(await heard.json()).toMatchObject({ text: "hello there" });
    const spoken = await ask("shop", "/v1/audio/speech", { model: "tts", input: "hello", voice: "alloy" });
    expect(await spoken.text()).toBe("RIFF sound");
    const asked = upstream.seen.map((each) => each.path);
    for (const each of [
      "/v1/embeddings",
      "/v1/rerank",
      "/rerank",
      "/whisper/v1/audio/transcriptions",
      "/v1/audio/speech",
    ]) {
      expect(asked).toContain(each);
    }
    expect(upstream.seen.find(({ path: each }) => each === "/whisper/v1/audio/transcriptions")?.body).toContain(
      "RIFF some sound",
    );
  });

  it("lets a stream through piece by piece, for longer than an answer may be silent", async () => {
    const started = Date.now();
    const { body } = await ask("shop", "/v1/chat/completions", say("long", { stream: true }));
    const pieces: { readonly text: string; readonly at: number }[] = [];
    for await (const piece of body!) pieces.push({ text: Buffer.from(piece).toString(), at: Date.now() - started });
    const text = pieces.map((each) => each.text).join("");
    for (let piece = 0; piece < 8; piece += 1) expect(text).toContain(`piece ${piece}`);
    expect(text).toContain("[DONE]");
    const first = pieces.find((each) => each.text.includes("piece 0"))!;
    const last = pieces.find((each) => each.text.includes("piece 7"))!;
    expect(last.at - first.at).toBeGreaterThan(2_500);
  });

  it("says in time that a model does not answer, and asks it once", async () => {
    const started = Date.now();
    const answer = await chat("shop", "wait 9000");
    expect(answer.status).toBe(408);
    expect(Date.now() - started).toBeLessThan(8_500);
    expect(upstream.chats("wait 9000")).toBe(1);
  });

  it("passes an error on without a second try", async () => {
    const answer = await chat("shop", "fail");
    expect([answer.status, upstream.chats('"fail"')]).toEqual([500, 1]);
    expect(await answer.text()).toContain("the model has failed");
  });

  it("answers 429 over the requests of a minute, and says when to come again", async () => {
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await chat("few-requests", "again")).status);
    expect(statuses).toEqual([200, 200, 429]);
    const answer = await chat("few-requests", "again");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await chat("shop", "others go on")).status).toBe(200);
  });

  it("answers 429 over the tokens of a minute", async () => {
    expect((await chat("few-tokens", "much")).status).toBe(200);
    await sleep(1_000);
    expect((await chat("few-tokens", "more")).status).toBe(429);
  });

  it("answers 429 to a second request at one time", async () => {
    const first = chat("one-at-a-time", "wait 2000");
    await sleep(700);
    expect((await chat("one-at-a-time", "me too")).status).toBe(429);
    expect((await first).status).toBe(200);
    expect((await chat("one-at-a-time", "now me")).status).toBe(200);
  });

  const token = (claims: object, key = privateKey) => {
    const now = Math.floor(Date.now() / 1000);
    const body = { iss: ISSUER, azp: "models", sub: "someone", exp: now + 300, ...claims };
    const signed = [{ alg: "RS256", typ: "JWT", kid: "one" }, body]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
  };
  const person = (claims: object, headers = {}, key = privateKey) =>
    chat(undefined, "a person asks", { authorization: `Bearer ${token(claims, key)}`, ...headers });

  it("lets people in with their sign-in's token, if it is the provider's, for this page, and not over", async () => {
    expect((await person({})).status).toBe(200);
    expect((await person({ azp: "grafana" })).status).toBe(401);
    expect((await person({ iss: "https://elsewhere.example.com" })).status).toBe(401);
    expect((await person({ exp: 1 })).status).toBe(401);
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    expect((await person({}, {}, other)).status).toBe(401);
    expect((await person({}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    const page = await fetch(`${gateway.url}/`);
    expect(await page.text()).toContain("swagger-ui");
  });

  it("has metrics for who shows their token, under the names that dashboards ask for, with labels of the settings", async () => {
    const read = async (key?: string) =>
      fetch(`${gateway.url}/metrics/`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
    expect((await read()).status).toBe(401);
    expect((await read(keyOf("shop"))).status).toBe(401);
    const text = await (await read(METRICS_TOKEN)).text();
    for (const name of gatewaySource.metrics) expect(text).toContain(`\n${name}`);
    expect(text).toMatch(/litellm_output_tokens_metric_total\{api_key_alias="shop",model_id="llm"\} \d/);
    expect(text).not.toContain("nothing");
    expect(text).toMatch(/api_key_alias="people"/);
  });

  it("keeps keys and texts out of its log", () => {
    for (const secret of ["made-up", "good morning", "let me in", "others go on", "a person asks"]) {
      expect(gateway.log).not.toContain(secret);
    }
    const lines = gateway.log.split("\n").filter((line) => line.includes("message"));
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  it("takes a new key within seconds, and the one before it for a while", async () => {
    const again = await renderGateway({ servers });
    const keys = JSON.parse(keyFileOf(again)) as { keys: { consumer: string; sha256: string }[] };
    const replaced = keys.keys.map((entry) =>
      entry.consumer === "shop" ? { ...entry, sha256: "0".repeat(64) } : entry,
    );
    await gateway.write(
      "/etc/model-gateway-keys/keys.json",
      JSON.stringify({ ...keys, keys: replaced.filter(({ consumer }) => consumer !== "one-model") }),
    );
    await sleep(6_000);
    expect((await chat("shop", "the old key")).status).toBe(200);
    expect((await chat("one-model", "not any more")).status).toBe(401);
  });

  it("takes no more memory than its limit while many ask", async () => {
    const asked = await Promise.all(Array.from({ length: 24 }, () => chat("shop", "wait 500")));
    expect(asked.some(({ status }) => status === 429)).toBe(true);
    expect(await gateway.memoryMiB()).toBeLessThan(768);
  });

  it("says clearly that a model's server is away, and counts who asked for it: that wakes it", async () => {
    const authorization = `Bearer ${METRICS_TOKEN}`;
    const counted = async () => {
      const text = await (await fetch(`${gateway.url}/metrics/`, { headers: { authorization } })).text();
      const rows = text.matchAll(/^litellm_proxy_total_requests_metric_total\{[^}]*model_id="llm"[^}]*\} (\S+)/gm);
      return [...rows].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await counted();
    await upstream.stop();
    const answer = await chat("shop", "anybody there");
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.text()).toMatch(/connect/i);
    expect(await counted()).toBe(before + 1);
  });
});

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
}

function client(keys: string): Omit<OidcClient, "provider" | "ready"> {
  const endpoints = { authorization: `${ISSUER}/auth`, token: keys, keys };
  return { issuer: ISSUER, endpoints, clientId: "models", secretName: "models-oidc", secretNamespace: "ai-ml" };
}

function keyFileOf(made: Recorder): string {
  const { inputs } = made.one("Secret", "model-gateway-keys");
  return String((inputs["stringData"] as Record<string, unknown> | undefined)?.["keys.json"]);
}
