import { engineContainer } from "../../../../../components/inference/engines";
import { inferenceServiceAnnotations, inferenceServiceSpec } from "../../../../../components/inference/kserve/spec";
import type { PlannedService } from "../../../../../components/inference/types";
import { files, gpuPlace, modelOf, onCpu, planned } from "../engines/services";

const scaling = { minReplicas: 0, queueLength: 5, idleSeconds: 900 };

/** One of each kind: on a GPU, on CPUs with several replicas, with steps before the start, and scaled. */
export const predictors: Readonly<Record<string, PlannedService>> = {
  gpu: planned("vllm", modelOf("qwen3-8b-awq"), gpuPlace("RTX 4000 SFF Ada"), { server: "kserve" }),
  cpu: planned("tei", modelOf("bge-small-en-v1.5"), onCpu, { name: "embeddings", server: "kserve", replicas: 2 }),
  steps: planned("ollama", modelOf("qwen3-1.7b-q8"), onCpu, { name: "small", server: "kserve" }),
  scaled: planned("vllm", modelOf("qwen3-8b-awq"), gpuPlace("RTX 4000 SFF Ada"), { server: "kserve", scaling }),
};

export function inferenceService(service: PlannedService) {
  const container = engineContainer(service, files);
  const identity = { name: "engine", instance: `${service.name}-predictor`, component: "model", domain: "ai-ml" };
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: service.name, namespace: "ai-ml", annotations: inferenceServiceAnnotations(service) },
    spec: inferenceServiceSpec({ service, container, files, identity }),
  };
}
