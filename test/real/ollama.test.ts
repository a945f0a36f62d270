import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineContainer } from "../../components/inference/engines";
import { modelOf, onCpu, planned } from "../unit/components/inference/engines/services";
import { run } from "./programs/cache";
import { llamacppMissing, tinyModel } from "./programs/llamacpp";
import { installOllama, ollamaMissing } from "./programs/ollama";
import { until } from "./programs/servers";

const missing = ollamaMissing() ?? llamacppMissing();
const name = `Ollama's own program${missing === undefined ? "" : ` (skipped: ${missing})`}`;

describe.skipIf(missing !== undefined)(name, () => {
  const model = modelOf("qwen3-1.7b-q8");
  const address = "127.84.73.1";
  let folder: string;
  let bin: string;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-ollama-"));
    bin = path.join(folder, "bin");
    await mkdir(bin);
    await installOllama(bin);
    await tinyModel(path.join(folder, model.source.files![0]!));
  }, 900_000);

  afterAll(async () => {
    if (server?.exitCode === null) {
      const ended = once(server, "exit");
      // So that it ends what computes for it, too.
      server.kill("SIGTERM");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Its own directories, addresses and nothing else of this machine. */
  const here = (environment: Readonly<Record<string, unknown>>): NodeJS.ProcessEnv => {
    const own = Object.entries(environment).map(([key, value]) => [
      key,
      String(value)
        .replace(/^\/(ollama|tmp)(?!\/orrery)/, `${folder}/$1`)
        .replace(/^(0\.0\.0\.0|127\.0\.0\.1):/, `${address}:`),
    ]);
    return { ...Object.fromEntries(own), HOME: folder, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  };

  it("takes the model in before it serves, and knows it by the service's name and length of text", async () => {
    const volume = { name: "models", claim: "models", path: folder };
    const service = planned("ollama", model, onCpu, { contextTokens: 1024, concurrency: 2 });
    const container = engineContainer(service, { volume, directory: folder });
    const { command, environment } = container.initContainers![0]!;
    await run(command![0]!, command!.slice(1), { env: here(environment!) });
    // A pod that starts once more finds what the first start has made.
    await run(command![0]!, command!.slice(1), { env: here(environment!) });

    const args = [...container.args];
    server = spawn(path.join(bin, "ollama"), args, { env: here(container.environment), stdio: "ignore" });
    const url = `http://${address}:${container.port}`;
    const { ready } = container.probes;
    if (!("http" in ready)) throw new Error("it is asked over HTTP");
    await until(async () => (await fetch(`${url}${ready.http}`)).ok, "ollama");
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(["llm:latest"]);
    const shown = await fetch(`${url}/api/show`, { method: "POST", body: JSON.stringify({ model: "llm" }) });
    expect(await shown.json()).toMatchObject({ details: { format: "gguf", family: "llama" } });
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "llm", max_tokens: 4, messages: [{ role: "user", content: "hello" }] }),
    });
    expect(await answer.json()).toMatchObject({ object: "chat.completion", model: "llm" });
    // One copy, however often it was taken in: the rest is smaller than that.
    expect((await readdir(path.join(folder, "ollama/models/blobs"))).length).toBeLessThanOrEqual(4);
  }, 120_000);
});
