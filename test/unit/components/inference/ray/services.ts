import type { GpuPlace, PlannedService, RayProgram, Role } from "../../../../../components/inference/types";
import type { ClaimVolume } from "../../../../../components/kit/volumes";
import { model, place } from "../cache/services";

/** What Ray loads models with, by the services of the issue. */
const usual: Readonly<Record<string, readonly [Role, RayProgram, number]>> = {
  whisper: ["transcription", "faster-whisper", 0.5],
  tts: ["speech", "coqui", 0.5],
  llm: ["chat", "vllm", 0.95],
  embeddings: ["embedding", "vllm", 0.8],
  vectors: ["embedding", "sentence-transformers", 0.8],
  reranker: ["rerank", "sentence-transformers", 0.8],
};

const SLICES = 20;

/** A service with the server `ray`; on CPUs where no machine is named. GPUs have 20 slices. */
export function rayService(
  name: string,
  machines: readonly string[],
  overrides: Partial<PlannedService> = {},
): PlannedService {
  const [role, engine, share] = usual[name] ?? ["chat", "vllm", 0.5];
  const served = model(`${name}-model`, { role });
  const gpu: GpuPlace = {
    ...place(...machines),
    share,
    device: { name: "nvidia.com/gpu", count: Math.ceil(share * SLICES) },
  };
  return {
    name,
    role,
    model: served,
    server: "ray",
    engine,
    accelerator: machines.length === 0 ? "cpu" : "nvidia",
    place: machines.length === 0 ? { kind: "cpu" } : gpu,
    replicas: Math.max(1, machines.length),
    contextTokens: 512,
    concurrency: 4,
    needMiB: 8192,
    host: { cpuMillicores: 500, memoryMiB: 2048 },
    timeoutSeconds: 60,
    ...overrides,
  };
}

/** A claim for each machine, as the cache makes them. */
export function filesOf(service: PlannedService, machine?: string): { volume: ClaimVolume; directory: string } {
  const claim = `model-cache-${machine ?? service.name}`;
  return { volume: { name: "models", claim, path: "/models" }, directory: `/models/${service.model.name}/0a1b` };
}
