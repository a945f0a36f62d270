import { createHash } from "node:crypto";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { pods } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, ownedBy, withCondition } from "../types";
import { headServiceOf, serveServiceOf } from "./cluster";
import {
  clusterKind,
  clusterLabel,
  ownerKindLabel,
  ownerNameLabel,
  type RayCluster,
  type RayService,
  serveLabel,
  serviceKind,
  specHash,
} from "./types";

const hashAnnotation = "ray.io/hash-without-replicas-and-workers-to-delete";

export const serviceHandler = handler<RayService>({
  kind: serviceKind,
  uses: [clusterKind, pods],
  desired: desiredService,
});

/**
 * A cluster, and once it serves the two Services. A changed cluster gets a second one beside it, unless the strategy is
 * None: then nothing happens.
 */
export function desiredService(service: RayService, observed: Observed): Desired {
  const { namespace } = service.metadata!;
  const goal = clusterOf(service);
  const activeName = service.status?.activeServiceStatus?.rayClusterName;
  const active = observed.find<RayCluster>(clusterKind, activeName ?? "", namespace);
  const outdated = active !== undefined && active.metadata!.annotations?.[hashAnnotation] !== hashOf(service);
  const replacing = outdated && service.spec.upgradeStrategy?.type !== "None";
  const clusters = active === undefined ? [goal] : [asItIs(active), ...(replacing ? [goal] : [])];
  const serving = active !== undefined && !replacing ? active : servingCluster(goal, observed);
  const current = serving ?? active;
  const endpoints = current === undefined ? 0 : endpointsOf(current, observed);
  return {
    objects: [
      ...(serving === undefined ? clusters : clusters.filter(({ metadata }) => metadata!.name === nameOf(serving))),
      ...(current === undefined ? [] : servicesOf(service, current)),
    ],
    status: {
      observedGeneration: service.metadata!.generation,
      activeServiceStatus: current === undefined ? null : { rayClusterName: nameOf(current) },
      pendingServiceStatus: serving === undefined ? { rayClusterName: goal.metadata!.name } : null,
      numServeEndpoints: endpoints,
      serviceStatus: endpoints > 0 ? "Running" : "",
      conditions: conditionsOf(service, endpoints, active !== undefined && serving === undefined, observed),
    },
  };
}

const nameOf = ({ metadata }: RayCluster) => metadata!.name!;
const hashOf = ({ spec }: RayService) => specHash(spec.rayClusterConfig);

/** The real one ends in five letters at random; here they follow from what the cluster is made from. */
function clusterOf(service: RayService): RayCluster {
  const { name, namespace, uid, labels, annotations } = service.metadata!;
  const suffix = createHash("sha256")
    .update(`${uid}${hashOf(service)}`)
    .digest("hex")
    .slice(0, 5);
  return {
    apiVersion: clusterKind.apiVersion,
    kind: clusterKind.kind,
    metadata: {
      namespace,
      name: `${name}-${suffix}`,
      labels: { ...labels, [ownerNameLabel]: name!, [ownerKindLabel]: "RayService" },
      annotations: { ...annotations, [hashAnnotation]: hashOf(service) },
      ownerReferences: ownedBy(service),
    },
    spec: service.spec.rayClusterConfig,
  };
}

/** What is there is wanted as it is. */
function asItIs({ metadata, spec }: RayCluster): RayCluster {
  const { name, namespace, labels, annotations, ownerReferences } = metadata!;
  const { apiVersion, kind } = clusterKind;
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations, ownerReferences }, spec };
}

/** The wanted cluster, once everything in it runs: its applications answer then. */
function servingCluster(goal: RayCluster, observed: Observed): RayCluster | undefined {
  const found = observed.find<RayCluster>(clusterKind, nameOf(goal), goal.metadata!.namespace);
  return found?.status?.state === "ready" ? found : undefined;
}

function endpointsOf(cluster: RayCluster, observed: Observed): number {
  return observed
    .list<V1Pod>(pods, cluster.metadata!.namespace)
    .filter(({ metadata }) => metadata?.labels?.[clusterLabel] === nameOf(cluster))
    .filter(({ metadata }) => metadata?.labels?.[serveLabel] === "true")
    .filter(isReady).length;
}

function servicesOf(service: RayService, cluster: RayCluster): V1Service[] {
  const { name, namespace } = service.metadata!;
  const owned = (made: V1Service): V1Service => ({
    ...made,
    metadata: { ...made.metadata, ownerReferences: ownedBy(service) },
  });
  return [
    owned(headServiceOf(cluster, `${name}-head-svc`)),
    owned(serveServiceOf({ name: name!, ...(namespace === undefined ? {} : { namespace }) }, cluster)),
  ];
}

function conditionsOf(service: RayService, endpoints: number, upgrading: boolean, observed: Observed): Condition[] {
  const { generation } = service.metadata!;
  const before = service.status?.conditions ?? [];
  const was = before.find(({ type }) => type === "Ready")?.status === "True";
  const waiting = was
    ? { reason: "ZeroServeEndpoints", message: "Number of serve endpoints dropped to 0" }
    : { reason: "Initializing", message: "RayService is initializing" };
  const ready: Condition =
    endpoints > 0
      ? {
          type: "Ready",
          status: "True",
          reason: "NonZeroServeEndpoints",
          message: "Number of serve endpoints is greater than 0",
        }
      : { type: "Ready", status: "False", ...waiting };
  const upgrade: Condition = upgrading
    ? {
        type: "UpgradeInProgress",
        status: "True",
        reason: "BothActivePendingClustersExist",
        message: "Both active and pending Ray clusters exist",
      }
    : {
        type: "UpgradeInProgress",
        status: "False",
        reason: endpoints > 0 ? "NoPendingCluster" : "Initializing",
        message: "",
      };
  return [ready, upgrade].reduce<Condition[]>(
    (all, next) => withCondition(all, { ...next, observedGeneration: generation }, observed.now),
    before,
  );
}
