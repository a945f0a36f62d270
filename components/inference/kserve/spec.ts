import type { Identity } from "../../kit/labels";
import { podTemplate } from "../../kit/pod";
import { type PlainPodsFacts, plainPods } from "../servers/pods";
import type { PlannedService } from "../types";
import { PREDICTOR_CONTAINER } from "./names";

export interface PredictorFacts extends Omit<PlainPodsFacts, "machine"> {
  /** Of the pods. */
  readonly identity: Identity;
}

/** What KServe must not do by itself, and who says how many pods there are. It hands these on to everything it makes. */
export function inferenceServiceAnnotations({ scaling }: PlannedService): Record<string, string> {
  return {
    "serving.kserve.io/deploymentMode": "Standard",
    // none: always `minReplicas`. external: it leaves the number alone once there is a Deployment.
    "serving.kserve.io/autoscalerClass": scaling === undefined ? "none" : "external",
  };
}

/**
 * Spec of the serving.kserve.io/v1beta1 InferenceService: one predictor with a container of its own, in the pod of a
 * plain server. No storage initializer: the files are mounted.
 */
export function inferenceServiceSpec({ identity, ...facts }: PredictorFacts) {
  const { service } = facts;
  const pods = plainPods(facts);
  const { metadata, spec } = podTemplate({ ...pods, identity, spread: service.replicas > 1 });
  const [main, ...others] = spec.containers;
  return {
    predictor: {
      labels: metadata.labels,
      annotations: metadata.annotations,
      minReplicas: service.scaling?.minReplicas ?? service.replicas,
      maxReplicas: service.replicas,
      ...(pods.rollout === "recreate" ? { deploymentStrategy: { type: "Recreate" } } : {}),
      ...spec,
      containers: [{ ...main!, name: PREDICTOR_CONTAINER }, ...others],
    },
  };
}
