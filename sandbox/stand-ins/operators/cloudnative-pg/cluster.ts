import type { KubernetesObject, V1Pod, V1Secret, V1ServiceAccount } from "@kubernetes/client-node";
import { secrets } from "../../runtime/kinds";
import { isReady } from "../../runtime/presence";
import { type Condition, type Desired, handler, type Observed, ownedBy, withCondition } from "../types";
import { budgetsOf, initialDatabase, secretsOf, serverCaSecret, serverTlsSecret, servicesOf } from "./access";
import { clusterLabels, instanceNames, instanceObjects } from "./instances";
import { type Cluster, catalogKind, clusterCatalogKind, clusterKind, healthyPhase, roleKind } from "./types";

/** What the operator runs when the cluster names no image. */
const defaultImage = "ghcr.io/cloudnative-pg/postgresql:18.1-system-trixie";

interface Catalog extends KubernetesObject {
  spec: { images: { major: number; image: string }[] };
}

export const clusterHandler = handler<Cluster>({
  kind: clusterKind,
  uses: [catalogKind, clusterCatalogKind, roleKind, secrets],
  desired: desiredCluster,
});

export function desiredCluster(cluster: Cluster, observed: Observed): Desired {
  const image = imageOf(cluster, observed);
  const problem = problemOf(cluster, observed) ?? (image === undefined ? missingCatalog(cluster) : undefined);
  return {
    secrets: secretsOf(cluster),
    objects: [
      serviceAccountOf(cluster),
      ...servicesOf(cluster),
      ...budgetsOf(cluster),
      ...(problem ? [] : instanceObjects(cluster, image!)),
    ],
    // A cluster that cannot go on keeps what it has.
    prune: problem === undefined,
    status: statusOf(cluster, observed, image, problem),
  };
}

function imageOf(cluster: Cluster, observed: Observed): string | undefined {
  const { imageName, imageCatalogRef: reference } = cluster.spec;
  if (!reference) return imageName ?? defaultImage;
  const catalog =
    reference.kind === "ClusterImageCatalog"
      ? observed.find<Catalog>(clusterCatalogKind, reference.name)
      : observed.find<Catalog>(catalogKind, reference.name, cluster.metadata!.namespace);
  return catalog?.spec.images.find(({ major }) => major === reference.major)?.image;
}

function missingCatalog(cluster: Cluster): string {
  const { kind, name, major } = cluster.spec.imageCatalogRef!;
  return `${kind} ${name} has no image for PostgreSQL ${major}`;
}

/** What the operator, or the initdb job's pod, would wait for. */
function problemOf(cluster: Cluster, observed: Observed): string | undefined {
  return certificateProblem(cluster, observed) ?? passwordProblem(cluster, observed);
}

/** It goes no further than to a Secret of the user's that is missing, or has not what it should have. */
function certificateProblem(cluster: Cluster, observed: Observed): string | undefined {
  const { serverTLSSecret, serverCASecret } = cluster.spec.certificates ?? {};
  const wanted = [
    [serverCASecret, ["ca.crt"]],
    [serverTLSSecret, ["tls.crt", "tls.key"]],
  ] as const;
  for (const [name, keys] of wanted) {
    if (name === undefined) continue;
    const secret = observed.find<V1Secret>(secrets, name, cluster.metadata!.namespace);
    if (!secret) return `missing specified server Secret ${name}`;
    const missing = keys.find((key) => secret.data?.[key] === undefined);
    if (missing !== undefined) return `Secret ${name} has no ${missing}`;
  }
  return undefined;
}

function passwordProblem(cluster: Cluster, observed: Observed): string | undefined {
  const name = cluster.spec.bootstrap?.initdb?.secret?.name;
  if (!name) return undefined;
  const secret = observed.find<V1Secret>(secrets, name, cluster.metadata!.namespace);
  if (!secret) return `Secret "${name}" of bootstrap.initdb not found`;
  const owner = initialDatabase(cluster)!.owner;
  const username = Buffer.from(secret.data?.["username"] ?? "", "base64").toString("utf8");
  if (username !== owner) return `Secret "${name}" is for user "${username}", the owner is "${owner}"`;
  return secret.data?.["password"] ? undefined : `Secret "${name}" has no key password`;
}

function serviceAccountOf(cluster: Cluster): V1ServiceAccount {
  const { namespace, name } = cluster.metadata!;
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace, name, labels: clusterLabels(cluster), ownerReferences: ownedBy(cluster) },
  };
}

function statusOf(cluster: Cluster, observed: Observed, image: string | undefined, problem?: string) {
  const names = instanceNames(cluster);
  const name = cluster.metadata!.name!;
  const pods = names.map((each) => observed.pods.find((pod) => pod.metadata?.name === each));
  const readyPods = pods.filter((pod): pod is V1Pod => pod !== undefined && isReady(pod));
  const healthy = !problem && readyPods.length === names.length && observed.pods.length === names.length;
  const primaryReady = readyPods.some((pod) => pod.metadata!.name === names[0]);
  const condition: Condition = healthy
    ? { type: "Ready", status: "True", reason: "ClusterIsReady", message: "Cluster is Ready" }
    : { type: "Ready", status: "False", reason: "ClusterIsNotReady", message: problem ?? "Cluster Is Not Ready" };
  return {
    phase: healthy ? healthyPhase : primaryReady ? "Creating a new replica" : "Setting up primary",
    phaseReason: problem ?? null,
    image: image ?? null,
    instances: observed.pods.length,
    readyInstances: readyPods.length,
    instanceNames: names,
    latestGeneratedNode: names.length,
    pvcCount: names.length * (cluster.spec.walStorage ? 2 : 1),
    currentPrimary: names[0],
    targetPrimary: names[0],
    instancesStatus: { healthy: readyPods.map((pod) => pod.metadata!.name!) },
    readService: `${name}-r`,
    writeService: `${name}-rw`,
    selector: `cnpg.io/cluster=${name},cnpg.io/podRole=instance`,
    managedRolesStatus: rolesOf(cluster, observed, primaryReady),
    certificates: {
      clientCASecret: `${name}-ca`,
      serverCASecret: serverCaSecret(cluster),
      serverTLSSecret: serverTlsSecret(cluster),
      replicationTLSSecret: `${name}-replication`,
    },
    conditions: withCondition(cluster.status?.conditions, condition, observed.now),
  };
}

/** Roles with a password wait for its Secret. */
function rolesOf(cluster: Cluster, observed: Observed, primaryReady: boolean) {
  const roles = cluster.spec.managed?.roles ?? [];
  if (roles.length === 0 || !primaryReady) return null;
  const waiting = roles.filter(
    ({ passwordSecret }) => passwordSecret && !observed.find(secrets, passwordSecret.name, cluster.metadata!.namespace),
  );
  const reconciled = roles.filter((role) => !waiting.includes(role)).map(({ name }) => name);
  return {
    byStatus: {
      ...(reconciled.length > 0 ? { reconciled } : {}),
      ...(waiting.length > 0 ? { "pending-reconciliation": waiting.map(({ name }) => name) } : {}),
      reserved: ["postgres", "streaming_replica"],
    },
    cannotReconcile:
      waiting.length > 0
        ? Object.fromEntries(
            waiting.map(({ name, passwordSecret }) => [name, [`Secret "${passwordSecret!.name}" not found`]]),
          )
        : null,
  };
}
