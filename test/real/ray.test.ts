import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { workerGroups } from "../../components/inference/ray/groups";
import { programFiles } from "../../components/inference/ray/programs";
import { rayServiceSpec } from "../../components/inference/ray/spec";
import type { PlannedService } from "../../components/inference/types";
import { filesOf, rayService } from "../unit/components/inference/ray/services";
import { type Python, pythonEnvironment, pythonMissing } from "./programs/python";
import { LocalRay, until } from "./programs/ray";

const missing = pythonMissing();
const scaling = { minReplicas: 0, queueLength: 5, idleSeconds: 900 };

/** Two share the one GPU of a machine, and leave nothing of it; the others are on CPUs. */
const half = (name: string) => {
  const service = rayService(name, ["gpu-1"]);
  return { ...service, place: { ...service.place, share: 0.5 } } as PlannedService;
};
const onCpus = [rayService("tts", []), rayService("vectors", []), rayService("reranker", [], { scaling })];
const services = [half("whisper"), half("llm"), ...onCpus];

const specOf = (wanted: readonly PlannedService[], complete = true) => {
  const groups = workerGroups(wanted, () => "time-slicing");
  const images = { headImage: "head", workerImage: "worker" };
  const facts = { services: wanted, groups, environment: "prod", programs: programFiles(), filesOf, complete } as const;
  return { ...rayServiceSpec({ ...facts, ...images }), groups };
};

describe.skipIf(missing !== undefined)(`Ray${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  let python: Python;
  let ray: LocalRay;
  const folder = mkdtempSync(path.join(tmpdir(), "ray-"));

  /** The configuration of the manifest, at this machine's address, with directories that are there. */
  const configOf = (wanted: readonly PlannedService[]) => {
    const { host, port } = ray.http;
    const config = parse(specOf(wanted).serveConfigV2);
    for (const application of config.applications) application.args.directory = folder;
    return { ...config, http_options: { ...config.http_options, host, port } };
  };

  const call = (route: string, body: object | FormData | string, more: RequestInit = {}) =>
    fetch(`${ray.http.url}${route}`, {
      method: "POST",
      body: body instanceof FormData || typeof body === "string" ? body : JSON.stringify(body),
      ...(body instanceof FormData ? {} : { headers: { "content-type": "application/json" } }),
      signal: AbortSignal.timeout(20_000),
      ...more,
    });

  beforeAll(async () => {
    python = await pythonEnvironment("ray");
    ray = new LocalRay(python, path.join(folder, "ray"), 21_000);
    mkdirSync(path.join(folder, "models"));
    const stubs = path.join(__dirname, "python", "stubs");
    const pythonPath = [path.resolve(__dirname, "../../components/inference/ray/programs"), stubs];
    const { headGroupSpec, workerGroupSpecs } = specOf(services).rayClusterConfig;
    const [gpu] = workerGroupSpecs;
    // The one node plays the head, the GPU machine and the CPU pods: it offers the resources of all of them.
    const resources = `'${JSON.stringify(Object.fromEntries(services.map(({ name }) => [name, 1])))}'`;
    const numbers = { "num-cpus": "3", "num-gpus": gpu!.rayStartParams["num-gpus"] };
    const parameters = { ...gpu!.rayStartParams, ...headGroupSpec.rayStartParams, ...numbers, resources };
    await ray.start({ pythonPath, programs: [path.join(stubs, "bin")], parameters }, 240);
    await ray.deploy(configOf(services));
    await ray.running(
      services.map(({ name }) => name),
      240,
    );
  }, 900_000);

  afterAll(async () => {
    await ray?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it("reads the configuration, with packages for pip as well, and knows every field of it", async () => {
    const script = [
      "import json, sys, yaml",
      "from ray.serve.schema import ServeDeploySchema",
      "given = yaml.safe_load(sys.argv[1])",
      "read = ServeDeploySchema.model_validate(given)",
      "def unknown(model, given, at):",
      "    if hasattr(model, 'model_extra'):",
      "        for key in model.model_extra or {}: print('unknown', at, key)",
      "        for key, value in given.items(): unknown(getattr(model, key, None), value, f'{at}.{key}')",
      "    elif isinstance(model, list):",
      "        for each, value in zip(model, given): unknown(each, value, at)",
      "unknown(read, given, 'config')",
      "print(json.dumps([[a.name, a.route_prefix, len(a.deployments)] for a in read.applications]))",
    ].join("\n");
    const output = await python.run(["-c", script, specOf(services, false).serveConfigV2]);
    expect(JSON.parse(output.trim())).toEqual(services.map(({ name }) => [name, `/${name}`, 1]));
  });

  it.each(services.map(({ name }) => name))("%s says that it is well, and what it is called", async (name) => {
    const get = (route: string) => fetch(`${ray.http.url}/${name}${route}`, { signal: AbortSignal.timeout(20_000) });
    expect((await get("/health")).status).toBe(200);
    expect(await (await get("/v1/models")).json()).toMatchObject({ data: [{ id: name }] });
  });

  it("answers a chat in pieces, as they are made", async () => {
    const answer = await call("/llm/v1/chat/completions", { model: "llm", stream: true });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const pieces: string[] = [];
    for await (const piece of answer.body!) pieces.push(Buffer.from(piece).toString());
    expect(pieces.join("")).toBe([0, 1, 2, 3].map((n) => `data: {"n": ${n}}\n\n`).join(""));
    expect(pieces.length).toBeGreaterThan(1);
  });

  it("gives vLLM the GPU of which it has a half", async () => {
    const answer = await call("/llm/v1/chat/completions", { model: "llm" });
    expect(await answer.json()).toEqual({ path: "/v1/chat/completions", devices: "0", share: 0.5, context: 512 });
  });

  it("makes vectors and an order of relevance", async () => {
    const vectors = await call("/vectors/v1/embeddings", { model: "vectors", input: ["a b", "c"] });
    expect(await vectors.json()).toMatchObject({
      data: [{ embedding: [3, 0.5] }, { index: 1, embedding: [1, 0.5] }],
      usage: { prompt_tokens: 3 },
    });
    const coded = await call("/vectors/v1/embeddings", { model: "vectors", input: "abc", encoding_format: "base64" });
    const { data } = (await coded.json()) as { data: { embedding: string }[] };
    expect(Buffer.from(data[0]!.embedding, "base64").readFloatLE(0)).toBe(3);
    const body = { model: "reranker", query: "q", documents: ["a", "bbb", "cc"], top_n: 2, return_documents: true };
    expect(((await (await call("/reranker/v1/rerank", body)).json()) as { results: object[] }).results).toEqual([
      { index: 1, relevance_score: 3, document: { text: "bbb" } },
      { index: 2, relevance_score: 2, document: { text: "cc" } },
    ]);
  });

  const recording = (content: string | Buffer<ArrayBuffer>, fields: Record<string, string> = {}) => {
    const form = new FormData();
    form.append("file", new Blob([content]), "a.wav");
    for (const [name, value] of Object.entries({ model: "whisper", ...fields })) form.append(name, value);
    return form;
  };

  it.each([
    ["json", '{"text":"one two cuda float16"}'],
    ["text", "one two cuda float16\n"],
    ["srt", "1\n00:00:00,000 --> 00:00:01,250\none\n\n2\n00:00:01,250 --> 01:00:01,500\ntwo cuda float16\n\n"],
    ["vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:01.250\none\n\n00:00:01.250 --> 01:00:01.500\ntwo cuda float16\n\n"],
  ])("writes down what is said as %s", async (format, expected) => {
    const answer = await call("/whisper/v1/audio/transcriptions", recording("RIFF", { response_format: format }));
    expect(await answer.text()).toBe(expected);
  });

  it("speaks, in the forms that it knows", async () => {
    const speak = (more: object) =>
      call("/tts/v1/audio/speech", { model: "tts", input: "hello", voice: "Ana", ...more });
    const usual = await speak({});
    expect([usual.headers.get("content-type"), await usual.text()]).toEqual(["audio/mpeg", "MP3 None 24000 5"]);
    const raw = Buffer.from(await (await speak({ response_format: "pcm" })).arrayBuffer());
    expect([raw.length, raw.readInt16LE(0)]).toEqual([10, 16_383]);
  });

  const large = "x".repeat(9 * 1024 * 1024);

  it.each<[string, string, object | string, number, string]>([
    ["another model", "/vectors/v1/embeddings", { model: "gpt", input: "a" }, 404, "ask for `vectors`"],
    ["no JSON", "/llm/v1/chat/completions", "{", 400, "not JSON"],
    ["another path", "/llm/v1/embeddings", { model: "llm" }, 404, "/v1/chat/completions"],
    ["no text", "/vectors/v1/embeddings", { model: "vectors", input: [] }, 400, "input: a text"],
    ["a long text", "/vectors/v1/embeddings", { model: "vectors", input: "a ".repeat(600) }, 400, "512 is the most"],
    ["too much", "/vectors/v1/embeddings", { model: "vectors", input: large }, 413, "8 MiB"],
    ["no question", "/reranker/v1/rerank", { model: "reranker", documents: ["a"] }, 400, "query: a text"],
    ["an unknown voice", "/tts/v1/audio/speech", { model: "tts", input: "a", voice: "x" }, 400, "Known: Ana, Bea"],
    ["a long speech", "/tts/v1/audio/speech", { model: "tts", input: "a".repeat(5000) }, 400, "4096 is the most"],
    ["too fast", "/tts/v1/audio/speech", { model: "tts", input: "a", speed: 9 }, 400, "speed: 0.25 to 4"],
  ])("refuses %s, and says what is wrong", async (_, route, body, status, message) => {
    const answer = await call(route, body);
    const said = (await answer.json()) as { error: { message: string; type: string } };
    expect([answer.status, said.error.type]).toEqual([status, "invalid_request_error"]);
    expect(said.error.message).toContain(message);
  });

  it.each<[string, FormData, number, string]>([
    ["what is no recording", recording("text"), 400, "Invalid data"],
    ["an empty one", recording(""), 400, "empty"],
    ["one that is too large", recording(Buffer.alloc(26 * 1024 * 1024)), 413, "25 MiB"],
    ["an unknown form", recording("RIFF", { response_format: "doc" }), 400, "verbose_json"],
    ["no file", new FormData(), 400, "file"],
  ])("refuses to write down %s", async (_, form, status, message) => {
    const answer = await call("/whisper/v1/audio/transcriptions", form);
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(message);
  });

  it("has no path but those of the services", async () => {
    expect((await call("/other/v1/models", {})).status).toBe(404);
    expect(await (await fetch(`${ray.http.url}/-/routes`)).json()).toEqual(
      Object.fromEntries(services.map(({ name }) => [`/${name}`, name])),
    );
  });

  it("replaces a replica whose vLLM has ended", async () => {
    await call("/llm/v1/chat/completions", { model: "llm", crash: true }).catch(() => undefined);
    const ask = () => call("/llm/v1/chat/completions", { model: "llm" });
    await until(
      90,
      () => "a new replica",
      async () => (await ask()).status === 200,
    );
  }, 150_000);

  it("changes a service where no part of its GPU is free, and leaves one too many waiting, with the reason", async () => {
    const longer = services.map((service) => (service.name === "llm" ? { ...service, contextTokens: 1024 } : service));
    // On the machine whose GPU the other two have.
    const late = half("late");
    const config = configOf([...longer, late]);
    // Its resource is not among those that the machine offers for others.
    config.applications.at(-1).deployments[0].ray_actor_options.resources = {};
    await ray.deploy(config);
    await until(
      120,
      () => "the changed service",
      async () => {
        const { llm, late: waiting } = await ray.applications();
        return llm?.status === "RUNNING" && /scheduled/.test(waiting?.deployments["Model"]?.message ?? "");
      },
    );
    const { late: waiting, whisper, tts } = await ray.applications();
    expect([whisper?.status, tts?.status, waiting?.status]).toEqual(["RUNNING", "RUNNING", "DEPLOYING"]);
    expect(waiting?.deployments["Model"]?.message).toContain('"GPU": 0.5');
    const answer = await call("/llm/v1/chat/completions", { model: "llm" });
    expect(await answer.json()).toMatchObject({ context: 1024 });
  }, 240_000);
});
