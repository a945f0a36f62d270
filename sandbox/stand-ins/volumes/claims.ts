import type {
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimCondition,
  V1Pod,
  V1StorageClass,
  V1VolumeNodeAffinity,
} from "@kubernetes/client-node";

/** What an external provisioner decides, whichever storage is behind it. */

const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";
const provisionedBy = "pv.kubernetes.io/provisioned-by";
const deletionFinalizer = "external-provisioner.volume.kubernetes.io/finalizer";

export type ClaimDecision =
  | { do: "nothing" }
  | { do: "provision"; nodeName?: string }
  | { do: "expand"; volumeName: string; bytes: bigint };

export function decideClaim(
  claim: V1PersistentVolumeClaim,
  storageClass: V1StorageClass | undefined,
  provisioner: string,
): ClaimDecision {
  if (storageClass?.provisioner !== provisioner || claim.metadata?.deletionTimestamp) return { do: "nothing" };
  if (!claim.spec?.volumeName) {
    const nodeName = claim.metadata?.annotations?.[selectedNodeAnnotation];
    // The scheduler picks the node first; until then there is nothing to make.
    if (storageClass.volumeBindingMode === "WaitForFirstConsumer" && !nodeName) return { do: "nothing" };
    return { do: "provision", nodeName };
  }
  const wanted = bytesOf(claim.spec.resources?.requests?.["storage"] ?? "0");
  const have = bytesOf(claim.status?.capacity?.["storage"] ?? "0");
  if (claim.status?.phase === "Bound" && wanted > have && storageClass.allowVolumeExpansion) {
    return { do: "expand", volumeName: claim.spec.volumeName, bytes: wanted };
  }
  return { do: "nothing" };
}

/** The claims of a pod, as keys of a store. */
export function claimKeys(pod: V1Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim ? [`${pod.metadata?.namespace}/${persistentVolumeClaim.claimName}`] : [],
  );
}

/** Whether a node has the claim's volume mounted: it grows its file system. */
export function isMounted({ metadata }: V1PersistentVolumeClaim, pods: readonly V1Pod[]): boolean {
  const key = `${metadata?.namespace}/${metadata?.name}`;
  return pods.some((pod) => pod.status?.phase === "Running" && claimKeys(pod).includes(key));
}

const resizePendingType = "FileSystemResizePending";

export function isResizePending({ status }: V1PersistentVolumeClaim): boolean {
  return status?.conditions?.some(({ type }) => type === resizePendingType) ?? false;
}

/** What the resizer says of a volume that is larger than its file system. */
export function resizePending(): V1PersistentVolumeClaimCondition {
  return {
    type: resizePendingType,
    status: "True",
    lastTransitionTime: new Date(),
    message: "Waiting for user to (re-)start a pod to finish file system resize of volume on node.",
  };
}

export function mustDelete(volume: V1PersistentVolume, provisioner: string): boolean {
  return (
    volume.metadata?.annotations?.[provisionedBy] === provisioner &&
    volume.spec?.persistentVolumeReclaimPolicy === "Delete" &&
    (volume.status?.phase === "Released" || volume.metadata.deletionTimestamp !== undefined)
  );
}

export interface VolumeParts {
  claim: V1PersistentVolumeClaim;
  storageClass: V1StorageClass;
  provisioner: string;
  capacity: string;
  /** The volume is reachable from nodes with this label only. @default - from everywhere */
  reachableFrom?: { label: string; value: string };
  source: Pick<NonNullable<V1PersistentVolume["spec"]>, "csi" | "hostPath" | "local">;
  /** False for provisioners that delete without one. */
  finalizer: boolean;
  annotations?: Record<string, string>;
}

export function volumeName(claim: V1PersistentVolumeClaim): string {
  return `pvc-${claim.metadata?.uid}`;
}

export function volumeFor(parts: VolumeParts): V1PersistentVolume {
  const { claim, storageClass } = parts;
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeName(claim),
      annotations: { [provisionedBy]: parts.provisioner, ...parts.annotations },
      finalizers: ["kubernetes.io/pv-protection", ...(parts.finalizer ? [deletionFinalizer] : [])],
    },
    spec: {
      accessModes: claim.spec?.accessModes,
      capacity: { storage: parts.capacity },
      claimRef: {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        namespace: claim.metadata?.namespace,
        name: claim.metadata?.name,
        uid: claim.metadata?.uid,
        resourceVersion: claim.metadata?.resourceVersion,
      },
      mountOptions: storageClass.mountOptions,
      ...(parts.reachableFrom && { nodeAffinity: affinityTo(parts.reachableFrom) }),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata?.name,
      volumeMode: claim.spec?.volumeMode ?? "Filesystem",
      ...parts.source,
    },
  };
}

function affinityTo({ label, value }: { label: string; value: string }): V1VolumeNodeAffinity {
  return { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: label, operator: "In", values: [value] }] }] } };
}

export function withoutDeletionFinalizer(volume: V1PersistentVolume): string[] {
  return (volume.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== deletionFinalizer);
}

export function nodeLabel(node: V1Node | undefined, label: string): string | undefined {
  return node?.metadata?.labels?.[label];
}

const units: Record<string, bigint> = {
  "": 1n,
  k: 1000n,
  M: 1000n ** 2n,
  G: 1000n ** 3n,
  T: 1000n ** 4n,
  P: 1000n ** 5n,
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
  Ti: 1024n ** 4n,
  Pi: 1024n ** 5n,
};

/** A Kubernetes quantity of storage, rounded up to whole bytes. */
export function bytesOf(quantity: string): bigint {
  const match = /^(\d+)(?:\.(\d+))?([kMGTP]|[KMGTP]i|)$/.exec(quantity.trim());
  if (!match) throw new Error(`"${quantity}" is not a storage size; write it like 10Gi`);
  const [, whole, fraction = "", unit] = match;
  const scale = 10n ** BigInt(fraction.length);
  const numerator = (BigInt(whole!) * scale + BigInt(fraction || "0")) * units[unit!]!;
  return (numerator + scale - 1n) / scale;
}

/** Whole GiB, rounded up: the unit in which Hetzner sells volumes. */
export function gibibytes(bytes: bigint): number {
  return Number((bytes + units["Gi"]! - 1n) / units["Gi"]!);
}
