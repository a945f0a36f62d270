import type {
  KubernetesObject,
  V1ConfigMap,
  V1DaemonSet,
  V1Deployment,
  V1Node,
  V1OwnerReference,
  V1Pod,
  V1VolumeAttachment,
} from "@kubernetes/client-node";
import type { Kind } from "../runtime/cluster";
import type { Context } from "../runtime/context";
import { keyOf } from "../runtime/controller";
import { attachments, deployments, nodes, pods } from "../runtime/kinds";
import { isReady, runsImage } from "../runtime/presence";
import { volumeFor } from "../volumes/claims";
import { reachableDriver, startDriverOnNodes } from "../volumes/node-driver";
import { ProvisioningError, startProvisioner } from "../volumes/provisioner";
import { driverObjects, longhornDriver } from "./driver";
import {
  crashed,
  failedCheck,
  hasCrashed,
  instanceManager,
  longhornNode,
  longhornNodeStatus,
  longhornNodes,
} from "./nodes";
import { type LonghornSettings, settingsFrom } from "./settings";

const managerImage = /(^|\/)longhorn-manager[:@]/;
const daemonSets: Kind = { apiVersion: "apps/v1", kind: "DaemonSet", plural: "daemonsets" };
const component = "longhorn-manager";

const isManager = (pod: V1Pod): boolean => runsImage(pod, managerImage) && pod.metadata?.labels?.["app"] === component;
const isDeployer = (pod: V1Pod): boolean =>
  runsImage(pod, managerImage) && pod.metadata?.labels?.["app"] === "longhorn-driver-deployer";

/** Longhorn: what its managers and its driver deployer put into the cluster, and its volumes. */
export function startLonghorn(context: Context): void {
  startManagers(context);
  startDeployer(context);
  startDriverOnNodes(context, reachableDriver(longhornDriver, managerImage));
  startAttaching(context);
  startProvisioner(context, {
    provisioner: longhornDriver,
    images: [/longhornio\/csi-provisioner[:@]/],
    standsInFor: "longhorn: volumes on the nodes' disks",
    provision: async ({ claim, storageClass }) => {
      if (!context.workload(managerImage).some(isManager)) {
        throw new ProvisioningError("rpc error: code = Internal desc = failed to create volume: no node is ready");
      }
      const { numberOfReplicas = "3", staleReplicaTimeout = "2880" } = storageClass.parameters ?? {};
      return volumeFor({
        claim,
        storageClass,
        provisioner: longhornDriver,
        capacity: claim.spec!.resources!.requests!["storage"]!,
        source: {
          csi: {
            driver: longhornDriver,
            volumeHandle: `pvc-${claim.metadata!.uid}`,
            fsType: storageClass.parameters?.["fsType"] ?? "ext4",
            volumeAttributes: { numberOfReplicas, staleReplicaTimeout },
          },
        },
        finalizer: true,
      });
    },
    remove: async () => true,
    expandsOnNode: true,
    expand: async (_volume, bytes) => String(bytes),
  });
}

/** A manager on each node: it checks the machine, then takes it in and starts the node's instance manager. */
function startManagers(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const podStore = context.store<V1Pod>(pods);
  const settled = new Set<string>();

  const reconcile = async (name: string): Promise<undefined> => {
    const node = nodeStore.get(name);
    const manager = podStore.list().find((pod) => isManager(pod) && pod.spec?.nodeName === name);
    if (!node || !manager || settled.has(manager.metadata!.uid!)) return;
    const problem = failedCheck(node);
    if (problem === undefined && isReady(manager)) {
      await takeIn(context, node, manager);
      settled.add(manager.metadata!.uid!);
    } else if (problem === undefined && hasCrashed(manager)) {
      // The machine can by now: the container starts again.
      await context.cluster.delete({ apiVersion: "v1", kind: "Pod", metadata: manager.metadata });
    } else if (problem !== undefined && isReady(manager)) {
      await context.cluster.patchPodStatus(manager, crashed(manager, problem, new Date()));
      const about = { apiVersion: "v1", kind: "Pod", metadata: manager.metadata };
      await context.cluster.event(about, "BackOff", problem, "Warning", "kubelet");
    }
  };

  context
    .controller({ name: component, keys: () => nodeStore.list().map(keyOf), reconcile })
    .watch(nodeStore, (node) => [keyOf(node)])
    .watch(podStore, (pod) => (isManager(pod) && pod.spec?.nodeName ? [pod.spec.nodeName] : []));
}

async function takeIn(context: Context, node: V1Node, manager: V1Pod): Promise<void> {
  const namespace = manager.metadata!.namespace!;
  const owner = await ownerOf<V1DaemonSet>(context, daemonSets, component, namespace);
  if (owner === undefined) return;
  const settings = await readSettings(context, namespace);
  const object = longhornNode(node, namespace, owner);
  await context.cluster.create(object);
  await context.cluster.patchStatus(longhornNodes, object, longhornNodeStatus(node));
  await context.cluster.create(instanceManager(node, manager, settings, owner));
  context.standsInFor("longhorn: its agents on the nodes");
}

/** Makes the driver's workloads while the deployer runs; the CSIDriver belongs to no namespace and goes by hand. */
function startDeployer(context: Context): void {
  const podStore = context.store<V1Pod>(pods);
  const deploymentStore = context.store<V1Deployment>(deployments);
  const nodeStore = context.store<V1Node>(nodes);
  /** The deployer waits for a manager that answers. */
  const managed = (): boolean =>
    podStore.list().some((pod) => {
      const node = nodeStore.get(pod.spec?.nodeName ?? "");
      return isManager(pod) && isReady(pod) && node !== undefined && failedCheck(node) === undefined;
    });
  let made = false;

  context
    .controller({
      name: "longhorn-driver-deployer",
      keys: () => ["driver"],
      reconcile: async () => {
        const deployer = podStore.list().find((pod) => isDeployer(pod) && isReady(pod));
        const namespace = deployer?.metadata?.namespace;
        const owner = namespace && (await ownerOf(context, deployments, "longhorn-driver-deployer", namespace));
        if (deployer && namespace && owner && managed()) {
          const settings = await readSettings(context, namespace);
          for (const object of driverObjects(deployer, settings, owner)) {
            await context.cluster.apply(object, "longhorn-driver-deployer");
          }
          made = true;
        } else if (made && !podStore.list().some(isDeployer)) {
          const metadata = { name: longhornDriver };
          await context.cluster.delete({ apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata });
          made = false;
        }
        return undefined;
      },
    })
    .watch(podStore, (pod) => (isDeployer(pod) || isManager(pod) ? "all" : []))
    .watch(deploymentStore, ({ metadata }) => (metadata?.name === "longhorn-driver-deployer" ? "all" : []));
}

/** Any node can attach any volume. */
function startAttaching(context: Context): void {
  const store = context.store<V1VolumeAttachment>(attachments);
  context
    .controller({
      name: longhornDriver,
      keys: () => store.list().map(keyOf),
      reconcile: async (name) => {
        const attachment = store.get(name);
        const wanted = attachment?.spec.attacher === longhornDriver && !attachment.metadata?.deletionTimestamp;
        if (!wanted || attachment.status?.attached) return undefined;
        await context.cluster.patchAttachmentStatus(name, { attached: true });
        return undefined;
      },
    })
    .watch(store, (attachment) => [keyOf(attachment)]);
}

async function readSettings(context: Context, namespace: string): Promise<LonghornSettings> {
  const map = await context.cluster.read<V1ConfigMap>({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace, name: "longhorn-default-setting" },
  });
  return settingsFrom(map?.data?.["default-setting.yaml"]);
}

/** What is made goes with the workload that makes it. */
async function ownerOf<T extends KubernetesObject>(
  context: Context,
  { apiVersion, kind }: Kind,
  name: string,
  namespace: string,
): Promise<V1OwnerReference | undefined> {
  const found = await context.cluster.read<T>({ apiVersion, kind, metadata: { name, namespace } } as never);
  return found && { apiVersion, kind, name, uid: found.metadata!.uid! };
}
