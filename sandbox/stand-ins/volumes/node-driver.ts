import type { V1CSINode, V1CSINodeDriver, V1Node, V1Pod } from "@kubernetes/client-node";
import { providerServerId } from "../cloud-controller/nodes";
import type { Context } from "../runtime/context";
import { keyOf } from "../runtime/controller";
import { csiNodes, nodes, pods } from "../runtime/kinds";
import { readyPods, runsImage } from "../runtime/presence";

export const driver = "csi.hetzner.cloud";
export const locationLabel = "csi.hetzner.cloud/location";
/** Hetzner attaches at most 16 volumes to a server; the scheduler counts against it. */
export const volumesPerServer = 16;

const registrar = /(^|\/)csi-node-driver-registrar[:@]/;
const attachAnnotation = "volumes.kubernetes.io/controller-managed-attach-detach";

/** A volume driver's part on the nodes. */
export interface NodeDriver {
  name: string;
  /** Image of the driver's own container, beside the registrar's. */
  image: RegExp;
  /** What the driver says of itself on a node, and the labels that the node gets; undefined when it is not to be there. */
  registered(node: V1Node): { driver: V1CSINodeDriver; labels: Record<string, string> } | undefined;
}

/** What the driver says of itself on this node; undefined until the cloud controller has given the node its server. */
export function driverOn(node: V1Node): V1CSINodeDriver | undefined {
  const id = providerServerId(node);
  if (id === undefined) return undefined;
  return {
    name: driver,
    nodeID: String(id),
    topologyKeys: [locationLabel],
    allocatable: { count: volumesPerServer },
  };
}

export const hcloudOnNodes: NodeDriver = {
  name: driver,
  image: /(^|\/)hcloud-csi-driver[:@]/,
  registered: (node) => {
    const found = driverOn(node);
    const location = node.metadata?.labels?.["topology.kubernetes.io/region"];
    return found && location ? { driver: found, labels: { [locationLabel]: location } } : undefined;
  },
};

/** A driver whose volumes every node can reach, and as many of them as there are. */
export function reachableDriver(name: string, image: RegExp): NodeDriver {
  return {
    name,
    image,
    registered: (node) => ({ driver: { name, nodeID: node.metadata!.name! }, labels: {} }),
  };
}

/** The kubelet's part: where the driver's pod runs, the node gets its CSINode entry and its topology label. */
export function startDriverOnNodes(context: Context, nodeDriver: NodeDriver): void {
  const nodeStore = context.store<V1Node>(nodes);
  const csiStore = context.store<V1CSINode>(csiNodes);
  const podStore = context.store<V1Pod>(pods);
  const isDriver = (pod: V1Pod): boolean => runsImage(pod, nodeDriver.image) && runsImage(pod, registrar);

  const reconcile = async (name: string): Promise<undefined> => {
    const node = nodeStore.get(name);
    const registered = node && nodeDriver.registered(node);
    const runs = readyPods(podStore.list(), registrar).some((pod) => isDriver(pod) && pod.spec?.nodeName === name);
    if (!node || !registered || !runs) return;
    await label(context, node, registered.labels);
    await register(context, node, csiStore.get(name), registered.driver);
  };

  context
    .controller({ name: nodeDriver.name, keys: () => nodeStore.list().map(keyOf), reconcile })
    .watch(nodeStore, (node) => [keyOf(node)])
    .watch(csiStore, (csiNode) => [keyOf(csiNode)])
    .watch(podStore, (pod) => (isDriver(pod) && pod.spec?.nodeName ? [pod.spec.nodeName] : []));
}

async function label({ cluster }: Context, node: V1Node, labels: Record<string, string>): Promise<void> {
  const { name, labels: have, annotations } = node.metadata!;
  const holds = Object.entries(labels).every(([key, value]) => have?.[key] === value);
  if (holds && annotations?.[attachAnnotation]) return;
  await cluster.merge({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, annotations: { [attachAnnotation]: "true" } },
  });
}

async function register(
  { cluster }: Context,
  node: V1Node,
  csiNode: V1CSINode | undefined,
  entry: V1CSINodeDriver,
): Promise<void> {
  const others = csiNode?.spec.drivers.filter((each) => each.name !== entry.name) ?? [];
  const have = csiNode?.spec.drivers.find((each) => each.name === entry.name);
  if (have?.nodeID === entry.nodeID && have.allocatable?.count === entry.allocatable?.count) return;
  const { name, uid } = node.metadata!;
  const wanted: V1CSINode = {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: {
      name,
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: name!, uid: uid! }],
      // Another driver's part may be writing to the same list.
      ...(csiNode && { resourceVersion: csiNode.metadata!.resourceVersion }),
    },
    spec: { drivers: [...others, entry] },
  };
  if (csiNode) await cluster.merge(wanted);
  else await cluster.create(wanted);
}
