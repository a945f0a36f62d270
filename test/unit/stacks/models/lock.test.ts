import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../../../components/inference/models/catalogue";
import { lockOf, withLock } from "../../../../components/inference/models/lock";
import { lockModels } from "../../../../stacks/models/lock";
import { readLock } from "../../../../stacks/models/lock-file";

const model = (name: string) => catalogue[name]!;
const small = model("qwen3-0.6b-q8");
const sum = "ab".repeat(32);
const commit = "0123456789abcdef0123456789abcdef01234567";
const siblings = [
  { rfilename: "README.md", size: 100 },
  { rfilename: "Qwen3-0.6B-Q8_0.gguf", size: 640_000_000, lfs: { sha256: sum, size: 640_000_000 } },
];

describe("the lock of models", () => {
  it("keeps the commit and the files that are fetched, and no others", () => {
    expect(lockOf(small, { sha: commit, siblings })).toEqual({
      revision: commit,
      files: { "Qwen3-0.6B-Q8_0.gguf": { sizeBytes: 640_000_000, sha256: sum } },
    });
  });

  it("reads globs as the Hub's client does: a star stands for slashes, too", () => {
    const files = ["1_Pooling/config.json", "config.json", "model.safetensors", "vocab.txt", "onnx/model.onnx"];
    const locked = lockOf(model("bge-small-en-v1.5"), {
      sha: commit,
      siblings: files.map((rfilename) => ({ rfilename, size: 1 })),
    });
    expect(Object.keys(locked.files)).toEqual(files.slice(0, 4));
  });

  it("refuses a repository that lacks a file that is named", () => {
    expect(() => lockOf(small, { sha: commit, siblings: siblings.slice(0, 1) })).toThrow(
      "qwen3-0.6b-q8: Qwen/Qwen3-0.6B-GGUF has no file Qwen3-0.6B-Q8_0.gguf.",
    );
  });

  it("pins a model of the catalogue, and leaves one alone that the settings pinned", () => {
    const lock = { [small.name]: lockOf(small, { sha: commit, siblings }) };
    expect(withLock(small, lock)).toMatchObject({
      source: { revision: commit, checksums: { "Qwen3-0.6B-Q8_0.gguf": sum } },
      diskMiB: 611,
    });
    const pinned = { ...small, source: { ...small.source, revision: "f".repeat(40) } };
    expect(withLock(pinned, lock)).toBe(pinned);
    expect(withLock(model("qwen3-8b"), lock)).toBe(model("qwen3-8b"));
  });
});

describe("the file of the lock", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "models-lock-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("may be missing", () => expect(readLock(path.join(folder, "none.json"))).toEqual({}));

  it("is refused when it pins nothing", () => {
    const file = path.join(folder, "bad.json");
    writeFileSync(file, JSON.stringify({ a: { revision: "main", files: {} } }));
    expect(() => readLock(file)).toThrow(/is not a lock of models: a\.revision: /);
  });
});

describe("npm run models -- lock", () => {
  let server: Server;
  let endpoint: string;
  const asked: { url: string; authorization: string | undefined }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push({ url: request.url!, authorization: request.headers.authorization });
      if (request.url!.includes("Llama") && request.headers.authorization === undefined) response.writeHead(401).end();
      else if (request.url!.includes("Qwen3-0.6B")) response.end(JSON.stringify({ sha: commit, siblings, other: 1 }));
      else if (request.url === `/Qwen/Qwen3-8B/resolve/${commit}/config.json`)
        response.end(
          JSON.stringify({ num_hidden_layers: 36, num_key_value_heads: 4, max_position_embeddings: 32_768 }),
        );
      else if (request.url!.startsWith("/api/models/Qwen/Qwen3-8B/"))
        response.end(
          JSON.stringify({
            sha: commit,
            siblings: ["model-1.safetensors", "config.json", "merges.txt"].map((rfilename) => ({ rfilename, size: 9 })),
          }),
        );
      else response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void asked.splice(0));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("writes what the Hub says, and nothing when it is the same", async () => {
    const first = await lockModels([small], {}, { endpoint, token: "hf_token" });
    expect(first.changed).toEqual(["qwen3-0.6b-q8: new -> 0123456789ab"]);
    expect(asked).toEqual([
      { url: "/api/models/Qwen/Qwen3-0.6B-GGUF/revision/main?blobs=true", authorization: "Bearer hf_token" },
    ]);
    const second = await lockModels([small], first.lock, { endpoint });
    expect(second).toEqual({ lock: first.lock, changed: [], problems: [] });
  });

  it("says where the catalogue reckons with another shape than the model has", async () => {
    const { problems, changed } = await lockModels([model("qwen3-8b")], {}, { endpoint });
    expect(changed).toHaveLength(1);
    expect(problems).toEqual([
      "qwen3-8b: the catalogue says kvHeads 8, and its config.json 4.",
      "qwen3-8b: the catalogue says 40960 tokens, and its config.json 32768.",
    ]);
  });

  it("goes on when one fails, and says which and why", async () => {
    const other = { "qwen3-8b": { revision: commit, files: {} } };
    const { lock, problems } = await lockModels([model("llama-3.3-70b"), model("bge-m3"), small], other, { endpoint });
    expect(Object.keys(lock)).toEqual(["qwen3-0.6b-q8", "qwen3-8b"]);
    expect(problems[0]).toMatch(/^llama-3\.3-70b: meta-llama\/Llama-3\.3-70B-Instruct is gated: accept its licence/);
    expect(problems[1]).toMatch(/^bge-m3: .* answered 404\.$/);
  });
});
