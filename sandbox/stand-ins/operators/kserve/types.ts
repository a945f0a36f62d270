import type { KubernetesObject, V1DeploymentStrategy, V1PodSpec } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import type { Condition } from "../types";

export interface Predictor extends V1PodSpec {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  minReplicas?: number;
  maxReplicas?: number;
  deploymentStrategy?: V1DeploymentStrategy;
  model?: object;
}

export interface InferenceService extends KubernetesObject {
  spec: { predictor: Predictor };
  status?: { conditions?: Condition[]; url?: string };
}

export const inferenceServiceKind: Kind = {
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  plural: "inferenceservices",
};

/** In which KServe looks for the model server. */
export const PREDICTOR_CONTAINER = "kserve-container";

export function predictorName(service: InferenceService): string {
  return `${service.metadata!.name}-predictor`;
}
