import { type PodTemplateArgs, podTemplate } from "../../kit/pod";
import type { RunAs } from "../../kit/security";
import { type Environment, type Figures, resources } from "../../kit/sizes";
import type { ClaimVolume, ScratchVolume } from "../../kit/volumes";
import type { WorkerGroup } from "./groups";
import { PORTS, rayIdentity, servesLabel } from "./names";
import { PROGRAMS_PATH } from "./programs";

export interface RayPodFacts {
  readonly headImage: string;
  readonly workerImage: string;
  readonly environment: Environment;
  readonly programs: Readonly<Record<string, string>>;
}

/** The user `ray` of Ray's images. */
const RAY_USER: RunAs = { user: 1000, group: 100 };

/** Objects that replicas hand to each other: requests and answers, never weights. */
const OBJECT_STORE_MIB = 256;
const SHARED_MEMORY_MIB = 1024;

const scratch = (diskMiB: number): ScratchVolume[] => [
  // Logs, sockets and what is compiled for this GPU; pip's packages where the image lacks them.
  { name: "tmp", path: "/tmp", sizeLimitMiB: diskMiB },
  { name: "shared-memory", path: "/dev/shm", sizeLimitMiB: SHARED_MEMORY_MIB, memory: true },
];

const headFigures: Readonly<Record<Environment, Figures>> = {
  dev: { cpuMillicores: 300, memoryMiB: 2560 },
  prod: { cpuMillicores: 1000, memoryMiB: 4096 },
};

const ENVIRONMENT = {
  PYTHONPATH: PROGRAMS_PATH,
  PYTHONDONTWRITEBYTECODE: "1",
  PYTHONUNBUFFERED: "1",
  // The root file system is read-only: caches and settings go where everything else goes that dies with the pod.
  HOME: "/tmp",
  HF_HUB_OFFLINE: "1",
  TRANSFORMERS_OFFLINE: "1",
  RAY_USAGE_STATS_ENABLED: "0",
  VLLM_NO_USAGE_STATS: "1",
  DO_NOT_TRACK: "1",
};

/** Parameters of `ray start` that every pod has; the operator adds addresses, memory and `--block`. */
const startParameters = {
  "object-manager-port": String(PORTS.objectManager),
  "node-manager-port": String(PORTS.nodeManager),
  "min-worker-port": String(PORTS.firstWorker),
  "max-worker-port": String(PORTS.lastWorker),
  "dashboard-agent-listen-port": String(PORTS.agentHttp),
  "dashboard-agent-grpc-port": String(PORTS.agentGrpc),
  "runtime-env-agent-port": String(PORTS.runtimeEnvironment),
  "metrics-export-port": String(PORTS.metrics),
  "object-store-memory": String(OBJECT_STORE_MIB * 1024 * 1024),
};

/** By these names the operator finds the ports. */
const workerPorts = [
  { name: "serve", port: PORTS.http },
  { name: "metrics", port: PORTS.metrics },
];
const headPorts = [
  { name: "gcs-server", port: PORTS.gcs },
  { name: "dashboard", port: PORTS.dashboard },
  ...workerPorts,
];

/** The head: what knows where everything runs. It computes nothing, and has no GPU. */
export function headGroup(facts: RayPodFacts, services: readonly string[]) {
  const { cpuMillicores, memoryMiB } = headFigures[facts.environment];
  return {
    rayStartParams: {
      ...startParameters,
      port: String(PORTS.gcs),
      "dashboard-port": String(PORTS.dashboard),
      "num-cpus": "0",
      "num-gpus": "0",
    },
    template: serving(services, {
      spread: false,
      ...common(facts),
      identity: rayIdentity("head"),
      image: facts.headImage,
      ports: headPorts,
      resources: resources(cpuMillicores, memoryMiB),
    }),
  };
}

/** Pods that replicas run in. The operator gives them probes: alive with Ray's agent, ready with Serve's proxy. */
export function workerGroupSpec(group: WorkerGroup, facts: RayPodFacts, claims: readonly ClaimVolume[]) {
  const { cpuMillicores, memoryMiB } = group.host;
  const { requests, limits } = resources(cpuMillicores, memoryMiB);
  const device = group.device === undefined ? {} : { [group.device.name]: String(group.device.count) };
  const shared = common(facts);
  const names = group.services.map(({ name }) => name);
  return {
    groupName: group.name,
    replicas: group.replicas,
    minReplicas: group.replicas,
    maxReplicas: group.replicas,
    rayStartParams: {
      ...startParameters,
      "num-cpus": String(Math.ceil(group.services.reduce((sum, { host }) => sum + host.cpuMillicores, 0) / 1000)),
      "num-gpus": String(group.gpus),
      resources: `'${JSON.stringify(Object.fromEntries(names.map((name) => [name, 1])))}'`,
    },
    template: serving(names, {
      spread: false,
      ...shared,
      identity: rayIdentity("worker"),
      image: facts.workerImage,
      ports: workerPorts,
      resources: { requests, limits: { ...limits, ...device } },
      volumes: { ...shared.volumes, claims },
      ...(group.nodes === undefined ? {} : { nodes: group.nodes }),
      ...(group.runtimeClass === undefined ? {} : { runtimeClass: group.runtimeClass }),
      ...(group.tolerations.length === 0 ? {} : { tolerations: group.tolerations }),
    }),
  };
}

/** A pod template with the labels by which Services find it. */
function serving(services: readonly string[], args: PodTemplateArgs) {
  const { metadata, spec } = podTemplate(args);
  const labels = Object.assign({}, ...services.map(servesLabel), metadata.labels) as Record<string, string>;
  return { metadata: { ...metadata, labels }, spec };
}

function common({ programs }: RayPodFacts) {
  return {
    environment: ENVIRONMENT,
    runAs: RAY_USER,
    // Replicas end what they are answering first.
    terminationGraceSeconds: 120,
    volumes: { scratch: scratch(20_480), config: { path: PROGRAMS_PATH, files: programs } },
  } satisfies Partial<PodTemplateArgs>;
}
