import type { Model } from "../types";

/** What sentence-transformers writes: weights, tokenizer, and how tokens become one vector. */
const sentence = ["model.safetensors", "*.json", "*.txt", "1_Pooling/*"];

/** Models that make vectors of texts. */
export const embeddingModels: readonly Model[] = [
  {
    name: "bge-small-en-v1.5",
    role: "embedding",
    source: { repository: "BAAI/bge-small-en-v1.5", files: sentence },
    format: "safetensors",
    licence: "MIT",
    diskMiB: 129,
    weightsMiB: 128,
    engines: ["tei", "sentence-transformers"],
    maxContextTokens: 512,
    dimensions: 384,
    onCpu: true,
  },
  {
    name: "bge-large-en-v1.5",
    role: "embedding",
    source: { repository: "BAAI/bge-large-en-v1.5", files: sentence },
    format: "safetensors",
    licence: "MIT",
    diskMiB: 1281,
    weightsMiB: 1279,
    engines: ["tei", "sentence-transformers", "vllm"],
    maxContextTokens: 512,
    dimensions: 1024,
  },
  {
    name: "bge-m3",
    role: "embedding",
    source: {
      repository: "BAAI/bge-m3",
      files: ["pytorch_model.bin", "*.json", "sentencepiece.bpe.model", "1_Pooling/*"],
    },
    format: "pytorch",
    licence: "MIT",
    diskMiB: 2190,
    weightsMiB: 2166,
    engines: ["tei", "sentence-transformers"],
    maxContextTokens: 8192,
    dimensions: 1024,
  },
  {
    name: "qwen3-embedding-0.6b",
    role: "embedding",
    source: { repository: "Qwen/Qwen3-Embedding-0.6B", files: sentence },
    format: "safetensors",
    licence: "Apache-2.0",
    diskMiB: 1155,
    weightsMiB: 1137,
    engines: ["tei", "sentence-transformers", "vllm"],
    maxContextTokens: 32_768,
    shape: { layers: 28, kvHeads: 8, headDimension: 128 },
    dimensions: 1024,
  },
];
