import { imageReference } from "../../kit/images";
import type { PodArgs } from "../../kit/pod";
import type { ServiceArgs, ServiceName } from "../../kit/service";
import { ENGINE_PORT_NAME, type EngineContainer, type ModelLocation } from "../engines";
import { MACHINE_LABEL, type PlannedService } from "../types";

/** Port of the Service, whatever serves: `http://llm-predictor.ai-ml`. */
export const PREDICTOR_PORT = 80;

/** Label of all pods that serve one model, on whichever machines. */
export const MODEL_LABEL = "orrery.dev/model-service";

/** Name of the Service that answers for a model service, and of its workload. */
export function predictorName(service: string): string {
  return `${service}-predictor`;
}

/** Beside the program's own start: an image of some GiB is fetched. */
const IMAGE_MINUTES = 15;

/** What makes one workload of a model service. */
export interface PlainPodsFacts {
  readonly service: PlannedService;
  readonly container: EngineContainer;
  readonly files: Pick<ModelLocation, "volume">;
  /** The one machine that its pods are for. @default - all of the place */
  readonly machine?: string;
}

/** Everything of the workload but its namespace. */
export function plainPods(facts: PlainPodsFacts): Omit<ServiceArgs, keyof ServiceName> {
  const { service, container, files, machine } = facts;
  const { place, replicas, scaling } = service;
  return {
    image: imageReference(container.image),
    command: container.command,
    // None of its own: the image's.
    args: container.args.length === 0 ? undefined : container.args,
    ports: [{ name: ENGINE_PORT_NAME, port: container.port, servicePort: PREDICTOR_PORT }],
    environment: container.environment,
    resources: container.resources,
    probes: container.probes,
    volumes: { scratch: container.scratch, claims: [files.volume] },
    initContainers: container.initContainers,
    runAs: container.runAs,
    metrics: metrics(container),
    labels: { [MODEL_LABEL]: service.name },
    replicas: machine === undefined ? replicas : 1,
    startMinutes: startMinutes(container),
    scaled: scaling !== undefined,
    // The place on the GPU, and a volume of one node, are not there twice.
    rollout: place.kind === "gpu" || replicas === 1 ? "recreate" : "surge",
    terminationGraceSeconds: container.terminationGraceSeconds,
    ...placement(service, machine),
  };
}

function startMinutes({ probes }: EngineContainer): number {
  return IMAGE_MINUTES + Math.ceil((probes.startupSeconds ?? 300) / 60);
}

function metrics({ metricsPath: path }: EngineContainer): ServiceArgs["metrics"] {
  return path === undefined ? undefined : { port: ENGINE_PORT_NAME, path };
}

function placement({ place }: PlannedService, machine: string | undefined): Partial<PodArgs> {
  if (place.kind === "cpu") return {};
  return {
    nodes: { [MACHINE_LABEL]: machine === undefined ? place.machines : [machine] },
    tolerations: place.tolerations,
    ...(place.runtimeClass === undefined ? {} : { runtimeClass: place.runtimeClass }),
  };
}

/** How the workload is called, and what it is part of. */
export function plainName(
  { service, container }: PlainPodsFacts,
  namespace: ServiceName["namespace"],
): ServiceName & { readonly version: string } {
  return { software: container.engine, component: `model-${service.role}`, version: container.version, namespace };
}
