import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PlannedService, RayProgram } from "../types";
import { rayPrograms } from "../types";

/** Where the pods find the programs: on Python's path. */
export const PROGRAMS_PATH = "/opt/orrery/programs";

/** Weights are read from a local disk: a large model takes minutes. */
export const START_SECONDS = 1800;

/** A Python file with `build(settings)`, which gives Serve an application. */
export interface Program {
  readonly module: string;
  /** What the public image lacks, for pip. */
  readonly packages: readonly string[];
}

// renovate: datasource=pypi depName=sentence-transformers
const SENTENCE_TRANSFORMERS = "sentence-transformers==6.2.0";
// renovate: datasource=pypi depName=faster-whisper
const FASTER_WHISPER = "faster-whisper==1.2.1";
// renovate: datasource=pypi depName=coqui-tts
const COQUI_TTS = "coqui-tts==0.28.0";

/** Which program serves a service: what loads its model decides, and what it does. */
export function programOf({ name, engine, role }: Pick<PlannedService, "name" | "engine" | "role">): Program {
  switch (rayProgram(name, engine)) {
    case "vllm":
      return { module: "orrery_vllm", packages: [] };
    case "sentence-transformers":
      return {
        module: role === "rerank" ? "orrery_reranker" : "orrery_embeddings",
        packages: [SENTENCE_TRANSFORMERS],
      };
    case "faster-whisper":
      return { module: "orrery_whisper", packages: [FASTER_WHISPER] };
    case "coqui":
      return { module: "orrery_tts", packages: [COQUI_TTS] };
  }
}

function rayProgram(name: string, engine: PlannedService["engine"]): RayProgram {
  const found = rayPrograms.find((known) => known === engine);
  if (found === undefined) throw new Error(`${name}: Ray has no program for ${engine}.`);
  return found;
}

/** What the program is told; no name of a model is in any of them. */
export function programSettings(service: PlannedService, directory: string) {
  const { name, role, contextTokens, timeoutSeconds, place } = service;
  return {
    servedName: name,
    role,
    directory,
    device: place.kind === "gpu" ? "cuda" : "cpu",
    contextTokens,
    timeoutSeconds,
    startSeconds: START_SECONDS,
    ...(service.engine === "vllm" ? { arguments: vllmArguments(service) } : {}),
  };
}

/** Of `vllm serve`, beside the model, its name and its address. */
export function vllmArguments(service: PlannedService): string[] {
  const { role, place, contextTokens, concurrency } = service;
  const gpu = place.kind === "gpu" ? place : { share: 1, gpus: 1 };
  return [
    ...(role === "embedding" || role === "rerank" ? ["--runner", "pooling"] : []),
    "--max-model-len",
    String(contextTokens),
    "--max-num-seqs",
    String(concurrency),
    "--gpu-memory-utilization",
    String(gpu.share),
    "--tensor-parallel-size",
    String(gpu.gpus),
  ];
}

/** The programs, by file name. */
export function programFiles(): Record<string, string> {
  const folder = path.join(__dirname, "programs");
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".py"))
    .sort();
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
}
