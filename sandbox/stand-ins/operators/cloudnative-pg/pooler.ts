import type { V1Deployment, V1PodTemplateSpec, V1Service, V1ServiceAccount } from "@kubernetes/client-node";
import { deployments } from "../../runtime/kinds";
import { type Desired, type GeneratedSecret, handler, type Observed, ownedBy } from "../types";
import { serverCaSecret, serverTlsSecret } from "./access";
import { type Cluster, clusterKind, healthyPhase, type Pooler, poolerKind } from "./types";

const poolerLabel = "cnpg.io/poolerName";
const defaultImage = "ghcr.io/cloudnative-pg/pgbouncer:1.25.1";
const operatorImage = "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0";

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
    secrets: [authSecretOf(pooler)],
    objects: [serviceAccountOf(pooler), serviceOf(pooler), deploymentOf(pooler, cluster)],
    status: { instances: deployment?.status?.replicas ?? 0, phase: "active", image: imageOf(pooler) },
  };
}

function imageOf(pooler: Pooler): string {
  return pooler.spec.pgbouncer?.image ?? defaultImage;
}

/** With this certificate PgBouncer asks PostgreSQL for the digests of passwords. One for all poolers of a cluster. */
function authSecretOf(pooler: Pooler): GeneratedSecret {
  const { namespace } = pooler.metadata!;
  const cluster = pooler.spec.cluster.name;
  return {
    make: "certificate",
    type: "kubernetes.io/tls",
    metadata: { ...metadata(pooler), name: `${cluster}-pooler` },
    commonName: "cnpg_pooler_pgbouncer",
    dnsNames: [],
    signedBy: { namespace: namespace!, name: `${cluster}-ca`, certificateKey: "ca.crt", privateKeyKey: "ca.key" },
    validDays: 90,
  };
}

function serviceAccountOf(pooler: Pooler): V1ServiceAccount {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(pooler) };
}

function metadata(pooler: Pooler) {
  const { namespace, name } = pooler.metadata!;
  const labels = {
    [poolerLabel]: name!,
    "cnpg.io/cluster": pooler.spec.cluster.name,
    "cnpg.io/podRole": "pooler",
    "app.kubernetes.io/name": "postgresql",
    "app.kubernetes.io/instance": pooler.spec.cluster.name,
    "app.kubernetes.io/component": "pooler",
    "app.kubernetes.io/managed-by": "cloudnative-pg",
  };
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

function deploymentOf(pooler: Pooler, cluster: Cluster): V1Deployment {
  const template = (pooler.spec.template ?? {}) as Partial<V1PodTemplateSpec>;
  const { labels, name } = metadata(pooler);
  const own = template.spec?.containers?.find(({ name }) => name === "pgbouncer");
  const restricted = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  };
  const mounts = [{ name: "scratch-data", mountPath: "/controller" }];
  const others = template.spec?.containers?.filter((container) => container !== own) ?? [];
  return {
    ...{ apiVersion: deployments.apiVersion, kind: deployments.kind },
    metadata: metadata(pooler),
    spec: {
      replicas: pooler.spec.instances ?? 1,
      ...(pooler.spec.deploymentStrategy === undefined ? {} : { strategy: pooler.spec.deploymentStrategy }),
      selector: { matchLabels: { [poolerLabel]: labels[poolerLabel]! } },
      template: {
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
        spec: {
          ...template.spec,
          serviceAccountName: name,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 998,
            runAsGroup: 996,
            fsGroup: 996,
            seccompProfile: { type: "RuntimeDefault" },
          },
          initContainers: [
            {
              name: "bootstrap-controller",
              image: operatorImage,
              command: ["/manager", "bootstrap", "/controller/manager"],
              // The operator gives it what PgBouncer has.
              resources: own?.resources,
              securityContext: restricted,
              volumeMounts: mounts,
            },
          ],
          containers: [
            {
              image: imageOf(pooler),
              command: ["/controller/manager", "pgbouncer", "run"],
              ports: [
                { name: "pgbouncer", containerPort: 5432 },
                { name: "metrics", containerPort: 9127 },
              ],
              readinessProbe: { tcpSocket: { port: 5432 }, timeoutSeconds: 5 },
              ...own,
              name: "pgbouncer",
              securityContext: restricted,
              volumeMounts: mounts,
            },
            ...others,
          ],
          volumes: [
            { name: "ca", secret: { secretName: serverCaSecret(cluster) } },
            { name: "server-tls", secret: { secretName: serverTlsSecret(cluster) } },
            { name: "scratch-data", emptyDir: {} },
          ],
        },
      },
    },
  };
}
