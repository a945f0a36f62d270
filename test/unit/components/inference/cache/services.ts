import type { Model } from "../../../../../components/inference/models/types";
import type { GpuPlace, PlannedService } from "../../../../../components/inference/types";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** A model of 4 GiB. */
export function model(name: string, overrides: Partial<Model> = {}): Model {
  return {
    name,
    role: "chat",
    source: { repository: `test/${name}`, revision: COMMIT },
    format: "safetensors",
    licence: "Apache-2.0",
    diskMiB: 4096,
    weightsMiB: 4096,
    engines: ["vllm"],
    maxContextTokens: 8192,
    ...overrides,
  };
}

export function place(...machines: string[]): GpuPlace {
  return {
    kind: "gpu",
    vendor: "nvidia",
    machines,
    pool: "gpu",
    gpuModel: "RTX 4000 SFF Ada",
    architecture: "ada",
    gpus: 1,
    share: 0.5,
    gpuMemoryMiB: 20_000,
    device: { name: "nvidia.com/gpu", count: 1 },
    runtimeClass: "nvidia",
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
  };
}

/** On the machines, or on CPUs where none is named. */
export function service(
  name: string,
  served: Model,
  machines: readonly string[] = [],
  replicas = Math.max(1, machines.length),
): PlannedService {
  return {
    name,
    role: served.role,
    model: served,
    server: "vllm",
    engine: "vllm",
    accelerator: machines.length === 0 ? "cpu" : "nvidia",
    place: machines.length === 0 ? { kind: "cpu" } : place(...machines),
    replicas,
    contextTokens: 4096,
    concurrency: 1,
    needMiB: 8192,
    host: { cpuMillicores: 1000, memoryMiB: 1024 },
    timeoutSeconds: 600,
  };
}
