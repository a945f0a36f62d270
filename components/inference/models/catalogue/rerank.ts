import type { Model } from "../types";

/** Models that say how well a text answers a question. */
export const rerankModels: readonly Model[] = [
  {
    name: "bge-reranker-base",
    role: "rerank",
    source: { repository: "BAAI/bge-reranker-base", files: ["model.safetensors", "*.json", "sentencepiece.bpe.model"] },
    format: "safetensors",
    licence: "MIT",
    diskMiB: 1083,
    weightsMiB: 1061,
    engines: ["tei", "sentence-transformers"],
    maxContextTokens: 512,
    onCpu: true,
  },
  {
    name: "bge-reranker-v2-m3",
    role: "rerank",
    source: {
      repository: "BAAI/bge-reranker-v2-m3",
      files: ["model.safetensors", "*.json", "sentencepiece.bpe.model"],
    },
    format: "safetensors",
    licence: "Apache-2.0",
    diskMiB: 2188,
    weightsMiB: 2166,
    engines: ["tei", "sentence-transformers", "vllm"],
    maxContextTokens: 8192,
  },
];
