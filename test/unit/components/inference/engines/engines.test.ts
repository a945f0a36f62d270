import { describe, expect, it } from "vitest";
import { ENGINE_PORT_NAME, type EngineContainer, engineContainer } from "../../../../../components/inference/engines";
import { PROGRAM_SUPPORT, runsOn } from "../../../../../components/inference/engines/support";
import { gpuModels } from "../../../../../components/inference/gpu/table";
import { catalogue } from "../../../../../components/inference/models/catalogue";
import { type Engine, engines, type PlannedService } from "../../../../../components/inference/types";
import { imageReference } from "../../../../../components/kit/images";
import { files, gpuPlace, modelOf, onCpu, planned } from "./services";

const chat = modelOf("qwen3-8b");
const gguf = modelOf("qwen3-4b-q4");
const bge = modelOf("bge-large-en-v1.5");
const reranker = modelOf("bge-reranker-v2-m3");
const whisper = modelOf("whisper-large-v3");

const rtx = gpuPlace("RTX PRO 6000 Blackwell Max-Q");
const make = (service: PlannedService) => engineContainer(service, files);

/** Everything that a model, an engine and hardware can be together. */
const everything = Object.values(catalogue).flatMap((model) =>
  engines
    .filter((engine) => model.engines.includes(engine))
    .flatMap((engine) => {
      const able = Object.values(gpuModels).filter(({ vendor, architecture }) => runsOn(engine, vendor, architecture));
      const places = [...able.map(({ name }) => gpuPlace(name)), ...(runsOn(engine, "cpu") ? [onCpu] : [])];
      return places.map((place) => ({
        title: `${model.name} by ${engine} on ${place.kind === "gpu" ? place.gpuModel : "CPUs"}`,
        service: planned(engine, model, place),
      }));
    }),
);

describe("the image", () => {
  it.each<[Engine, string, string]>([
    ["vllm", "RTX PRO 6000 Blackwell Max-Q", "vllm/vllm-openai:v"],
    ["vllm", "RX 7900 XTX", "vllm/vllm-openai-rocm:v"],
    ["vllm", "Arc Pro B60", "vllm/vllm-openai-xpu:v"],
    ["tei", "RTX PRO 6000 Blackwell Max-Q", "text-embeddings-inference:120-"],
    ["tei", "B200", "text-embeddings-inference:100-"],
    ["tei", "RTX 4000 SFF Ada", "text-embeddings-inference:89-"],
    ["tei", "RTX 3090", "text-embeddings-inference:86-"],
    ["tei", "A100 80GB", "text-embeddings-inference:1."],
    ["tei", "H100 80GB", "text-embeddings-inference:hopper-"],
    ["llamacpp", "RTX 4090", "llama.cpp:server-cuda-"],
    ["llamacpp", "RX 9070 XT", "llama.cpp:server-rocm-"],
    ["llamacpp", "Arc A770", "llama.cpp:server-intel-"],
    ["ollama", "RTX 4090", "ollama/ollama:0."],
    ["ollama", "RX 7900 XTX", "-rocm"],
    ["speaches", "RTX 4090", "-cuda"],
  ])("of %s on a %s", (engine, gpu, part) => {
    const model = { vllm: chat, tei: bge, llamacpp: gguf, ollama: gguf, speaches: whisper }[engine];
    expect(imageReference(make(planned(engine, model, gpuPlace(gpu))).image)).toContain(part);
  });

  it.each<[Engine, string]>([
    ["vllm", "vllm-openai-cpu:v"],
    ["tei", "text-embeddings-inference:cpu-"],
    ["llamacpp", "llama.cpp:server-v"],
    ["ollama", "ollama/ollama:0."],
    ["speaches", "-cpu"],
  ])("of %s on CPUs", (engine, part) => {
    const model = { vllm: chat, tei: bge, llamacpp: gguf, ollama: gguf, speaches: whisper }[engine];
    expect(imageReference(make(planned(engine, model, onCpu)).image)).toContain(part);
  });

  it("has the program's version, wherever it stands in the tag", () => {
    const versions = (place: typeof rtx | typeof onCpu) =>
      [make(planned("tei", bge, place)), make(planned("llamacpp", gguf, place))].map(({ version }) => version);
    expect(versions(rtx)).toEqual(versions(onCpu));
    expect(versions(rtx).every((version) => /^\d+\.\d+\.\d+$/.test(version))).toBe(true);
  });

  it.each<[Engine, string]>([
    ["tei", "RX 7900 XTX"],
    ["ollama", "Arc Pro B60"],
    ["speaches", "RX 7900 XTX"],
  ])("of %s on a %s is not there: an error that says so", (engine, gpu) => {
    const { vendor, architecture } = gpuModels[gpu]!;
    expect(runsOn(engine, vendor, architecture)).toBe(false);
    const model = { vllm: chat, tei: bge, llamacpp: gguf, ollama: gguf, speaches: whisper }[engine];
    expect(() => make(planned(engine, model, gpuPlace(gpu)))).toThrow(new RegExp(`llm: .*${engine}.*${gpu}`));
  });

  it("is there for whatever the table of support promises", () => {
    for (const engine of engines) {
      expect(PROGRAM_SUPPORT[engine].formats.length).toBeGreaterThan(0);
    }
    expect(everything.length).toBeGreaterThan(50);
    for (const { service } of everything) expect(() => make(service)).not.toThrow();
  });
});

/** Each model, engine and hardware by its title, for errors that say which one it was. */
const each = everything.map(({ title, service }) => ({ title, service, container: make(service) }));

describe("every model, on all that runs it,", () => {
  it("is found at its port, and loads from where its files are", () => {
    for (const { title, container } of each) {
      const { probes, port, args, environment, initContainers } = container;
      expect([title, probes.ready, probes.live]).toMatchObject([
        title,
        { port: ENGINE_PORT_NAME },
        { port: ENGINE_PORT_NAME },
      ]);
      expect([title, ...portsOf(container)]).toContain(port);
      expect([title, JSON.stringify([args, environment, initContainers])]).toEqual([
        title,
        expect.stringContaining(files.directory),
      ]);
    }
  });

  it("asks nobody in the internet, and writes to its own directories only", () => {
    for (const { title, container } of each) {
      const { environment, scratch, runAs } = container;
      expect([title, environment]).toMatchObject([title, { HF_HUB_OFFLINE: "1", HOME: "/tmp" }]);
      const elsewhere = Object.entries(environment)
        .filter(([, value]) => value.startsWith("/"))
        .filter(([, value]) => !scratch.some(({ path }) => value === path || value.startsWith(`${path}/`)));
      expect([title, elsewhere]).toEqual([title, []]);
      expect([title, scratch.some(({ path }) => path === "/tmp")]).toEqual([title, true]);
      expect([title, Math.min(runAs.user, runAs.group) > 0]).toEqual([title, true]);
    }
  });

  it("asks for the device where it is on a GPU, and for none elsewhere", () => {
    for (const { title, service, container } of each) {
      const { memory: _, ...devices } = container.resources.limits;
      const { place } = service;
      const wanted = place.kind === "gpu" ? { [place.device.name]: String(place.device.count) } : {};
      expect([title, devices]).toEqual([title, wanted]);
    }
  });

  it("gives what runs before it no more than the volumes that it has, and the model to read only", () => {
    for (const { title, container } of each) {
      const names = new Set([files.volume.name, ...container.scratch.map(({ name }) => name)]);
      for (const { mounts = [] } of container.initContainers ?? []) {
        expect([title, mounts.filter(({ volume }) => !names.has(volume))]).toEqual([title, []]);
        expect([title, mounts.find(({ volume }) => volume === "models")?.readOnly]).not.toEqual([title, false]);
      }
    }
  });
});

/** Ports that it was told, on its command line or by variables. */
function portsOf({ args, environment }: EngineContainer): number[] {
  return [...args, ...Object.values(environment)].flatMap((text) => (/\d{4,5}/.exec(text) ?? []).map(Number));
}

describe("vLLM", () => {
  const args = (service: PlannedService) => make(service).args;

  it("takes its part of the GPU, texts as long and requests as many as planned", () => {
    expect(args(planned("vllm", chat, rtx, { contextTokens: 8192, concurrency: 16 }))).toEqual(
      expect.arrayContaining([
        files.directory,
        "--served-model-name=llm",
        "--runner=generate",
        "--max-model-len=8192",
        "--max-num-seqs=16",
        "--gpu-memory-utilization=0.5",
      ]),
    );
  });

  it.each([
    [bge, "--runner=pooling"],
    [reranker, "--runner=pooling"],
    [chat, "--runner=generate"],
  ])("runs $name by its role", (model, runner) => {
    expect(args(planned("vllm", model, rtx))).toContain(runner);
  });

  it("leaves room for the GPU's context where it has the whole of it", () => {
    expect(args(planned("vllm", chat, { ...rtx, share: 1 }))).toContain("--gpu-memory-utilization=0.97");
  });

  it("spreads a model over several GPUs, with shared memory for their processes", () => {
    const one = make(planned("vllm", chat, rtx));
    const two = make(planned("vllm", chat, { ...rtx, gpus: 2 }));
    expect(two.args).toContain("--tensor-parallel-size=2");
    expect(two.scratch).toContainEqual(expect.objectContaining({ path: "/dev/shm", memory: true }));
    expect(one.args.join()).not.toContain("tensor-parallel");
    expect(one.scratch.some(({ memory }) => memory)).toBe(false);
  });

  it("keeps keys and values in the machine's memory where there is no GPU", () => {
    const { environment, args: told } = make(planned("vllm", chat, onCpu, { contextTokens: 8192, concurrency: 2 }));
    // 36 layers x 8 heads x 128 x keys and values x 2 bytes x 16,384 tokens: 2.25 GiB.
    expect(environment).toMatchObject({ VLLM_CPU_KVCACHE_SPACE: "3", OMP_NUM_THREADS: "2" });
    expect(told.join()).not.toContain("gpu-memory-utilization");
  });

  it("gets the time that reading its weights takes", () => {
    const seconds = (weightsMiB: number) => make(planned("vllm", { ...chat, weightsMiB }, rtx)).probes.startupSeconds!;
    expect(seconds(61_440) - seconds(1024)).toBeGreaterThanOrEqual(600);
    expect(seconds(1024)).toBeGreaterThanOrEqual(900);
  });
});

describe("llama.cpp", () => {
  const args = (service: PlannedService) => make(service).args.join(" ");

  it("shares the context out among its slots", () => {
    const told = args(planned("llamacpp", gguf, rtx, { contextTokens: 4096, concurrency: 4 }));
    expect(told).toContain("--ctx-size 16384 --parallel 4");
    expect(told).toContain("--model /models/m/0a1b2c3d/Qwen3-4B-Q4_K_M.gguf --alias llm");
  });

  it("puts all layers on the GPU, and none where there is none", () => {
    expect(args(planned("llamacpp", gguf, rtx))).toContain("--n-gpu-layers all");
    expect(args(planned("llamacpp", gguf, onCpu))).toContain("--n-gpu-layers 0");
  });

  it.each([
    ["embedding", "--embeddings"],
    ["rerank", "--reranking"],
  ] as const)("answers for the role %s, a text in one pass", (role, flag) => {
    const told = args(planned("llamacpp", gguf, onCpu, { role, contextTokens: 512 }));
    expect(told).toContain(`${flag} --batch-size 512 --ubatch-size 512`);
    expect(args(planned("llamacpp", gguf, onCpu))).not.toContain(flag);
  });

  it.each([
    [["m.gguf", "README.md"], "m.gguf"],
    [["a/m-00002-of-00002.gguf", "a/m-00001-of-00002.gguf"], "a/m-00001-of-00002.gguf"],
  ])("finds the file among %j", (names, file) => {
    const model = { ...gguf, source: { ...gguf.source, files: names } };
    expect(args(planned("llamacpp", model, onCpu))).toContain(`${files.directory}/${file}`);
  });

  it.each([[undefined], [["*.gguf"]], [["a.gguf", "b.gguf"]], [["m-00002-of-00002.gguf"]]])(
    "does not guess the file: %j",
    (names) => {
      const model = { ...gguf, source: { ...gguf.source, files: names } };
      for (const engine of ["llamacpp", "ollama"] as const) {
        expect(() => make(planned(engine, model, onCpu))).toThrow(/source\.files.*must name/);
      }
    },
  );
});

describe("Text Embeddings Inference", () => {
  it("makes a pass as large as planned, and lets requests wait for it", () => {
    const { args } = make(planned("tei", bge, rtx, { contextTokens: 512, concurrency: 8 }));
    expect(args).toEqual(
      expect.arrayContaining([
        `--model-id=${files.directory}`,
        "--served-model-name=llm",
        "--hostname=0.0.0.0",
        "--max-batch-tokens=4096",
        "--max-batch-requests=8",
        "--max-concurrent-requests=512",
      ]),
    );
  });
});

/** Of 1.9.3, as its README lists them: no registry of programs has it. */
const TEI_OPTIONS = [
  ...["model-id", "revision", "tokenization-workers", "dtype", "served-model-name", "pooling", "dense-path"],
  ...["max-concurrent-requests", "max-batch-tokens", "max-batch-requests", "max-client-batch-size", "auto-truncate"],
  ...["default-prompt-name", "default-prompt", "hf-token", "hostname", "port", "uds-path", "huggingface-hub-cache"],
  ...["payload-limit", "api-key", "json-output", "disable-spans", "otlp-endpoint", "otlp-service-name"],
  ...["prometheus-port", "cors-allow-origin"],
];

describe("Text Embeddings Inference, beside that,", () => {
  it("gets options that it has", () => {
    const { args } = make(planned("tei", bge, rtx));
    const names = args.map((arg) => arg.replace(/^--/, "").replace(/=.*$/, ""));
    expect(names.filter((name) => !TEI_OPTIONS.includes(name))).toEqual([]);
  });

  it("never gets a pass that is too small for one text", () => {
    const { args } = make(planned("tei", reranker, onCpu, { contextTokens: 8192, concurrency: 1 }));
    expect(args).toContain("--max-batch-tokens=8192");
  });
});

describe("Ollama", () => {
  it("has room for its copy of the model, and makes it before it is asked", () => {
    const { scratch, initContainers, environment } = make(planned("ollama", gguf, rtx));
    expect(scratch.find(({ path }) => path === "/ollama")!.sizeLimitMiB).toBeGreaterThan(gguf.weightsMiB);
    expect(initContainers![0]!.environment).toMatchObject({
      MODEL_FILE: "/models/m/0a1b2c3d/Qwen3-4B-Q4_K_M.gguf",
      MODEL_NAME: "llm",
      OLLAMA_HOST: expect.stringContaining("127.0.0.1"),
    });
    expect(environment).toMatchObject({ OLLAMA_CONTEXT_LENGTH: "4096", OLLAMA_NUM_PARALLEL: "4" });
  });
});

describe("speaches", () => {
  it("computes where it is, and is asked for the model by its repository", () => {
    const [gpu, cpu] = [rtx, onCpu].map((place) => make(planned("speaches", whisper, place)));
    expect(gpu!.environment).toMatchObject({ WHISPER__INFERENCE_DEVICE: "cuda", WHISPER__COMPUTE_TYPE: "float16" });
    expect(cpu!.environment).toMatchObject({ WHISPER__INFERENCE_DEVICE: "cpu", WHISPER__COMPUTE_TYPE: "int8" });
    expect(gpu!.servedName).toBe("Systran/faster-whisper-large-v3");
    expect(gpu!.initContainers![0]!.environment).toMatchObject({
      REPOSITORY: "/hub/models--Systran--faster-whisper-large-v3",
    });
  });
});
