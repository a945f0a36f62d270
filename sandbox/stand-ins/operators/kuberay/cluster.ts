import type { V1Container, V1Pod, V1Service } from "@kubernetes/client-node";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, ownedBy, withCondition } from "../types";
import {
  clusterKind,
  clusterLabel,
  type HeadGroup,
  ownerKindLabel,
  ownerNameLabel,
  type RayCluster,
  serveLabel,
  type WorkerGroup,
} from "./types";

export const clusterHandler = handler<RayCluster>({ kind: clusterKind, uses: [], desired: desiredCluster });

/** The pods of a Ray cluster and the Service of its head. Workers are made at once, and wait for the head in the pod. */
export function desiredCluster(cluster: RayCluster, observed: Observed): Desired {
  const pods = podsOf(cluster);
  const names = new Set(pods.map(({ metadata }) => metadata!.name));
  const ready = observed.pods.filter((pod) => names.has(pod.metadata!.name) && isReady(pod));
  const head = ready.some(({ metadata }) => metadata?.labels?.["ray.io/node-type"] === "head");
  const complete = ready.length === pods.length;
  const conditions = [
    condition("HeadPodReady", head, head ? "HeadPodRunningAndReady" : "ContainersNotReady"),
    condition(
      "RayClusterProvisioned",
      complete,
      complete ? "AllPodRunningAndReadyFirstTime" : "RayClusterPodsProvisioning",
    ),
  ];
  return {
    objects: [headServiceOf(cluster, `${cluster.metadata!.name}-head-svc`), ...pods],
    status: {
      ...(complete ? { state: "ready" } : {}),
      desiredWorkerReplicas: pods.length - 1,
      availableWorkerReplicas: ready.length - (head ? 1 : 0),
      observedGeneration: cluster.metadata!.generation,
      conditions: conditions.reduce<Condition[]>(
        (all, next) => withCondition(all, next, observed.now),
        cluster.status?.conditions ?? [],
      ),
    },
  };
}

function condition(type: string, good: boolean, reason: string): Condition {
  return { type, status: good ? "True" : "False", reason, message: "" };
}

/** Of a cluster, and, with another name, of the RayService whose cluster it is. */
export function headServiceOf(cluster: RayCluster, name: string): V1Service {
  const { namespace } = cluster.metadata!;
  const labels = nodeLabels(cluster, "head", "headgroup");
  const selector = Object.fromEntries(
    [clusterLabel, "ray.io/node-type", "ray.io/identifier"].map((key) => [key, labels[key]!]),
  );
  const ports = cluster.spec.headGroupSpec.template.spec?.containers[0]?.ports ?? [];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name, labels: selector, ownerReferences: ownedBy(cluster) },
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector,
      ports: ports.map(({ name: port, containerPort }) => ({
        name: port,
        port: containerPort,
        protocol: "TCP",
        appProtocol: "tcp",
      })),
    },
  };
}

export function podsOf(cluster: RayCluster): V1Pod[] {
  const { headGroupSpec, workerGroupSpecs = [] } = cluster.spec;
  const name = cluster.metadata!.name!;
  return [
    podOf(cluster, headGroupSpec, `${name}-head`, nodeLabels(cluster, "head", "headgroup")),
    ...workerGroupSpecs.flatMap((group) =>
      Array.from({ length: Math.max(group.replicas ?? 0, group.minReplicas ?? 0) }, (_, index) =>
        workerOf(cluster, group, `${name}-${group.groupName}-worker-${index}`),
      ),
    ),
  ];
}

function nodeLabels(cluster: RayCluster, type: "head" | "worker", group: string): Record<string, string> {
  const name = cluster.metadata!.name!;
  return {
    "ray.io/is-ray-node": "yes",
    [clusterLabel]: name,
    "ray.io/node-type": type,
    "ray.io/group": group,
    "ray.io/identifier": `${name}-${type}`.slice(0, 63),
    "app.kubernetes.io/name": "kuberay",
    "app.kubernetes.io/created-by": "kuberay-operator",
  };
}

/** Those of the template win over all but the three that say which node it is. */
function mergedLabels(own: Record<string, string>, template: Record<string, string> = {}): Record<string, string> {
  const fixed = [clusterLabel, "ray.io/node-type", "ray.io/group"];
  return { ...own, ...template, ...Object.fromEntries(fixed.map((key) => [key, own[key]!])) };
}

function podOf(cluster: RayCluster, group: HeadGroup, name: string, labels: Record<string, string>): V1Pod {
  const { template } = group;
  const [ray, ...others] = template.spec!.containers as [V1Container, ...V1Container[]];
  const forService = cluster.metadata?.labels?.[ownerKindLabel] === "RayService";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: cluster.metadata!.namespace,
      name,
      // The head gets it from the real operator when its proxy answers; here that is when it is ready.
      labels: { ...mergedLabels(labels, template.metadata?.labels), ...(forService ? { [serveLabel]: "true" } : {}) },
      annotations: { ...template.metadata?.annotations },
      ownerReferences: ownedBy(cluster),
    },
    spec: {
      ...template.spec!,
      containers: [
        { ...ray, command: ["/bin/bash", "-c", "--"], args: [`ulimit -n 65536; ${startCommand(labels, group)}`] },
        ...others,
      ],
    },
  };
}

/** It waits for the head before Ray starts, with the Ray container's rights and mounts. */
function workerOf(cluster: RayCluster, group: WorkerGroup, name: string): V1Pod {
  const pod = podOf(cluster, group, name, nodeLabels(cluster, "worker", group.groupName));
  const [ray] = group.template.spec!.containers;
  const small = { cpu: "200m", memory: "256Mi" };
  const head = `${cluster.metadata!.name}-head-svc.${cluster.metadata!.namespace}.svc.cluster.local:6379`;
  const wait: V1Container = {
    name: "wait-gcs-ready",
    image: ray!.image,
    imagePullPolicy: ray!.imagePullPolicy,
    command: ["/bin/bash", "-c", "--"],
    args: [`until ray health-check --address ${head}; do sleep 5; done`],
    securityContext: ray!.securityContext,
    env: ray!.env,
    volumeMounts: ray!.volumeMounts,
    resources: { requests: small, limits: small },
  };
  return { ...pod, spec: { ...pod.spec!, initContainers: [...(pod.spec!.initContainers ?? []), wait] } };
}

function startCommand(labels: Record<string, string>, { rayStartParams = {} }: HeadGroup): string {
  const head = labels["ray.io/node-type"] === "head" ? ["--head"] : [];
  const parameters = Object.entries(rayStartParams).map(([key, value]) => `--${key}=${value}`);
  return ["ray start", ...head, "--block", ...parameters].join(" ");
}

/** What clients of the RayService connect to: pods with a healthy proxy. */
export function serveServiceOf(service: { name: string; namespace?: string }, cluster: RayCluster): V1Service {
  const ports = cluster.spec.headGroupSpec.template.spec?.containers[0]?.ports ?? [];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      namespace: service.namespace,
      name: `${service.name}-serve-svc`,
      labels: {
        [ownerNameLabel]: service.name,
        [ownerKindLabel]: "RayService",
        [serveLabel]: `${service.name}-serve`,
      },
    },
    spec: {
      type: "ClusterIP",
      selector: { [clusterLabel]: cluster.metadata!.name!, [serveLabel]: "true" },
      ports: ports
        .filter(({ name = "" }) => name === "serve" || name.startsWith("serve-"))
        .map(({ name, containerPort }) => ({ name, port: containerPort, protocol: "TCP" })),
    },
  };
}
