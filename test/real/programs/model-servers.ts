import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A request as a model's server saw it. */
export interface Seen {
  readonly path: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

const usage = { prompt_tokens: 50, completion_tokens: 70, total_tokens: 120 };

/** Answers for every kind of model, as vLLM, TEI and speaches do. What a chat says decides what happens. */
export class ModelServers {
  readonly seen: Seen[] = [];
  /** Closed before their answer was whole. */
  broken = 0;
  private server: Server | undefined;

  async start(address: string): Promise<string> {
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server!.listen(0, address, resolve));
    return `http://${address}:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
  }

  chats(content: string): number {
    return this.seen.filter(({ path, body }) => path.endsWith("/chat/completions") && body.includes(content)).length;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("latin1");
    const path = request.url!;
    this.seen.push({ path, body, authorization: request.headers.authorization });
    if (path.endsWith("/audio/speech")) return void response.end("RIFF sound");
    if (path.endsWith("/audio/transcriptions")) return json(response, { text: "hello there" });
    if (path.endsWith("/embeddings")) return json(response, embeddings);
    if (path.endsWith("/rerank")) return json(response, body.includes('"texts"') ? teiRanks : ranks);
    if (path.endsWith("/chat/completions")) return this.chat(JSON.parse(body), response);
    json(response, { error: { message: "no such path" } }, 404);
  }

  private async chat({ model, messages, stream }: Chat, response: ServerResponse): Promise<void> {
    const said = messages.at(-1)!.content;
    if (said === "fail") return json(response, { error: { message: "the model has failed" } }, 500);
    const wait = Number(/^wait (\d+)$/.exec(said)?.[1] ?? 0);
    if (wait > 0) await sleep(wait);
    if (stream !== true) return json(response, chat(model, "hello"));
    response.on("close", () => (this.broken += response.writableEnded ? 0 : 1));
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let piece = 0; piece < 8; piece += 1) {
      response.write(event({ ...chunk(model), choices: [{ index: 0, delta: { content: `piece ${piece}` } }] }));
      await sleep(500);
    }
    const last = { ...chunk(model), choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage };
    response.end(`${event(last)}data: [DONE]\n\n`);
  }
}

interface Chat {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
  readonly stream?: boolean;
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (model: string) => ({ id: "c", object: "chat.completion.chunk", created: 1, model });

function chat(model: string, content: string) {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return { id: "c", object: "chat.completion", created: 1, model, choices, usage };
}

const embeddings = {
  object: "list",
  model: "embeddings",
  data: [{ object: "embedding", index: 0, embedding: [0.25, 0.5] }],
  usage: { prompt_tokens: 3, total_tokens: 3 },
};
/** As vLLM and llama.cpp answer, after Cohere. */
const ranks = { id: "r", model: "m", usage: { total_tokens: 9 }, results: [{ index: 1, relevance_score: 0.75 }] };
/** As Text Embeddings Inference answers. */
const teiRanks = [{ index: 0, score: 0.5 }];
