import type { V1ContainerPort, V1Deployment, V1ObjectMeta, V1Service } from "@kubernetes/client-node";
import { ownedBy } from "../types";
import { type InferenceService, PREDICTOR_CONTAINER, predictorName } from "./types";

/** What the controller does not hand on. */
const ownAnnotations = [
  "autoscaling.knative.dev/min-scale",
  "autoscaling.knative.dev/max-scale",
  "internal.serving.kserve.io/storage-initializer-sourceuri",
  "kubectl.kubernetes.io/last-applied-configuration",
];

/** The Deployment and the Service of an InferenceService in the mode Standard. */
export function predictorObjects(service: InferenceService): [V1Deployment, V1Service] {
  return [deployment(service), clusterService(service)];
}

/** All that is made bears the labels and annotations of the InferenceService, and over them those of the predictor. */
function sharedMetadata(service: InferenceService): V1ObjectMeta & { labels: Record<string, string> } {
  const { labels = {}, annotations = {} } = service.metadata!;
  const { predictor } = service.spec;
  const handedOn = Object.entries({ ...annotations }).filter(([key]) => !ownAnnotations.includes(key));
  return {
    labels: {
      ...labels,
      ...predictor.labels,
      app: `isvc.${predictorName(service)}`,
      component: "predictor",
      "serving.kserve.io/inferenceservice": service.metadata!.name!,
    },
    annotations: { ...Object.fromEntries(handedOn), ...predictor.annotations },
  };
}

function deployment(service: InferenceService): V1Deployment {
  const {
    labels: _,
    annotations: __,
    minReplicas,
    maxReplicas: ___,
    deploymentStrategy,
    ...pod
  } = service.spec.predictor;
  const metadata = sharedMetadata(service);
  const fixed = metadata.annotations?.["serving.kserve.io/autoscalerClass"] === "none";
  const name = { name: "INFERENCE_SERVICE_NAME", value: service.metadata!.name! };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...metadata,
      name: predictorName(service),
      namespace: service.metadata!.namespace,
      ownerReferences: ownedBy(service),
    },
    spec: {
      // Else it is whoever scales that says how many there are.
      ...(fixed ? { replicas: minReplicas } : {}),
      selector: { matchLabels: { app: metadata.labels["app"]! } },
      strategy: deploymentStrategy ?? {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" },
      },
      template: {
        metadata,
        spec: {
          ...pod,
          containers: pod.containers.map((container) => ({ ...container, env: [...(container.env ?? []), name] })),
        },
      },
    },
  };
}

/** The container's first port is the Service's port 80; the others keep their numbers. */
function clusterService(service: InferenceService): V1Service {
  const metadata = sharedMetadata(service);
  const container = service.spec.predictor.containers.find(({ name }) => name === PREDICTOR_CONTAINER);
  const ports = container?.ports ?? [{ name: predictorName(service), containerPort: 8080 }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      ...metadata,
      name: predictorName(service),
      namespace: service.metadata!.namespace,
      ownerReferences: ownedBy(service),
    },
    spec: {
      selector: { app: metadata.labels["app"]! },
      ports: ports.map(({ name, containerPort, protocol = "TCP" }: V1ContainerPort, index) => ({
        name,
        port: index === 0 ? 80 : containerPort,
        targetPort: containerPort,
        protocol,
      })),
    },
  };
}
