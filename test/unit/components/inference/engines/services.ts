import { gpuModels } from "../../../../../components/inference/gpu/table";
import { catalogue } from "../../../../../components/inference/models/catalogue";
import type { Model } from "../../../../../components/inference/models/types";
import type { CpuPlace, Engine, GpuPlace, PlannedService } from "../../../../../components/inference/types";

export function modelOf(name: string): Model {
  const model = catalogue[name];
  if (model === undefined) throw new Error(`the catalogue has no ${name}`);
  return model;
}

/** A half of a GPU of this name, on one machine. */
export function gpuPlace(gpuModel: string, more: Partial<GpuPlace> = {}): GpuPlace {
  const { vendor, architecture, memoryMiB } = gpuModels[gpuModel]!;
  return {
    kind: "gpu",
    vendor,
    machines: ["gpu-1"],
    pool: "gpu",
    gpuModel,
    architecture,
    gpus: 1,
    share: 0.5,
    gpuMemoryMiB: memoryMiB,
    device: { name: "nvidia.com/gpu", count: 10 },
    ...(vendor === "nvidia" ? { runtimeClass: "nvidia" } : {}),
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    ...more,
  };
}

export const onCpu: CpuPlace = { kind: "cpu" };

/** A service, as a plan has it. */
export function planned(
  engine: Engine,
  model: Model,
  place: GpuPlace | CpuPlace,
  more: Partial<PlannedService> = {},
): PlannedService {
  return {
    name: "llm",
    role: model.role,
    model,
    server: engine,
    engine,
    accelerator: place.kind === "gpu" ? place.vendor : "cpu",
    place,
    replicas: 1,
    contextTokens: 4096,
    concurrency: 4,
    needMiB: place.kind === "gpu" ? 8192 : 0,
    host: { cpuMillicores: 2000, memoryMiB: 4096 },
    timeoutSeconds: 600,
    ...more,
  };
}

export const files = {
  volume: { name: "models", claim: "model-cache-gpu-1", path: "/models" },
  directory: "/models/m/0a1b2c3d",
};
