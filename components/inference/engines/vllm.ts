import { kvCacheMiB } from "../plan/memory";
import type { PlannedService, Role } from "../types";
import { httpProbes, OFFLINE, onGpu, TMP, threads, tmp } from "./common";
import { engineImage } from "./images";
import type { EngineDefinition } from "./types";

const PORT = 8000;

/** Compiled kernels of torch, Triton and FlashInfer. */
const CACHE_MIB = 10_240;

/** Between the processes of a model on several GPUs. */
const SHARED_MEMORY_MIB = 2048;

/** Kernels are compiled, and graphs captured, before the first answer. */
const COMPILE_SECONDS = 600;

/** The GPU's context is outside of what vLLM counts: it starts with no more than this. */
const MOST_OF_A_GPU = 0.97;

/** What vLLM makes of a model: words one after the other (of sound too), or one result for the whole text. */
const runners: Readonly<Record<Role, "generate" | "pooling">> = {
  chat: "generate",
  transcription: "generate",
  speech: "generate",
  embedding: "pooling",
  rerank: "pooling",
};

export const vllm: EngineDefinition = (service, { directory }) => ({
  image: engineImage("vllm", service),
  command: ["vllm", "serve"],
  args: [directory, ...vllmArgs(service)],
  environment: environment(service),
  port: PORT,
  probes: httpProbes("/health", service, COMPILE_SECONDS),
  metricsPath: "/metrics",
  waiting: (matchers) => `sum(vllm:num_requests_waiting{${matchers}})`,
  scratch: [
    tmp(CACHE_MIB),
    ...(gpusOf(service) > 1
      ? [{ name: "shared-memory", path: "/dev/shm", sizeLimitMiB: SHARED_MEMORY_MIB, memory: true }]
      : []),
  ],
});

/** Everything but the model's directory; also for vLLM in other systems. */
function vllmArgs(service: PlannedService): string[] {
  const { name, role, place, contextTokens, concurrency } = service;
  const gpus = gpusOf(service);
  return [
    `--served-model-name=${name}`,
    "--host=0.0.0.0",
    `--port=${PORT}`,
    `--runner=${runners[role]}`,
    `--max-model-len=${contextTokens}`,
    `--max-num-seqs=${concurrency}`,
    ...(place.kind === "gpu" ? [`--gpu-memory-utilization=${Math.min(place.share, MOST_OF_A_GPU)}`] : []),
    ...(gpus > 1 ? [`--tensor-parallel-size=${gpus}`, "--distributed-executor-backend=mp"] : []),
    // What people ask is nobody's business: not in logs either.
    "--no-enable-log-requests",
    "--disable-uvicorn-access-log",
  ];
}

function gpusOf({ place }: PlannedService): number {
  return place.kind === "gpu" ? place.gpus : 1;
}

function environment(service: PlannedService): Record<string, string> {
  return {
    ...OFFLINE,
    VLLM_NO_USAGE_STATS: "1",
    VLLM_DO_NOT_TRACK: "1",
    VLLM_CACHE_ROOT: `${TMP}/vllm`,
    VLLM_CONFIG_ROOT: `${TMP}/vllm-config`,
    TORCHINDUCTOR_CACHE_DIR: `${TMP}/torchinductor`,
    TRITON_CACHE_DIR: `${TMP}/triton`,
    FLASHINFER_WORKSPACE_BASE: TMP,
    // torch asks for the user's name, which this number has none of.
    USER: "vllm",
    LOGNAME: "vllm",
    ...(onGpu(service) ? {} : cpuEnvironment(service)),
  };
}

/** On CPUs, keys and values are in the machine's memory, and threads are not tied to cores that others use too. */
function cpuEnvironment(service: PlannedService): Record<string, string> {
  const { model } = service;
  return {
    VLLM_CPU_KVCACHE_SPACE: String(Math.max(1, Math.ceil(kvCacheMiB(model.shape, service) / 1024))),
    VLLM_CPU_OMP_THREADS_BIND: "nobind",
    OMP_NUM_THREADS: String(threads(service)),
  };
}
