import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { claims } from "../../runtime/kinds";
import { type Desired, handler, type Observed } from "../types";
import { problemOf } from "./cluster";
import { brokerServicesOf, claimsOf, foreignClaims, nodeIds, podOf } from "./nodes";
import { clusterOf, isPaused, type Kafka, type KafkaNodePool, kafkaKind, poolKind } from "./types";

export const poolHandler = handler<KafkaNodePool>({
  kind: poolKind,
  uses: [kafkaKind, claims],
  desired: desiredPool,
});

/** Pods and claims of a pool: only once there is a cluster that it belongs to, and nothing is wrong with that. */
export function desiredPool(pool: KafkaNodePool, observed: Observed): Desired {
  const { namespace, generation } = pool.metadata!;
  const kafka = observed.find<Kafka>(kafkaKind, clusterOf(pool), namespace);
  const clusterId = kafka?.status?.clusterId;
  if (!kafka || !clusterId || isPaused(kafka) || problemOf(kafka, observed) !== undefined) return { prune: false };
  const ids = nodeIds(pool, observed.list<KafkaNodePool>(poolKind, namespace));
  const wanted = ids.flatMap((id) => claimsOf(kafka, pool, id, clusterId));
  const unowned = wanted.filter(({ metadata }) => metadata!.ownerReferences === undefined);
  const found = (claim: V1PersistentVolumeClaim) => observed.find(claims, claim.metadata!.name!, namespace);
  const foreign = foreignClaims(wanted, observed, clusterId);
  return {
    objects: [
      ...wanted.filter((claim) => !unowned.includes(claim) || !found(claim)),
      ...ids.flatMap((id) => brokerServicesOf(kafka, pool, id)),
      // With another cluster's data under it a broker ends at once, again and again.
      ...(foreign.length > 0 ? [] : ids.map((id) => podOf(kafka, pool, id))),
    ],
    grow: unowned,
    status: {
      observedGeneration: generation,
      clusterId,
      nodeIds: ids,
      replicas: ids.length,
      roles: pool.spec.roles,
      labelSelector: `strimzi.io/cluster=${clusterOf(pool)},strimzi.io/pool-name=${pool.metadata!.name}`,
    },
  };
}
