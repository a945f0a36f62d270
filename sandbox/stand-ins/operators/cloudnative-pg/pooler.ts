import type { V1Deployment, V1PodTemplateSpec, V1Service } from "@kubernetes/client-node";
import { deployments } from "../../runtime/kinds";
import { type Desired, handler, type Observed, ownedBy } from "../types";
import { type Cluster, clusterKind, healthyPhase, type Pooler, poolerKind } from "./types";

const poolerLabel = "cnpg.io/poolerName";
const defaultImage = "ghcr.io/cloudnative-pg/pgbouncer:1.25.1";

export const poolerHandler = handler<Pooler>({
  kind: poolerKind,
  uses: [clusterKind, deployments],
  desired: desiredPooler,
});

export function desiredPooler(pooler: Pooler, observed: Observed): Desired {
  const { namespace, name } = pooler.metadata!;
  const cluster = observed.find<Cluster>(clusterKind, pooler.spec.cluster.name, namespace);
  // The operator waits for the cluster that the pooler is in front of.
  if (cluster?.status?.phase !== healthyPhase) return { prune: false };
  const deployment = observed.find<V1Deployment>(deployments, name!, namespace);
  return {
    objects: [serviceOf(pooler), deploymentOf(pooler)],
    status: { instances: deployment?.status?.readyReplicas ?? 0 },
  };
}

function metadata(pooler: Pooler) {
  const { namespace, name } = pooler.metadata!;
  const labels = { [poolerLabel]: name!, "cnpg.io/cluster": pooler.spec.cluster.name, "cnpg.io/podRole": "pooler" };
  return { namespace, name, labels, ownerReferences: ownedBy(pooler) };
}

function serviceOf(pooler: Pooler): V1Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(pooler),
    spec: {
      type: "ClusterIP",
      ports: [{ name: "pgbouncer", port: 5432, targetPort: "pgbouncer", protocol: "TCP" }],
      ...pooler.spec.serviceTemplate?.spec,
      selector: { [poolerLabel]: pooler.metadata!.name! },
    },
  };
}

function deploymentOf(pooler: Pooler): V1Deployment {
  const template = (pooler.spec.template ?? {}) as Partial<V1PodTemplateSpec>;
  const { labels } = metadata(pooler);
  const own = template.spec?.containers?.find(({ name }) => name === "pgbouncer");
  const others = template.spec?.containers?.filter((container) => container !== own) ?? [];
  return {
    ...{ apiVersion: deployments.apiVersion, kind: deployments.kind },
    metadata: metadata(pooler),
    spec: {
      replicas: pooler.spec.instances ?? 1,
      selector: { matchLabels: { [poolerLabel]: labels[poolerLabel]! } },
      template: {
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
        spec: {
          securityContext: { runAsNonRoot: true, runAsUser: 998, seccompProfile: { type: "RuntimeDefault" } },
          ...template.spec,
          containers: [
            {
              image: defaultImage,
              ports: [
                { name: "pgbouncer", containerPort: 5432 },
                { name: "metrics", containerPort: 9127 },
              ],
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                readOnlyRootFilesystem: true,
                runAsNonRoot: true,
              },
              ...own,
              name: "pgbouncer",
            },
            ...others,
          ],
        },
      },
    },
  };
}
