import type { Environment, Figures } from "../../kit/sizes";
import type { Model, ModelShape } from "../models/types";
import type { Program, Role } from "../types";

/** What a replica works on at one time. */
export interface Load {
  /** Longest text of a request, answer included, in tokens. */
  readonly contextTokens: number;
  /** Requests at one time. */
  readonly concurrency: number;
}

const MIB = 1024 * 1024;

/** Keys and values are kept in 16 bits. */
const KV_BYTES = 2;

/**
 * What a program takes of each GPU beside weights and keys and values, in MiB: the driver's context, its libraries, one
 * pass through the model, captured graphs. vLLM reports 1.79 + 1.26 GiB for Llama 3 8B (vllm-project/vllm#10511),
 * faster-whisper 4521 MB with 2945 MB of weights (SYSTRAN/faster-whisper#1030); the others are careful guesses.
 */
const gpuOverheadMiB: Readonly<Record<Program, number>> = {
  vllm: 3072,
  tei: 1024,
  llamacpp: 1024,
  ollama: 1024,
  speaches: 1600,
  "sentence-transformers": 1024,
  "faster-whisper": 1600,
  coqui: 2048,
};

/** On each GPU of a model that is spread over several: buffers for results; 3.58 instead of 1.79 GiB (the same report). */
const EXCHANGE_MIB = 1792;

/** Of each request in work, where no keys and values are kept. */
const requestMiB: Readonly<Record<Role, number>> = {
  chat: 0,
  embedding: 0,
  rerank: 0,
  // large-v2 in 16 bits: 4525 MB one by one, 6090 MB eight at a time.
  transcription: 224,
  speech: 256,
};

/** Intermediate results of a token in a pass of an encoder: of BERT-large some 40 KiB in 16 bits, and half as much again. */
const ENCODER_BYTES_PER_TOKEN = 64 * 1024;

/** Keys and values of all requests at their longest, in MiB; over several GPUs, of each of them. */
export function kvCacheMiB(shape: ModelShape | undefined, load: Load, gpus = 1): number {
  if (shape === undefined) return 0;
  // A head is on one GPU: with fewer heads than GPUs, some have copies.
  const heads = Math.ceil(shape.kvHeads / gpus);
  const perToken = 2 * shape.layers * heads * shape.headDimension * KV_BYTES;
  return Math.ceil((perToken * load.contextTokens * load.concurrency) / MIB);
}

function workMiB({ role, shape }: Model, { contextTokens, concurrency }: Load): number {
  const encoder = (role === "embedding" || role === "rerank") && shape === undefined;
  const tokens = encoder ? (ENCODER_BYTES_PER_TOKEN * contextTokens * concurrency) / MIB : 0;
  return Math.ceil(tokens + requestMiB[role] * concurrency);
}

/** What a replica needs on each of its GPUs, in MiB. */
export function gpuNeedMiB(model: Model, program: Program, load: Load, gpus = 1): number {
  return (
    Math.ceil(model.weightsMiB / gpus) +
    kvCacheMiB(model.shape, load, gpus) +
    workMiB(model, load) +
    gpuOverheadMiB[program] +
    (gpus > 1 ? EXCHANGE_MIB : 0)
  );
}

/** What a program takes of the machine's memory where a GPU computes; the weights pass through it once. */
const besideGpuMiB: Readonly<Record<Program, number>> = {
  vllm: 8192,
  tei: 1024,
  llamacpp: 1024,
  ollama: 1024,
  speaches: 2048,
  "sentence-transformers": 3072,
  "faster-whisper": 2048,
  coqui: 4096,
};

/** What a program takes where it computes by itself, weights apart. */
const onCpuMiB: Readonly<Record<Program, number>> = {
  vllm: 4096,
  tei: 384,
  llamacpp: 320,
  ollama: 512,
  speaches: 768,
  "sentence-transformers": 1024,
  "faster-whisper": 768,
  coqui: 2048,
};

/** On CPUs, in thousandths of a core: in dev as little as answers at all, in prod as much as people wait for. */
const cpuMillicores: Readonly<Record<Environment, Readonly<Record<Role, number>>>> = {
  dev: { chat: 1000, embedding: 300, rerank: 300, transcription: 500, speech: 500 },
  prod: { chat: 4000, embedding: 2000, rerank: 2000, transcription: 4000, speech: 2000 },
};

const STEP_MIB = 128;

const rounded = (mib: number) => Math.ceil(mib / STEP_MIB) * STEP_MIB;

/** CPU and memory of the machine for a replica on GPUs: a core for each, which keeps it busy. */
export function hostBesideGpu(model: Model, program: Program, gpus = 1): Figures {
  // vLLM and llama.cpp map their files; the others read them into memory before they go to the GPU.
  const mapped = program === "vllm" || program === "llamacpp" || program === "ollama";
  const memoryMiB = besideGpuMiB[program] * (program === "vllm" ? (1 + gpus) / 2 : 1) + (mapped ? 0 : model.weightsMiB);
  return { cpuMillicores: 1000 * gpus + (program === "vllm" ? 1000 : 0), memoryMiB: rounded(memoryMiB) };
}

/** CPU and memory of the machine for a replica without a GPU. */
export function hostWithoutGpu(model: Model, program: Program, load: Load, environment: Environment): Figures {
  const memoryMiB = model.weightsMiB + kvCacheMiB(model.shape, load) + workMiB(model, load) + onCpuMiB[program];
  return { cpuMillicores: cpuMillicores[environment][model.role], memoryMiB: rounded(memoryMiB) };
}
