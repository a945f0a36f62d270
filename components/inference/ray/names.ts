import type { Identity, PodIdentity } from "../../kit/labels";
import type { NetworkPort } from "../../kit/network-policy";
import { MODEL_NAMESPACE } from "../types";

/** The RayService, and the prefix of everything that the operator makes for it: `ai-inference-serve-svc`. */
export const RAY_NAME = "ai-inference";

/** The Ray in the images, and the one whose schema the tests parse with. */
export const RAY_VERSION = "2.58.0";

/** Ports that would be chosen at random are fixed, so that policies can name them. */
export const PORTS = {
  gcs: 6379,
  nodeManager: 6380,
  objectManager: 6381,
  http: 8000,
  metrics: 8080,
  dashboard: 8265,
  firstWorker: 10_002,
  lastWorker: 10_501,
  agentHttp: 52_365,
  agentGrpc: 52_366,
  runtimeEnvironment: 52_367,
} as const;

/** Over these the pods of the cluster talk to each other. */
export const PEER_PORTS: readonly NetworkPort[] = [
  { name: "control", port: PORTS.gcs, endPort: PORTS.objectManager },
  { name: "workers", port: PORTS.firstWorker, endPort: PORTS.lastWorker },
  { name: "agents", port: PORTS.agentHttp, endPort: PORTS.runtimeEnvironment },
];

/** Every pod of the cluster: the operator takes our labels over its own. */
export const RAY_LABELS = { "app.kubernetes.io/name": "ray", "app.kubernetes.io/instance": RAY_NAME } as const;

/** On the pods that answer requests; the operator sets it. */
export const SERVES_LABEL = { "ray.io/serve": "true" } as const;

/** On the head, and on the workers that a service's replicas run in: its Service leads to these. */
export const servesLabel = (service: string) => ({ [`orrery.dev/serves-${service}`]: "true" });

/** On the pods of a worker group; the operator sets it. */
export const GROUP_LABEL = "ray.io/group";

export function rayIdentity(component: "cluster" | "head" | "worker"): Identity {
  return { name: "ray", instance: RAY_NAME, component, domain: MODEL_NAMESPACE, version: RAY_VERSION };
}

export const rayPods: PodIdentity = { namespace: MODEL_NAMESPACE, labels: RAY_LABELS, instance: RAY_NAME };

/** The Service of a model service, whoever serves it. */
export const predictorName = (service: string) => `${service}-predictor`;
