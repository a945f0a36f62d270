import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ModelCaches } from "../../components/inference/cache";
import type { ModelSource } from "../../components/inference/models/types";
import { COMMIT, model, service } from "../unit/components/inference/cache/services";
import { fakeSecrets, namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { FakeHub, type Repository, send, sha256 } from "./programs/hub";
import { pythonEnvironment, pythonMissing } from "./programs/python";
import { renderedContainer } from "./programs/rendered";
import { renderedFile } from "./programs/servers";

const address = "127.84.71.1";
const TOKEN = "hf_very-secret-token";
const missing = pythonMissing();

/** What a program said, and how it ended. */
interface Ended {
  readonly code: number | null;
  readonly output: string;
}

describe.skipIf(missing !== undefined)(
  `the Job that fetches a model${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  () => {
    const hub = new FakeHub(address);
    let folder: string;
    let cache: string;
    const weights = randomBytes(3 * 1024 * 1024 + 17);
    const config = Buffer.from('{"architectures": []}\n');
    const onnx = randomBytes(1000);

    const repository = (overrides: Partial<Repository> = {}): Repository => ({
      commit: COMMIT,
      revisions: ["main", "refs/pr/1"],
      files: {
        "config.json": { content: config },
        "empty.txt": { content: Buffer.alloc(0) },
        "model.safetensors": { content: weights, lfs: true },
        "onnx/model file.onnx": { content: onnx, lfs: true },
      },
      ...overrides,
    });

    /** The Job of a model from this source, as it is rendered; its program's files are put where it looks for them. */
    async function render(source: Partial<ModelSource> = {}) {
      const { secrets } = fakeSecrets();
      let directory = "";
      const made: Recorder = await record(() => {
        const caches = new ModelCaches("model-cache", {
          namespaces: namespaces(),
          environment: "dev",
          storage: { local: "local-path" },
          services: [
            service("llm", model("tiny", { source: { repository: "test/tiny", revision: COMMIT, ...source } }), [
              "gpu-1",
            ]),
          ],
          hubEndpoint: hub.url,
          ...(source.gated ? { token: { secrets, name: "hugging-face" } } : {}),
        });
        directory = caches.files(
          service("llm", model("tiny", { source: { repository: "test/tiny", revision: COMMIT, ...source } }), [
            "gpu-1",
          ]),
        ).directory;
      });
      for (const file of ["hub.py", "models.py"]) {
        await writeFile(path.join(folder, "scripts", file), renderedFile(made, "model-cache", file));
      }
      const [job] = made.kind("Job");
      const { command, environment } = renderedContainer(
        withToken(made),
        "Job",
        String(at(job!.inputs, "metadata", "name")),
      );
      return { command, environment, directory: directory.replace("/models", cache) };
    }

    type Rendered = Awaited<ReturnType<typeof render>>;

    function start({ command, environment }: Rendered, more: Record<string, string> = {}) {
      const [program, ...args] = command.map((word) => word.replace("/etc/orrery", path.join(folder, "scripts")));
      const started = spawn(program!, args, {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          ...environment,
          CACHE: cache,
          PAUSE_SECONDS: "0.05",
          TERMINATION_LOG: path.join(folder, "why"),
          ...more,
        },
      });
      let output = "";
      for (const stream of [started.stdout, started.stderr]) stream.on("data", (data) => (output += String(data)));
      const ended = once(started, "close").then(([code]): Ended => ({ code: code as number | null, output }));
      return { started, ended };
    }

    async function fetched(source: Partial<ModelSource> = {}) {
      const rendered = await render(source);
      return { ...(await start(rendered).ended), directory: rendered.directory };
    }

    /** Everything that a server would find. */
    const loadable = async (directory: string) => (existsSync(directory) ? (await readdir(directory)).sort() : []);
    const manifestOf = async (directory: string) =>
      JSON.parse(await readFile(path.join(directory, ".orrery.json"), "utf8"));

    beforeAll(async () => {
      await hub.start();
    });
    afterAll(() => hub.stop());
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "orrery-models-"));
      cache = path.join(folder, "models");
      await mkdir(cache);
      await mkdir(path.join(folder, "scripts"));
      hub.repositories.clear();
      hub.repositories.set("test/tiny", repository());
      hub.asked.length = 0;
      hub.trouble = undefined;
      hub.pageSize = 1000;
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it("fetches every file, and writes down what they are", async () => {
      hub.pageSize = 2;
      const { code, output, directory } = await fetched();
      expect(output).not.toContain("error");
      expect(code).toBe(0);
      expect(await readFile(path.join(directory, "model.safetensors"))).toEqual(weights);
      expect(await readFile(path.join(directory, "config.json"))).toEqual(config);
      expect((await stat(path.join(directory, "empty.txt"))).size).toBe(0);
      expect(existsSync(path.join(directory, "onnx", "model file.onnx"))).toBe(true);
      expect(await manifestOf(directory)).toMatchObject({
        repository: "test/tiny",
        commit: COMMIT,
        files: {
          "config.json": { size: config.length, sha256: sha256(config) },
          "model.safetensors": { size: weights.length, sha256: sha256(weights) },
        },
      });
      expect(await readdir(path.dirname(directory))).not.toContain(`${path.basename(directory)}.partial`);
      expect((await stat(path.join(directory, "config.json"))).mode & 0o777).toBe(0o644);
      expect((await stat(directory)).mode & 0o777).toBe(0o755);
    });

    it("verifies the second time, and asks nobody", async () => {
      const { directory } = await fetched();
      hub.asked.length = 0;
      const again = await fetched();
      expect(again.code).toBe(0);
      expect(again.output).toContain("all as they should be");
      expect(hub.asked).toEqual([]);
      expect(await loadable(directory)).toContain("model.safetensors");
    });

    it("finds a file that has gone bad on disk, and fetches it alone", async () => {
      const { directory } = await fetched();
      const file = path.join(directory, "model.safetensors");
      const bad = Buffer.from(weights);
      bad[1000]! ^= 1;
      await writeFile(file, bad);
      hub.asked.length = 0;
      const { code, output } = await fetched();
      expect(code).toBe(0);
      expect(output).toContain(`expected SHA-256 ${sha256(weights)}, got ${sha256(bad)}`);
      expect(await readFile(file)).toEqual(weights);
      expect(hub.downloads("model file.onnx")).toEqual([]);
    });

    it.each([
      ["SIGKILL", null],
      ["SIGTERM", 143],
    ] as const)("goes on where it was ended by %s", async (signal, expected) => {
      const half = weights.length >> 1;
      hub.trouble = ({ host, path: asked }, response) => {
        if (host !== "files" || !asked.includes("model.safetensors")) return undefined;
        response.writeHead(200, { "Content-Length": weights.length });
        // The rest never comes: a connection that hangs.
        response.write(weights.subarray(0, half));
        return true;
      };
      const rendered = await render();
      const { started, ended } = start(rendered);
      const parts = `${rendered.directory}.partial/parts`;
      for (let turn = 0; turn < 200; turn += 1) {
        const sizes = existsSync(parts)
          ? await Promise.all(
              (await readdir(parts)).map(
                async (each) => (await stat(path.join(parts, each)).catch(() => undefined))?.size ?? 0,
              ),
            )
          : [];
        if (sizes.some((size) => size >= 1024 * 1024)) break;
        await sleep(50);
      }
      started.kill(signal);
      expect((await ended).code).toBe(expected);
      expect(await loadable(rendered.directory)).toEqual([]);
      hub.trouble = undefined;
      hub.asked.length = 0;
      const { code } = await start(rendered).ended;
      expect(code).toBe(0);
      expect(await readFile(path.join(rendered.directory, "model.safetensors"))).toEqual(weights);
      const [resumed] = hub.downloads("model.safetensors?signature=abc");
      expect(Number(/^bytes=(\d+)-$/.exec(resumed?.range ?? "")?.[1])).toBeGreaterThanOrEqual(1024 * 1024);
    });

    it("starts a file anew where its part is not of it", async () => {
      const rendered = await render();
      const parts = `${rendered.directory}.partial/parts`;
      await mkdir(parts, { recursive: true });
      const name = createHash("sha256").update("model.safetensors").digest("hex").slice(0, 32);
      await writeFile(path.join(parts, name), randomBytes(5000));
      const { code } = await start(rendered).ended;
      expect(code).toBe(0);
      expect(await readFile(path.join(rendered.directory, "model.safetensors"))).toEqual(weights);
    });

    it("gets a body that ends early in pieces, and one from a server without ranges at once", async () => {
      let broken = 0;
      hub.trouble = ({ host, path: asked, range }, response) => {
        if (host !== "files" || !asked.includes("model.safetensors")) return undefined;
        broken += 1;
        if (broken === 1) {
          response.writeHead(200, { "Content-Length": weights.length });
          response.write(weights.subarray(0, 2_000_000), () => response.destroy());
          return true;
        }
        if (broken === 2) {
          expect(range).toMatch(/^bytes=[1-9]/);
          // Neither a length nor all of it.
          response.writeHead(200);
          response.end(weights.subarray(0, 100));
          return true;
        }
        send({ headers: {} }, response, weights, "x");
        return true;
      };
      const { code, output, directory } = await fetched();
      expect(output).toContain("ended at 100 of");
      expect(code).toBe(0);
      expect(broken).toBe(3);
      expect(await readFile(path.join(directory, "model.safetensors"))).toEqual(weights);
    });

    it("waits as long as it is told, and tries again after what goes by", async () => {
      const answers = [503, 429, 500];
      hub.trouble = ({ path: asked }, response) => {
        if (!asked.includes("/tree/")) return undefined;
        const status = answers.shift();
        if (status === undefined) return undefined;
        response.writeHead(status, status === 429 ? { "Retry-After": "1" } : {});
        response.end();
        return true;
      };
      const { code, output } = await fetched();
      expect(code).toBe(0);
      expect(output).toMatch(/429 .*; again in 1 s/);
      expect(answers).toEqual([]);
    });

    it("gives up after eight times in a row, and says what it was told", async () => {
      hub.trouble = ({ path: asked }, response) => {
        if (!asked.includes("/tree/")) return undefined;
        response.writeHead(503, { "X-Error-Message": "we are moving", "Retry-After": "0" });
        response.end();
        return true;
      };
      const { code, output } = await fetched();
      expect(code).toBe(1);
      expect(output).toMatch(/error: .*: 503 we are moving, 8 times in a row/);
      expect(hub.asked.filter(({ path: asked }) => asked.includes("/tree/"))).toHaveLength(8);
    });

    it("refuses a large file that is not what the Hub says", async () => {
      const expected = "a".repeat(64);
      const files = {
        ...repository().files,
        "model.safetensors": { content: weights, lfs: true, listed: { sha256: expected } },
      };
      hub.repositories.set("test/tiny", repository({ files }));
      await writeFile(path.join(folder, "why"), "");
      const { code, output, directory } = await fetched();
      expect(code).toBe(1);
      expect(output).toContain(
        `error: model.safetensors of test/tiny at ${COMMIT}: expected SHA-256 ${expected}, got ${sha256(weights)}`,
      );
      expect(await readFile(path.join(folder, "why"), "utf8")).toContain(expected);
      expect(await loadable(directory)).toEqual([]);
    });

    it("refuses a small file that is not what git says", async () => {
      const other = Buffer.from(config.toString().replace("[", "{"));
      hub.trouble = ({ path: asked }, response) => {
        if (!asked.endsWith("config.json")) return undefined;
        send({ headers: {} }, response, other, "x");
        return true;
      };
      const { code, output, directory } = await fetched();
      expect(code).toBe(1);
      expect(output).toMatch(/config\.json of test\/tiny at \w+: expected git object [0-9a-f]{40}, got [0-9a-f]{40}/);
      expect(await loadable(directory)).toEqual([]);
    });

    it("goes by the settings' checksums first, before anything is downloaded", async () => {
      const checksums = { "model.safetensors": "b".repeat(64) };
      const { code, output } = await fetched({ checksums });
      expect(code).toBe(1);
      expect(output).toContain(
        `model.safetensors: expected SHA-256 ${"b".repeat(64)} (settings), got ${sha256(weights)}`,
      );
      expect(hub.asked.filter(({ host }) => host === "files")).toEqual([]);
      const right = { "model.safetensors": sha256(weights), "config.json": sha256(config) };
      expect((await fetched({ checksums: right })).code).toBe(0);
      const small = await fetched({ checksums: { "config.json": "c".repeat(64) } });
      expect(small.output).toContain(
        `config.json of test/tiny at ${COMMIT}: expected SHA-256 ${"c".repeat(64)}, got ${sha256(config)}`,
      );
    });

    it("fetches what the globs mean, and says which mean nothing", async () => {
      const { code, directory } = await fetched({ files: ["*.safetensors", "onnx/"] });
      expect(code).toBe(0);
      expect(Object.keys((await manifestOf(directory)).files)).toEqual(["model.safetensors", "onnx/model file.onnx"]);
      const wrong = await fetched({ files: ["*.safetensors", "*.gguf"] });
      expect(wrong.code).toBe(1);
      expect(wrong.output).toContain("no file is meant by `*.gguf`");
    });

    it.each(["../outside", "a/../../outside", "/etc/outside", "a//b", "a\\..\\b", "new\nline", ".orrery.json"])(
      "refuses a list with the path %j",
      async (bad) => {
        hub.repositories.set("test/tiny", repository({ files: { ...repository().files, [bad]: { content: config } } }));
        const { code, output, directory } = await fetched();
        expect(code).toBe(1);
        expect(output).toContain("is no path below the model: refused");
        expect(await loadable(directory)).toEqual([]);
        expect(hub.asked.filter(({ host }) => host === "files")).toEqual([]);
      },
    );

    it("says that there is no space before it downloads", async () => {
      const size = 2 ** 60;
      const files = { "model.safetensors": { content: weights, lfs: true, listed: { size } } };
      hub.repositories.set("test/tiny", repository({ files }));
      const { code, output } = await fetched();
      expect(code).toBe(1);
      expect(output).toMatch(
        /no space for test\/tiny: 1073741824\.0 GiB are still to be fetched, and [\d.]+ GiB are free/,
      );
      expect(hub.asked.filter(({ host }) => host === "files")).toEqual([]);
    });

    it("takes a branch's commit, and writes it down", async () => {
      const { code, directory } = await fetched({ revision: "refs/pr/1" });
      expect(code).toBe(0);
      expect(hub.asked[0]!.path).toBe("/api/models/test/tiny/revision/refs/pr/1");
      expect(await manifestOf(directory)).toMatchObject({ revision: "refs/pr/1", commit: COMMIT });
    });

    it("takes what another revision has from it, and keeps that one", async () => {
      const first = await fetched();
      const other = "f".repeat(40);
      const files = { ...repository().files, "config.json": { content: Buffer.from("{}\n") } };
      hub.repositories.set("test/tiny", repository({ commit: other, files }));
      hub.asked.length = 0;
      const second = await fetched({ revision: other });
      expect(second.code).toBe(0);
      expect(second.directory).not.toBe(first.directory);
      expect(hub.asked.filter(({ host }) => host === "files")).toEqual([]);
      expect(await readFile(path.join(second.directory, "config.json"), "utf8")).toBe("{}\n");
      expect(await readFile(path.join(first.directory, "config.json"))).toEqual(config);
    });

    describe("of a gated repository", () => {
      const gated = (accepted: boolean) =>
        hub.repositories.set("test/tiny", repository({ gated: { token: TOKEN, accepted } }));

      it("shows its token to the Hub alone, and to no log", async () => {
        gated(true);
        const { code, output } = await fetched({ gated: true });
        expect(code).toBe(0);
        expect(output).not.toContain(TOKEN);
        expect(
          hub.asked
            .filter(({ host }) => host === "hub")
            .every(({ authorization }) => authorization === `Bearer ${TOKEN}`),
        ).toBe(true);
        expect(hub.asked.filter(({ host }) => host === "files").length).toBeGreaterThan(0);
        expect(hub.asked.filter(({ host, authorization }) => host === "files" && authorization !== undefined)).toEqual(
          [],
        );
      });

      it("says whose licence is to be accepted where", async () => {
        gated(false);
        const { code, output } = await fetched({ gated: true });
        expect(code).toBe(1);
        expect(output).toContain("403 for test/tiny: You are not in the authorized list");
        expect(output).toContain(`accept its licence at ${hub.url}/test/tiny with the account of the token`);
        expect(output).not.toContain(TOKEN);
      });

      it("says what is missing where there is no token", async () => {
        gated(true);
        const { code, output } = await fetched();
        expect(code).toBe(1);
        expect(output).toContain("set orrery:inference.huggingFaceTokenSecret");
      });
    });

    it("names what does not exist", async () => {
      const { code, output } = await fetched({ repository: "test/none" });
      expect(code).toBe(1);
      expect(output).toContain("404 for test/none");
    });

    it("removes what nobody loads any more, and nothing else", async () => {
      const first = await fetched();
      const second = await fetched({ files: ["config.json"] });
      await mkdir(path.join(cache, "lost+found"));
      await writeFile(path.join(cache, "lost+found", "mine"), "");
      const rendered = await render();
      const keep = [path.relative(cache, second.directory)];
      const prune = { ...rendered, command: [...rendered.command.slice(0, -1), "prune"] };
      expect((await start(prune, { KEEP: JSON.stringify(keep) }).ended).code).toBe(0);
      expect(await loadable(first.directory)).toEqual([]);
      expect(await loadable(second.directory)).toEqual([".orrery.json", "config.json"]);
      expect(await readdir(path.join(cache, "lost+found"))).toEqual(["mine"]);
      expect((await readdir(path.join(cache, "tiny"))).sort()).toEqual([
        path.basename(second.directory),
        `${path.basename(second.directory)}.lock`,
      ]);
    });

    it("downloads as the Hub's own client does: the same files from the same server", {
      timeout: 600_000,
    }, async () => {
      const { directory } = await fetched();
      const python = await pythonEnvironment("huggingface-hub");
      const target = path.join(folder, "judge");
      const script = `import huggingface_hub as h; print(h.snapshot_download("test/tiny", revision="main", local_dir=${JSON.stringify(target)}))`;
      await python.run(["-c", script], {
        env: {
          HF_ENDPOINT: hub.url,
          HF_HUB_DISABLE_XET: "1",
          HF_HOME: path.join(folder, "home"),
          HF_HUB_DISABLE_TELEMETRY: "1",
        },
      });
      const { files } = await manifestOf(directory);
      const judged = Object.fromEntries(
        await Promise.all(
          Object.keys(files).map(async (file) => [file, sha256(await readFile(path.join(target, file)))]),
        ),
      );
      expect(judged).toEqual(
        Object.fromEntries(
          Object.entries(files as Record<string, { sha256: string }>).map(([file, about]) => [file, about.sha256]),
        ),
      );
      const found = (await readdir(target, { recursive: true, withFileTypes: true })).filter(
        (each) => each.isFile() && !each.parentPath.includes(".cache"),
      );
      expect(found).toHaveLength(Object.keys(files).length);
    });
  },
);

/** The Secret of the token, which the source of secrets makes. */
function withToken(made: Recorder): Recorder {
  made.resources.push({
    ...made.resources[0]!,
    type: "kubernetes:core/v1:Secret",
    name: "model-cache-token",
    custom: true,
    inputs: {
      metadata: { name: "model-cache-token", namespace: "ai-ml" },
      stringData: { token: TOKEN },
    } as never,
  });
  return made;
}
