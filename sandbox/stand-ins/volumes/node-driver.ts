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

const image = /(^|\/)csi-node-driver-registrar[:@]/;
const attachAnnotation = "volumes.kubernetes.io/controller-managed-attach-detach";

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

/** The kubelet's part: where the driver's pod runs, the node gets its CSINode entry and its topology label. */
export function startDriverOnNodes(context: Context): void {
  const nodeStore = context.store<V1Node>(nodes);
  const csiStore = context.store<V1CSINode>(csiNodes);
  const podStore = context.store<V1Pod>(pods);

  const reconcile = async (name: string): Promise<undefined> => {
    const node = nodeStore.get(name);
    const registered = node && driverOn(node);
    const runs = readyPods(podStore.list(), image).some((pod) => pod.spec?.nodeName === name);
    const location = node?.metadata?.labels?.["topology.kubernetes.io/region"];
    if (!node || !registered || !runs || !location) return;
    if (node.metadata!.labels![locationLabel] !== location || !node.metadata!.annotations?.[attachAnnotation]) {
      await context.cluster.merge({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { [locationLabel]: location }, annotations: { [attachAnnotation]: "true" } },
      });
    }
    const csiNode = csiStore.get(name);
    const others = csiNode?.spec.drivers.filter((each) => each.name !== driver) ?? [];
    const have = csiNode?.spec.drivers.find((each) => each.name === driver);
    if (have?.nodeID === registered.nodeID && have.allocatable?.count === volumesPerServer) return;
    const wanted: V1CSINode = {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: {
        name,
        ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid: node.metadata!.uid! }],
      },
      spec: { drivers: [...others, registered] },
    };
    if (csiNode) await context.cluster.merge(wanted);
    else await context.cluster.create(wanted);
  };

  context
    .controller({ name: driver, keys: () => nodeStore.list().map(keyOf), reconcile })
    .watch(nodeStore, (node) => [keyOf(node)])
    .watch(csiStore, (csiNode) => [keyOf(csiNode)])
    .watch(podStore, (pod) => (runsImage(pod, image) && pod.spec?.nodeName ? [pod.spec.nodeName] : []));
}
