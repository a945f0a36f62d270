import type { Role } from "../../types";
import type { Model } from "../types";
import { audioModels } from "./audio";
import { chatModels } from "./chat";
import { embeddingModels } from "./embedding";
import { rerankModels } from "./rerank";

/** Models that need no words in the settings, by name. */
export const catalogue: Readonly<Record<string, Model>> = Object.fromEntries(
  [...chatModels, ...embeddingModels, ...rerankModels, ...audioModels].map((model) => [model.name, model]),
);

/** What a service is when its settings say nothing. */
export interface RoleDefaults {
  /** Models on a GPU, and on CPUs: the first that the server can load. */
  readonly models: readonly [string, ...string[]];
  readonly cpuModels: readonly [string, ...string[]];
  /** Part of a GPU. */
  readonly share: number;
}

export const roleDefaults: Readonly<Record<Role, RoleDefaults>> = {
  // AWQ runs on the GPUs of all three vendors; it leaves room for the default context on 20 GiB.
  chat: { models: ["qwen3-8b-awq", "qwen3-4b-q4"], cpuModels: ["qwen3-1.7b-q8", "qwen3-0.6b"], share: 0.95 },
  embedding: { models: ["bge-large-en-v1.5"], cpuModels: ["bge-small-en-v1.5"], share: 0.8 },
  rerank: { models: ["bge-reranker-v2-m3"], cpuModels: ["bge-reranker-base"], share: 0.8 },
  transcription: { models: ["whisper-large-v3"], cpuModels: ["whisper-small"], share: 0.5 },
  // XTTS speaks in Ray only, and its licence forbids commercial use.
  speech: { models: ["kokoro-82m", "xtts-v2"], cpuModels: ["kokoro-82m", "xtts-v2"], share: 0.5 },
};

/** Names of services whose role needs no words. */
export const wellKnownRoles: Readonly<Record<string, Role>> = {
  llm: "chat",
  embeddings: "embedding",
  reranker: "rerank",
  whisper: "transcription",
  tts: "speech",
};
