import type { V1StatefulSet } from "@kubernetes/client-node";
import type { Kind } from "../../runtime/cluster";
import { claims, pods, secrets } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { bytesOf } from "../../volumes/claims";
import { type Condition, type Desired, handler, type Observed, withCondition } from "../types";
import { broughtCertificates, budgetOf, certificateProblem, elasticUser, ownCertificates, servicesOf } from "./access";
import { configMaps, isManaged } from "./managed";
import { claimsOf, rolesOf, setName, statefulSetOf } from "./pods";
import { dataVolume, type Elasticsearch, elasticsearchKind, type NodeSet } from "./types";

export const statefulSets: Kind = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets" };

export const elasticsearchHandler = handler<Elasticsearch>({
  kind: elasticsearchKind,
  // The StatefulSet's pods are not the cluster's own: looked up by their labels.
  uses: [statefulSets, pods, claims, configMaps],
  desired: desiredElasticsearch,
});

export function desiredElasticsearch(cluster: Elasticsearch, observed: Observed): Desired {
  const namespace = cluster.metadata!.namespace!;
  if (!isManaged(namespace, observed)) return {};
  const existing = (set: NodeSet) => observed.find<V1StatefulSet>(statefulSets, setName(cluster, set), namespace);
  const invalid = invalidOf(cluster, existing);
  if (invalid !== undefined) return { prune: false, status: status(cluster, observed, "Invalid", invalid) };

  const prefix = `${cluster.metadata!.name}-es`;
  const sets = cluster.spec.nodeSets;
  const waiting = waitingFor(cluster, observed);
  const nodes = sets.reduce((sum, { count = 1 }) => sum + count, 0);
  return {
    secrets: [elasticUser(cluster), ...ownCertificates(cluster, prefix, cluster.spec.http)],
    objects: [
      ...servicesOf(cluster),
      ...broughtCertificates(cluster, prefix, cluster.spec.http, observed),
      budgetOf(cluster, nodes),
      ...(waiting === undefined
        ? sets.map((set) =>
            statefulSetOf(cluster, set, existing(set)?.spec?.volumeClaimTemplates ?? set.volumeClaimTemplates ?? []),
          )
        : []),
    ],
    grow: sets.flatMap((set) => claimsOf(cluster, set)),
    prune: waiting === undefined,
    status: status(
      cluster,
      observed,
      readyNodes(cluster, observed) === nodes && !waiting ? "Ready" : "ApplyingChanges",
      waiting,
    ),
  };
}

/** What ECK refuses to carry out: with its webhook before it is stored, without it by the phase Invalid. */
function invalidOf(cluster: Elasticsearch, existing: (set: NodeSet) => V1StatefulSet | undefined): string | undefined {
  const { nodeSets, version } = cluster.spec;
  if (!nodeSets.some((set) => rolesOf(set)?.includes("master") ?? true)) {
    return "Elasticsearch needs to have at least one master node";
  }
  if (cluster.status?.version !== undefined && isOlder(version, cluster.status.version))
    return "Downgrades are not supported";
  for (const set of nodeSets) {
    const templates = set.volumeClaimTemplates ?? [];
    if (templates.some(({ metadata }) => metadata?.name !== dataVolume)) {
      return `volume claim declared but volume not mounted in any container. Note that the Elasticsearch data volume should be named '${dataVolume}'`;
    }
    for (const old of existing(set)?.spec?.volumeClaimTemplates ?? []) {
      const next = templates.find(({ metadata }) => metadata?.name === old.metadata?.name);
      if (next === undefined) return "volume claim templates cannot be removed";
      const [from, to] = [old, next].map(({ spec }) => spec?.resources?.requests?.["storage"] ?? "0");
      if (bytesOf(to!) < bytesOf(from!))
        return "decreasing storage size is not supported: an attempt was made to decrease storage size";
    }
  }
  return undefined;
}

/** Secrets that are named and are not there: the nodes are not made without them. */
function waitingFor(cluster: Elasticsearch, observed: Observed): string | undefined {
  const { auth, secureSettings = [], http } = cluster.spec;
  const missing = [...(auth?.fileRealm ?? []), ...(auth?.roles ?? []), ...secureSettings].find(
    ({ secretName }) => secretName && !observed.find(secrets, secretName, cluster.metadata!.namespace),
  );
  return missing ? `Secret "${missing.secretName}" not found` : certificateProblem(cluster, http, observed);
}

function readyNodes(cluster: Elasticsearch, observed: Observed): number {
  const names = new Set(
    cluster.spec.nodeSets.flatMap((set) =>
      Array.from({ length: set.count ?? 1 }, (_, index) => `${setName(cluster, set)}-${index}`),
    ),
  );
  return observed
    .list(pods, cluster.metadata!.namespace)
    .filter((pod) => names.has(pod.metadata!.name!) && isReady(pod)).length;
}

function status(cluster: Elasticsearch, observed: Observed, phase: string, problem?: string) {
  const availableNodes = readyNodes(cluster, observed);
  const nodes = cluster.spec.nodeSets.reduce((sum, { count = 1 }) => sum + count, 0);
  const condition = (type: string, holds: boolean, message: string): Condition => ({
    type,
    status: holds ? "True" : "False",
    reason: holds ? "" : phase,
    message,
  });
  const complete = condition("ReconciliationComplete", phase === "Ready", problem ?? "");
  const reachable = condition(
    "ElasticsearchIsReachable",
    availableNodes > 0,
    `Service ${cluster.metadata!.namespace}/${cluster.metadata!.name}-es-internal-http`,
  );
  return {
    availableNodes,
    version: availableNodes > 0 ? cluster.spec.version : cluster.status?.version,
    health: availableNodes === 0 ? "unknown" : availableNodes < nodes ? "yellow" : "green",
    phase,
    observedGeneration: cluster.metadata!.generation,
    conditions: [complete, reachable].reduce(
      (all, each) => withCondition(all, each, observed.now),
      cluster.status?.conditions ?? [],
    ),
  };
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
