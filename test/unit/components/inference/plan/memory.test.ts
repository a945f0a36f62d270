import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../../../components/inference/models/catalogue";
import { gpuNeedMiB, hostBesideGpu, hostWithoutGpu, kvCacheMiB } from "../../../../../components/inference/plan/memory";

const load = (contextTokens: number, concurrency: number) => ({ contextTokens, concurrency });
const model = (name: string) => catalogue[name]!;

describe("keys and values", () => {
  it.each<[what: string, layers: number, heads: number, length: number, tokens: number, gpus: number, mib: number]>([
    // 2 x 36 x 8 x 128 x 2 bytes are 144 KiB a token.
    ["Qwen3-8B, one text of 8192 tokens", 36, 8, 128, 8192, 1, 1152],
    ["Qwen3-8B, its longest text", 36, 8, 128, 40_960, 1, 5760],
    ["Llama 3.3 70B: 320 KiB a token", 80, 8, 128, 8192, 1, 2560],
    ["gpt-oss-20b, with heads of 64", 24, 8, 64, 8192, 1, 384],
    ["two GPUs, half of the heads each", 36, 8, 128, 8192, 2, 576],
    ["more GPUs than heads: a head each, copied", 48, 4, 128, 8192, 8, 192],
  ])("of %s", (_, layers, kvHeads, headDimension, tokens, gpus, mib) => {
    expect(kvCacheMiB({ layers, kvHeads, headDimension }, load(tokens, 1), gpus)).toBe(mib);
  });

  it("are what vLLM reports: 178,880 tokens in 8.11 GiB on each of four GPUs (vllm-project/vllm#21348)", () => {
    const qwen235b = { layers: 94, kvHeads: 4, headDimension: 128 };
    const reckoned = kvCacheMiB(qwen235b, load(178_880, 1), 4) / 1024;
    expect(reckoned).toBeGreaterThan(8.11 * 0.98);
    expect(reckoned).toBeLessThanOrEqual(8.11);
  });

  it("are none of a model that reads a text once", () => {
    expect(kvCacheMiB(undefined, load(8192, 8))).toBe(0);
  });
});

describe("GPU memory", () => {
  it("of Llama 3 8B is what vLLM measured without keys and values: 14.96 + 1.79 + 1.26 GiB (vllm-project/vllm#10511)", () => {
    const llama = { ...model("qwen3-8b"), weightsMiB: Math.ceil(14.96 * 1024) };
    const need = gpuNeedMiB(llama, "vllm", load(8192, 8));
    const measured = (14.96 + 1.79 + 1.26) * 1024;
    expect(need - kvCacheMiB(llama.shape, load(8192, 8))).toBeGreaterThanOrEqual(Math.floor(measured * 0.99));
    expect(need - kvCacheMiB(llama.shape, load(8192, 8))).toBeLessThan(measured * 1.05);
  });

  it("of whisper-large-v3 covers what faster-whisper was seen to take: 4521 MB (SYSTRAN/faster-whisper#1030)", () => {
    expect(gpuNeedMiB(model("whisper-large-v3"), "faster-whisper", load(448, 1))).toBeGreaterThanOrEqual(4521);
    expect(gpuNeedMiB(model("whisper-large-v3-turbo"), "faster-whisper", load(448, 1))).toBeGreaterThanOrEqual(2537);
  });

  it("of each part adds up, and is on each of several GPUs", () => {
    const qwen = model("qwen3-8b-awq");
    expect(gpuNeedMiB(qwen, "vllm", load(8192, 8))).toBe(5850 + 9216 + 3072);
    expect(gpuNeedMiB(qwen, "vllm", load(8192, 8), 2)).toBe(2925 + 4608 + 3072 + 1792);
  });

  it("leaves the default model room on the smallest GPU that Hetzner rents", () => {
    const need = gpuNeedMiB(model("qwen3-8b-awq"), "vllm", load(8192, 8));
    expect(need).toBeLessThanOrEqual(0.95 * (20_475 - 768));
  });

  const names = fc.constantFrom(...Object.keys(catalogue));
  const positive = (max: number) => fc.integer({ min: 1, max });

  it("never falls with longer texts, more requests, larger weights, and never rises with more GPUs but for the exchange", () => {
    fc.assert(
      fc.property(names, positive(65_536), positive(64), positive(8), (name, tokens, requests, gpus) => {
        const any = model(name);
        const need = gpuNeedMiB(any, any.engines[0]!, load(tokens, requests), gpus);
        expect(need).toBeGreaterThan(Math.ceil(any.weightsMiB / gpus));
        expect(gpuNeedMiB(any, any.engines[0]!, load(tokens + 1, requests), gpus)).toBeGreaterThanOrEqual(need);
        expect(gpuNeedMiB(any, any.engines[0]!, load(tokens, requests + 1), gpus)).toBeGreaterThanOrEqual(need);
        const heavier = { ...any, weightsMiB: any.weightsMiB + 1024 };
        expect(gpuNeedMiB(heavier, any.engines[0]!, load(tokens, requests), gpus)).toBeGreaterThan(need);
        if (gpus > 1)
          expect(gpuNeedMiB(any, any.engines[0]!, load(tokens, requests), 2 * gpus)).toBeLessThanOrEqual(need);
      }),
    );
  });
});

describe("the machine's memory", () => {
  it("holds weights, keys and values on CPUs", () => {
    const small = model("qwen3-0.6b-q8");
    const { memoryMiB } = hostWithoutGpu(small, "llamacpp", load(4096, 1), "dev");
    expect(memoryMiB).toBeGreaterThanOrEqual(610 + 448);
    expect(memoryMiB).toBeLessThanOrEqual(2048);
  });

  it("asks for more CPU in prod, and for a core for each GPU", () => {
    const small = model("qwen3-0.6b-q8");
    expect(hostWithoutGpu(small, "llamacpp", load(4096, 1), "dev").cpuMillicores).toBe(1000);
    expect(hostWithoutGpu(small, "llamacpp", load(4096, 1), "prod").cpuMillicores).toBe(4000);
    const one = hostBesideGpu(model("qwen3-8b"), "vllm", 1).cpuMillicores;
    expect(hostBesideGpu(model("qwen3-8b"), "vllm", 3).cpuMillicores).toBe(one + 2000);
  });

  it("holds the weights once on their way to the GPU, unless the program maps its files", () => {
    const embedding = model("bge-large-en-v1.5");
    expect(hostBesideGpu(embedding, "tei").memoryMiB).toBeGreaterThanOrEqual(embedding.weightsMiB + 1024);
    expect(hostBesideGpu(model("llama-3.3-70b"), "vllm").memoryMiB).toBeLessThan(16 * 1024);
  });
});
