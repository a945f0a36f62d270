import type {
  KubernetesObject,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1StorageClass,
} from "@kubernetes/client-node";
import type { Context } from "../runtime/context";
import { keyOf, splitKey } from "../runtime/controller";
import { claims, nodes, pods, storageClasses, volumes } from "../runtime/kinds";
import { runsImage } from "../runtime/presence";
import {
  bytesOf,
  claimKeys,
  decideClaim,
  isMounted,
  isResizePending,
  mustDelete,
  resizePending,
  withoutDeletionFinalizer,
} from "./claims";

/** What is particular to one kind of storage. */
export interface Backend {
  /** As in StorageClass.provisioner. */
  provisioner: string;
  /** Images that the pods of the workload have which is stood in for, all of them in one pod. */
  images: readonly RegExp[];
  standsInFor: string;
  /** Makes the storage and says how the cluster sees it. Throws a ProvisioningError for the claim's events. */
  provision(request: {
    claim: V1PersistentVolumeClaim;
    storageClass: V1StorageClass;
    node: V1Node | undefined;
  }): Promise<V1PersistentVolume | undefined>;
  /** False: not yet, e.g. it is still attached. */
  remove(volume: V1PersistentVolume): Promise<boolean>;
  /** New capacity, or undefined where the storage cannot grow. */
  expand?(volume: V1PersistentVolume, bytes: bigint): Promise<string | undefined>;
  /** The file system grows on the node: only while a pod has the volume mounted. @default false */
  expandsOnNode?: boolean;
}

export class ProvisioningError extends Error {}

const retryDeleteMs = 1_000;

/** The common part of external provisioners: claims in, volumes out, and the way back. */
export function startProvisioner(context: Context, backend: Backend): void {
  const claimStore = context.store<V1PersistentVolumeClaim>(claims);
  const volumeStore = context.store<V1PersistentVolume>(volumes);
  const classStore = context.store<V1StorageClass>(storageClasses);
  const nodeStore = context.store<V1Node>(nodes);
  const podStore = context.store<V1Pod>(pods);
  const runs = (pod: V1Pod): boolean => backend.images.every((image) => runsImage(pod, image));
  const isReady = (): boolean => context.workload(backend.images[0]!).some(runs);

  const classOf = (claim: V1PersistentVolumeClaim): V1StorageClass | undefined =>
    claim.spec?.storageClassName ? classStore.get(claim.spec.storageClassName) : undefined;

  const reconcileClaim = async (key: string): Promise<undefined> => {
    const [namespace, name] = splitKey(key);
    const claim = claimStore.get(name, namespace);
    if (!claim || !isReady()) return;
    const storageClass = classOf(claim);
    const decision = decideClaim(claim, storageClass, backend.provisioner);
    if (decision.do === "provision") {
      await provision(claim, storageClass!, decision.nodeName);
    } else if (decision.do === "expand") {
      await expand(claim, volumeStore.get(decision.volumeName), decision.bytes);
    }
  };

  const expand = async (claim: V1PersistentVolumeClaim, volume: V1PersistentVolume | undefined, bytes: bigint) => {
    const { name, namespace } = claim.metadata!;
    const has = volume?.spec?.capacity?.["storage"] ?? "0";
    // Once: a second call would ask for a growth that has been.
    const storage = bytesOf(has) >= bytes ? has : volume && (await backend.expand?.(volume, bytes));
    if (!volume || !storage) return;
    if (storage !== has) {
      const grown: V1PersistentVolume = { spec: { capacity: { storage } } };
      const metadata = { name: volume.metadata!.name };
      await context.cluster.merge({ apiVersion: "v1", kind: "PersistentVolume", metadata, ...grown });
    }
    if (backend.expandsOnNode && !isMounted(claim, podStore.list())) {
      if (!isResizePending(claim))
        await context.cluster.patchClaimStatus(namespace!, name!, { conditions: [resizePending()] });
      return;
    }
    await context.cluster.patchClaimStatus(namespace!, name!, { capacity: { storage }, conditions: null });
  };

  const provision = async (claim: V1PersistentVolumeClaim, storageClass: V1StorageClass, nodeName?: string) => {
    const about: KubernetesObject = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: claim.metadata };
    try {
      const node = nodeName === undefined ? undefined : nodeStore.get(nodeName);
      const volume = await backend.provision({ claim, storageClass, node });
      if (!volume) return;
      await context.cluster.create(volume);
      context.standsInFor(backend.standsInFor);
      const message = `Successfully provisioned volume ${volume.metadata!.name}`;
      await context.cluster.event(about, "ProvisioningSucceeded", message, "Normal", backend.provisioner);
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      const message = `failed to provision volume with StorageClass "${storageClass.metadata?.name}": ${error.message}`;
      await context.cluster.event(about, "ProvisioningFailed", message, "Warning", backend.provisioner);
      throw error;
    }
  };

  const reconcileVolume = async (name: string): Promise<number | undefined> => {
    const volume = volumeStore.get(name);
    if (!volume || !isReady() || !mustDelete(volume, backend.provisioner)) return undefined;
    if (!(await backend.remove(volume))) return retryDeleteMs;
    await context.cluster.delete({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name } });
    const finalizers = withoutDeletionFinalizer(volume);
    if (finalizers.length === volume.metadata!.finalizers?.length) return undefined;
    const left = await context.cluster.read<V1PersistentVolume>({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
    });
    if (!left) return undefined;
    await context.cluster.merge({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name, finalizers: withoutDeletionFinalizer(left), resourceVersion: left.metadata!.resourceVersion },
    });
    return undefined;
  };

  context
    .controller({
      name: backend.provisioner,
      keys: () => (isReady() ? claimStore.list().map(keyOf) : []),
      reconcile: reconcileClaim,
    })
    .watch(claimStore, (claim) => [keyOf(claim)])
    .watch(classStore, () => "all")
    .watch(nodeStore, () => "all")
    .watch(podStore, (pod) => (runs(pod) ? "all" : backend.expandsOnNode ? claimKeys(pod) : []));
  context
    .controller({
      name: backend.provisioner,
      keys: () => (isReady() ? volumeStore.list().map(keyOf) : []),
      reconcile: reconcileVolume,
    })
    .watch(volumeStore, (volume) => [keyOf(volume)])
    .watch(podStore, (pod) => (runs(pod) ? "all" : []));
}
