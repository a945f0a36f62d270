import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineContainer } from "../../components/inference/engines";
import type { PlannedService } from "../../components/inference/types";
import { llamaSource } from "../../components/observability/sources/inference";
import { modelOf, onCpu, planned } from "../unit/components/inference/engines/services";
import { type Llama, llamacppMissing, startLlama, tinyModel } from "./programs/llamacpp";

const missing = llamacppMissing();
const name = `llama.cpp's own server${missing === undefined ? "" : ` (skipped: ${missing})`}`;

const model = modelOf("qwen3-1.7b-q8");
const chat = planned("llamacpp", model, onCpu, { contextTokens: 256, concurrency: 2 });
const embedding = planned("llamacpp", model, onCpu, { name: "embeddings", role: "embedding", contextTokens: 1024 });
const rerank = planned("llamacpp", model, onCpu, { name: "reranker", role: "rerank", contextTokens: 128 });

describe.skipIf(missing !== undefined)(name, () => {
  let folder: string;
  const running: Llama[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-llama-"));
    const file = model.source.files![0]!;
    await tinyModel(path.join(folder, file));
  }, 180_000);

  afterAll(async () => {
    for (const each of running) await each.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** With the arguments of its container; only the address is another one. */
  async function start(service: PlannedService, host: string): Promise<string> {
    const volume = { name: "models", claim: "models", path: folder };
    const { args, environment, port } = engineContainer(service, { volume, directory: folder });
    const here = args.map((arg) => (arg === "0.0.0.0" ? host : arg));
    const url = `http://${host}:${port}`;
    running.push(await startLlama(here, environment, url));
    return url;
  }

  const ask = (url: string, body: object) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

  it("serves a model under the service's name, each request with the whole context", async () => {
    const url = await start(chat, "127.84.70.1");
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(["llm"]);
    const props = (await (await fetch(`${url}/props`)).json()) as {
      total_slots: number;
      default_generation_settings: { n_ctx: number };
    };
    expect([props.total_slots, props.default_generation_settings.n_ctx]).toEqual([2, 256]);

    const answer = await ask(`${url}/v1/chat/completions`, {
      model: "llm",
      max_tokens: 4,
      messages: [{ role: "user", content: "hello" }],
    });
    expect(await answer.json()).toMatchObject({ object: "chat.completion", usage: { completion_tokens: 4 } });
    await metricsAreKnown(url);
    await nothingMoreIsShown(url);
  });

  /** All that dashboards and scaling ask for is there. */
  async function metricsAreKnown(url: string): Promise<void> {
    const text = await (await fetch(`${url}/metrics`)).text();
    const served = new Set([...text.matchAll(/^([a-z_:]+)[ {]/gm)].map(([, metric]) => metric));
    expect(llamaSource.metrics.filter((metric) => !served.has(metric))).toEqual([]);
    const waiting = engineContainer(chat, { volume: { name: "m", claim: "m", path: "/m" }, directory: "/m" }).waiting!;
    const [asked] = /llamacpp:\w+/.exec(waiting(""))!;
    expect(served.has(asked)).toBe(true);
  }

  /** What others ask, and a page for people, are not. */
  async function nothingMoreIsShown(url: string): Promise<void> {
    expect((await fetch(`${url}/slots`)).ok).toBe(false);
    expect((await fetch(`${url}/`)).ok).toBe(false);
  }

  it("makes vectors of texts as long as promised, in one pass, and refuses longer ones", async () => {
    await tinyModel(path.join(folder, model.source.files![0]!), "MEAN");
    const url = await start(embedding, "127.84.70.2");
    // A letter is a token. Without a word about it, a pass takes 512.
    const embed = (letters: number) => ask(`${url}/v1/embeddings`, { model: "embeddings", input: "x".repeat(letters) });
    const { data } = (await (await embed(900)).json()) as { data: { embedding: number[] }[] };
    expect(data[0]!.embedding).toHaveLength(64);
    expect((await embed(3000)).ok).toBe(false);
  });

  it("takes the arguments of a reranker", async () => {
    const url = await start(rerank, "127.84.70.3");
    expect((await fetch(`${url}/health`)).ok).toBe(true);
  });
});
