import type { KubernetesObject, V1Pod, V1Secret, V1Service, V1StatefulSet } from "@kubernetes/client-node";
import { pods, storageClasses } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, type Observed, ownedBy, withCondition } from "../types";
import { claimTemplates, configSecret, selectorLabels, setName, statefulSetOf, version } from "./pods";
import { type Servers, type Software, statefulSets } from "./types";

/** What one kind of servers has beside what both have. */
export interface More {
  /** Why the operator does not carry it out. */
  problem?: string;
  objects: KubernetesObject[];
}

/** Both kinds alike: configuration, governing Service and StatefulSet, and the conditions Available and Reconciled. */
export function desiredServers(software: Software, servers: Servers, observed: Observed, more: More): Desired {
  if (!isWatched(software, servers.metadata!.namespace!, observed)) return {};
  const problem = problemOf(software, servers, observed) ?? more.problem;
  const waits = problem !== undefined || servers.spec.paused === true;
  const existing = observed.find<V1StatefulSet>(statefulSets, setName(software, servers), servers.metadata!.namespace);
  const templates = existing?.spec?.volumeClaimTemplates ?? claimTemplates(software, servers);
  return {
    objects: waits
      ? []
      : [
          secret(servers, configSecret(software, servers)),
          secret(servers, `${setName(software, servers)}-tls-assets-0`),
          secret(servers, `${setName(software, servers)}-web-config`),
          ...more.objects,
          governingService(software, servers),
          statefulSetOf(software, servers, templates, flag(observed, "config-reloader-memory-limit")),
        ],
    prune: !waits,
    status: statusOf(software, servers, observed, problem),
  };
}

/** The operator was told which namespaces to look at; without that it looks at all. */
function isWatched({ name }: Software, namespace: string, observed: Observed): boolean {
  const watched = flag(observed, `${name}-instance-namespaces`);
  return watched === undefined || watched.split(",").includes(namespace);
}

/** A flag of the operator's own container. */
function flag(observed: Observed, name: string): string | undefined {
  const args = observed
    .list<V1Pod>(pods, observed.operatorNamespace)
    .flatMap((pod) => pod.spec?.containers ?? [])
    .filter(({ image }) => image?.includes("prometheus-operator/prometheus-operator"))
    .flatMap(({ args: given }) => given ?? []);
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

const semver = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** What the operator refuses: by Reconciled=False, and everything stays as it is. */
function problemOf(software: Software, servers: Servers, observed: Observed): string | undefined {
  const wanted = version(software, servers);
  if (!semver.test(wanted)) return `failed to parse ${software.name} version: "${wanted}"`;
  const storageClass = servers.spec.storage?.volumeClaimTemplate?.spec?.storageClassName;
  if (storageClass && !observed.find(storageClasses, storageClass)) {
    return `storage class "${storageClass}" does not exist`;
  }
  return undefined;
}

function secret(servers: Servers, name: string): V1Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: servers.metadata!.namespace, name, ownerReferences: ownedBy(servers) },
    type: "Opaque",
  };
}

function governingService(software: Software, servers: Servers): V1Service {
  const { portName = "web" } = servers.spec;
  const isPrometheus = software.name === "prometheus";
  const mesh = [
    { name: "tcp-mesh", port: 9094, targetPort: "mesh-tcp", protocol: "TCP" },
    { name: "udp-mesh", port: 9094, targetPort: "mesh-udp", protocol: "UDP" },
  ];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace: servers.metadata!.namespace,
      name: software.governingService,
      labels: { [`operated-${software.name}`]: "true", "managed-by": "prometheus-operator" },
      ownerReferences: ownedBy(servers),
    },
    spec: {
      clusterIP: "None",
      ...(isPrometheus ? {} : { publishNotReadyAddresses: true }),
      selector: { "app.kubernetes.io/name": software.name },
      ports: [
        { name: portName, port: software.webPort, targetPort: portName, protocol: "TCP" },
        ...(isPrometheus ? [] : mesh),
      ],
    },
  };
}

function statusOf(software: Software, servers: Servers, observed: Observed, problem: string | undefined) {
  const { namespace, name, generation } = servers.metadata!;
  const { replicas = 1, paused = false } = servers.spec;
  const labels = Object.entries(selectorLabels(software, servers));
  const ours = observed
    .list<V1Pod>(pods, namespace)
    .filter((pod) => labels.every(([key, value]) => pod.metadata!.labels?.[key] === value));
  const ready = ours.filter(isReady).length;
  const found = observed.find(statefulSets, setName(software, servers), namespace) !== undefined;
  const available: Condition = {
    type: "Available",
    status: found && ready >= replicas ? "True" : "False",
    reason: !found ? "StatefulSetNotFound" : ready >= replicas ? "" : ready > 0 ? "SomePodsNotReady" : "NoPodReady",
    message: found ? "" : `${software.name} ${namespace}/${name}: statefulset not found`,
    observedGeneration: generation,
  };
  const reconciled: Condition = {
    type: "Reconciled",
    status: problem === undefined ? "True" : "False",
    reason: problem === undefined ? "" : "ReconciliationFailed",
    message: problem ?? "",
    observedGeneration: generation,
  };
  return {
    paused,
    replicas: ours.length,
    updatedReplicas: ours.length,
    availableReplicas: ready,
    unavailableReplicas: ours.length - ready,
    selector: labels.map(([key, value]) => `${key}=${value}`).join(","),
    conditions: [available, reconciled].reduce(
      (all, each) => withCondition(all, each, observed.now),
      servers.status?.conditions ?? [],
    ),
  };
}
