import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineContainer } from "../../components/inference/engines";
import { modelOf, onCpu, planned } from "../unit/components/inference/engines/services";
import { run } from "./programs/cache";
import { type Python, pythonEnvironment, pythonMissing } from "./programs/python";

const missing = pythonMissing();
const name = `models of speaches, as Hugging Face's client finds them${missing === undefined ? "" : ` (skipped: ${missing})`}`;

/** How speaches asks for a model (hf_utils.py, faster_whisper): by the order of the cache, and offline. */
const ASK = `
import huggingface_hub, json, sys
repository = sys.argv[1]
at = huggingface_hub.snapshot_download(repository, local_files_only=True)
[found] = [repo for repo in huggingface_hub.scan_cache_dir().repos if repo.repo_id == repository]
[revision] = found.revisions
print(json.dumps({"at": at, "refs": sorted(revision.refs), "files": sorted(file.file_name for file in revision.files)}))
`;

/** speaches itself is in no registry of programs; its model loader is. */
describe.skipIf(missing !== undefined)(name, () => {
  let folder: string;
  let python: Python;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-speaches-"));
    python = await pythonEnvironment("huggingface-hub");
  }, 180_000);

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["whisper-small", ["model.bin", "config.json", "README.md"]],
    ["kokoro-82m", ["model.onnx", "voices.bin", "README.md"]],
  ])("%s: its files are where it looks, however often the pod starts", async (modelName, names) => {
    const model = modelOf(modelName);
    const [directory, hub] = [path.join(folder, "models", model.name), path.join(folder, "hub")];
    await mkdir(directory, { recursive: true });
    for (const file of names) await writeFile(path.join(directory, file), `${model.name}: ${file}\n`);
    const volume = { name: "models", claim: "models", path: path.join(folder, "models") };
    const { initContainers, environment } = engineContainer(planned("speaches", model, onCpu), { volume, directory });
    const { command, environment: variables } = initContainers![0]!;
    const here = Object.fromEntries(
      Object.entries(variables!).map(([key, value]) => [key, String(value).replace(/^\/hub/, hub)]),
    );
    for (let start = 0; start < 2; start += 1) {
      await run(command![0]!, command!.slice(1), { env: { PATH: process.env.PATH, ...here } });
    }

    const env = { ...environment, HF_HUB_CACHE: hub, HF_HOME: path.join(folder, "home"), HOME: folder };
    const { repository, revision } = model.source;
    const found = JSON.parse(await python.run(["-c", ASK, repository], { env })) as {
      at: string;
      refs: string[];
      files: string[];
    };
    expect(found).toMatchObject({ refs: ["main"], files: [...names].sort() });
    expect(path.basename(found.at)).toBe(revision ?? "main");
    expect(await readFile(path.join(found.at, names[0]!), "utf8")).toBe(`${model.name}: ${names[0]}\n`);
  });
});
