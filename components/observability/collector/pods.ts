import { images, imageVersion } from "../../kit/images";
import type { ContainerPort } from "../../kit/pod";
import type { ServiceArgs } from "../../kit/service";
import { type Environment, resources, type Size } from "../../kit/sizes";
import { COLLECTOR } from "./address";
import { type CollectorConfigFacts, collectorConfig, HEALTH_PORT, METRICS_PORT } from "./config";
import { podAttributesRules } from "./origin";
import { PEER_PORT, resolverRules } from "./sampling";
import { collectorSize, pendingTraces, queueMiB } from "./sizes";

const CONFIG = "/etc/otelcol";
const CONFIG_FILE = "collector.yaml";

/** What the collector is called. */
export const collectorSoftware = {
  software: "opentelemetry-collector",
  component: "collector",
  version: imageVersion(images.otelCollector),
} as const;

/** Where programs of the cluster send to. */
export const OTLP_PORTS: readonly ContainerPort[] = [
  { name: "otlp-grpc", port: COLLECTOR.grpcPort },
  { name: "otlp-http", port: COLLECTOR.httpPort },
];

export interface CollectorFacts extends Omit<CollectorConfigFacts, "pendingTraces" | "queueMiB"> {
  readonly environment: Environment;
  readonly size: Size;
}

/** Everything of the service but its image and namespace. */
export function collectorPods(facts: CollectorFacts): Omit<ServiceArgs, "image" | "namespace"> {
  const figures = collectorSize(facts.size, facts.environment);
  const { replicas, parts } = facts;
  const balanced = facts.tracesGrpc !== undefined && facts.samplingPercent < 100 && replicas > 1;
  const config = collectorConfig({ ...facts, pendingTraces: pendingTraces(figures), queueMiB: queueMiB(figures) });
  return {
    ...collectorSoftware,
    replicas,
    args: [`--config=${CONFIG}/${CONFIG_FILE}`],
    ports: [
      ...OTLP_PORTS,
      { name: "metrics", port: METRICS_PORT },
      { name: "health", port: HEALTH_PORT },
      ...(balanced ? [{ name: "peers", port: PEER_PORT }] : []),
      ...parts.flatMap(({ ports = [] }) => ports),
    ],
    ...(balanced ? { peerPorts: ["peers"] } : {}),
    environment: {
      // Go collects its garbage earlier when the limit is near; the memory limiter refuses before that is in vain.
      GOMEMLIMIT: `${Math.floor(figures.memoryMiB * 0.8)}MiB`,
      ...Object.assign({}, ...parts.map(({ environment = {} }) => environment)),
    },
    resources: resources(figures.cpuMillicores, figures.memoryMiB),
    probes: { ready: { http: "/", port: "health" }, live: { tcp: "health" } },
    metrics: { port: "metrics" },
    volumes: {
      config: { path: CONFIG, files: { [CONFIG_FILE]: config } },
      secrets: parts.flatMap(({ secrets = [] }) => secrets),
    },
    kubernetesApi: {
      reason: "it finds out which pod sends what: namespace, name and version of it",
      clusterRules: podAttributesRules,
      ...(balanced ? { namespaceRules: resolverRules } : {}),
    },
    runAs: { user: 10001, group: 10001 },
    // What waits for its store, or for a decision, is sent first.
    terminationGraceSeconds: 60,
  };
}
