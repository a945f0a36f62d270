import type { V1ConfigMap, V1Deployment, V1Secret } from "@kubernetes/client-node";
import { deployments, secrets } from "../../runtime/kinds";
import { type Condition, type Desired, handler, type Observed, ownedBy, withCondition } from "../types";
import { deploymentName, deploymentsOf, serviceOf } from "./pods";
import { appLabels, type Milvus, milvusKind, partsOf } from "./types";

export const milvusHandler = handler<Milvus>({ kind: milvusKind, uses: [deployments], desired: desiredMilvus });

export function desiredMilvus(milvus: Milvus, observed: Observed): Desired {
  return {
    objects: [configMapOf(milvus), ...deploymentsOf(milvus), serviceOf(milvus)],
    status: statusOf(milvus, observed),
  };
}

/** What differs from the image's configuration, merged into it when a pod starts. */
function configMapOf(milvus: Milvus): V1ConfigMap {
  const { namespace, name } = milvus.metadata!;
  const { dependencies = {}, config = {} } = milvus.spec;
  const merged = {
    ...config,
    etcd: { rootPath: name, ...(config["etcd"] as object), endpoints: dependencies.etcd?.endpoints },
    mq: { type: dependencies.msgStreamType },
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace, name, labels: appLabels(milvus), ownerReferences: ownedBy(milvus) },
    // YAML is a superset of JSON.
    data: { "user.yaml": JSON.stringify(merged) },
  };
}

function statusOf(milvus: Milvus, observed: Observed) {
  const ready = readyCondition(milvus, observed);
  const healthy = ready.status === "True";
  const before = milvus.status?.status;
  const conditions = [
    etcdCondition(milvus),
    storageCondition(milvus, observed),
    condition("MsgStreamReady", true, "MsgStreamReady"),
    ready,
    condition("MilvusUpdated", healthy, healthy ? "MilvusComponentsUpdated" : "MilvusComponentsUpdating"),
  ];
  return {
    status: healthy ? "Healthy" : before === "Healthy" || before === "Unhealthy" ? "Unhealthy" : "Pending",
    endpoint: `${milvus.metadata!.name}-milvus.${milvus.metadata!.namespace}:19530`,
    observedGeneration: milvus.metadata!.generation,
    conditions: conditions.reduce<Condition[]>(
      (all, next) => withCondition(all, next, observed.now),
      milvus.status?.conditions ?? [],
    ),
  };
}

function condition(type: string, good: boolean, reason: string, message = ""): Condition {
  return { type, status: good ? "True" : "False", reason, message };
}

/** Milvus does not start without etcd and its bucket: the operator says which of them it is, the pods only that they fail. */
function readyCondition(milvus: Milvus, observed: Observed): Condition {
  const missing = [etcdCondition(milvus), storageCondition(milvus, observed)].filter(({ status }) => status !== "True");
  const waiting = partsOf(milvus).filter((part) => !isAvailable(milvus, part, observed));
  if (missing.length === 0 && waiting.length === 0) {
    return condition("MilvusReady", true, "ReasonMilvusHealthy", "All Milvus components are healthy");
  }
  const detail = missing.map(({ type, message }) => `dep[${type}]: ${message}`).join("; ");
  return condition("MilvusReady", false, "MilvusComponentNotHealthy", `[${waiting}] not ready, detail: ${detail}`);
}

function isAvailable(milvus: Milvus, part: Parameters<typeof deploymentName>[1], observed: Observed): boolean {
  const deployment = observed.find<V1Deployment>(deployments, deploymentName(milvus, part), milvus.metadata!.namespace);
  const wanted = deployment?.spec?.replicas ?? 1;
  const current = (deployment?.status?.observedGeneration ?? 0) >= (deployment?.metadata?.generation ?? 1);
  return current && wanted > 0 && (deployment?.status?.readyReplicas ?? 0) >= wanted;
}

function etcdCondition({ spec }: Milvus): Condition {
  const { external, endpoints = [] } = spec.dependencies?.etcd ?? {};
  return external === true && endpoints.length > 0
    ? condition("EtcdReady", true, "EtcdReady", "Etcd endpoints is healthy")
    : condition(
        "EtcdReady",
        false,
        "EtcdNotReady",
        "All etcd endpoints are unhealthy: only an external one is known here",
      );
}

function storageCondition({ metadata, spec }: Milvus, { find }: Observed): Condition {
  const refused = (message: string) => condition("StorageReady", false, "SecretNotExist", message);
  const { external, endpoint, secretRef = "", ssl } = spec.dependencies?.storage ?? {};
  if (external !== true || !endpoint) return refused("only an external store is known here");
  const secret = find<V1Secret>(secrets, secretRef, metadata!.namespace);
  if (!secret) return refused("Secret not exist");
  if (!secret.data?.["accesskey"] || !secret.data["secretkey"]) {
    return refused("accesskey or secretkey not exist in secret");
  }
  const authority = ssl?.enabled && ssl.caCertificateRef;
  if (authority && !find<V1Secret>(secrets, authority, metadata!.namespace)?.data?.["ca.crt"]) {
    return refused("SSL CA certificate secret not exist");
  }
  return condition("StorageReady", true, "StorageReady");
}
