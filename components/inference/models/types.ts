import type { Program, Role } from "../types";

/** Where a model comes from. */
export interface ModelSource {
  /** Repository on Hugging Face: `Qwen/Qwen3-8B`. */
  readonly repository: string;
  /**
   * Commit, 40 hex digits: what is fetched never changes.
   * @default - not pinned yet: the newest one is fetched and recorded; models.lock.json pins it
   */
  readonly revision?: string;
  /** Files to fetch, as globs. @default - all */
  readonly files?: readonly string[];
  /** SHA-256 of files, by path. Others are checked against what the repository says of that commit. @default - none */
  readonly checksums?: Readonly<Record<string, string>>;
  /** Its licence must be accepted by a person: fetching needs a token (`inference.huggingFaceToken`). @default false */
  readonly gated?: boolean;
}

/** What a model's memory grows with; from its config.json. */
export interface ModelShape {
  readonly layers: number;
  /** Heads that keys and values are kept for, and the length of each. */
  readonly kvHeads: number;
  readonly headDimension: number;
}

export const modelFormats = ["safetensors", "gguf", "ctranslate2", "onnx", "pytorch"] as const;

export const quantizations = ["fp8", "awq", "mxfp4"] as const;

/** A model: data, from the catalogue or the settings. */
export interface Model {
  /** Unique: `qwen3-8b`. */
  readonly name: string;
  readonly role: Role;
  readonly source: ModelSource;
  /** As the files are: decides which programs can load it. */
  readonly format: (typeof modelFormats)[number];
  /** How its weights are packed, where that asks for a generation of GPUs. @default - as it was trained */
  readonly quantization?: (typeof quantizations)[number];
  /** SPDX identifier, or the name of the licence. */
  readonly licence: string;
  /** What is fetched, in MiB. */
  readonly diskMiB: number;
  /** Weights once loaded, in MiB. */
  readonly weightsMiB: number;
  /** What can load it, the best first; Ray takes the first that is one of its own. */
  readonly engines: readonly Program[];
  /** Longest text that it can take, in tokens. */
  readonly maxContextTokens: number;
  /** @default - no cache of keys and values: embeddings, audio */
  readonly shape?: ModelShape;
  /** Length of the vectors: embeddings. */
  readonly dimensions?: number;
  /** For CPUs: small enough that people wait for it. */
  readonly onCpu?: boolean;
}
