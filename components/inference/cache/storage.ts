import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exceptionAnnotations, type Identity, metadata } from "../../kit/labels";
import { claimSpec } from "../../kit/volumes";
import { HCLOUD_PROVISIONER } from "../../platform/cloud-volumes";
import { LOCAL_PATH_PROVISIONER } from "../../platform/local-path";
import { type DurableKind, type StorageClasses, storageClassOptions } from "../../platform/storage";
import { LONGHORN_PROVISIONER } from "../../platform/storage/longhorn";
import type { CacheKind, PlannedCache } from "./plan";

/** Why its volumes are in no backup, and go with their claims. */
const EXCEPTIONS = exceptionAnnotations([
  { rule: "backup", reason: "a cache: models are fetched again, with the same checksums" },
  { rule: "retention", reason: "a cache: models are fetched again, with the same checksums" },
]);

/** What is particular to a kind; as in the classes for data, but for one copy where there are copies. */
const CLASSES = {
  local: { provisioner: LOCAL_PATH_PROVISIONER },
  cloud: {
    provisioner: HCLOUD_PROVISIONER,
    allowedTopologies: [{ matchLabelExpressions: [{ key: "instance.hetzner.cloud/provided-by", values: ["cloud"] }] }],
  },
  replicated: {
    provisioner: LONGHORN_PROVISIONER,
    parameters: {
      numberOfReplicas: "1",
      dataLocality: "best-effort",
      dataEngine: "v1",
      fsType: "ext4",
      staleReplicaTimeout: "30",
    },
  },
} satisfies Record<DurableKind, Partial<k8s.storage.v1.StorageClassArgs> & { provisioner: string }>;

/** The StorageClass of caches on this kind of storage. */
export function cacheClassName(kind: CacheKind, { shared }: Pick<StorageClasses, "shared">): string {
  return kind === "shared" ? (shared ?? "") : `model-cache-${kind}`;
}

/**
 * A StorageClass whose volumes go with their claims, unlike those for data: what is left of a cache would fill the disk
 * of a machine that nobody can log in to, or cost money for ever.
 */
export function createCacheClass(
  kind: DurableKind,
  identity: Identity,
  opts: pulumi.CustomResourceOptions,
): k8s.storage.v1.StorageClass {
  const name = cacheClassName(kind, {});
  return new k8s.storage.v1.StorageClass(
    name,
    {
      metadata: metadata(identity, { name }),
      ...CLASSES[kind],
      // Where the fetch Job's pod was placed.
      volumeBindingMode: "WaitForFirstConsumer",
      reclaimPolicy: "Delete",
    },
    { ...opts, ...storageClassOptions },
  );
}

/**
 * The claim of a cache. That of a machine never changes: a directory on its disk has no size that anybody keeps to, and
 * Kubernetes refuses to make it larger or smaller. That of a CPU service gets another name instead.
 */
export function createCacheClaim(
  { claim, shared, storageGiB }: PlannedCache,
  { identity, namespace, storageClass }: { identity: Identity; namespace: string; storageClass: string },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim {
  const spec = claimSpec({ storageClass, storageGiB });
  return new k8s.core.v1.PersistentVolumeClaim(
    claim,
    {
      metadata: metadata(identity, {
        name: claim,
        namespace,
        annotations: {
          // Nothing is bound before the first pod is there, and the pod comes after the claim.
          "pulumi.com/skipAwait": "true",
          ...EXCEPTIONS,
        },
      }),
      spec: shared ? { ...spec, accessModes: ["ReadWriteMany"] } : spec,
    },
    { ...opts, ignoreChanges: ["spec.accessModes", "spec.storageClassName", "spec.resources"] },
  );
}
