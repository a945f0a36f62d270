import type { V1Node, V1PersistentVolume } from "@kubernetes/client-node";
import { openSession, type Session, withAuthentication } from "../cloud-controller/session";
import type { CloudVolume } from "../hetzner/client";
import type { Context } from "../runtime/context";
import { startAttacher } from "./attacher";
import { bytesOf, gibibytes, nodeLabel, volumeFor, volumeName } from "./claims";
import { driver, hcloudOnNodes, locationLabel, startDriverOnNodes } from "./node-driver";
import { ProvisioningError, startProvisioner } from "./provisioner";

/** The provisioner runs in the controller's pod only: the driver's own image is on every node. */
const controllerImage = /(^|\/)csi-provisioner[:@]/;
/** Other drivers bring the same provisioner. */
const driverImage = /(^|\/)hcloud-csi-driver[:@]/;
const smallestGib = 10;
const largestGib = 10_240;

/** Hetzner sells nothing smaller than 10 GiB and nothing larger than 10 TiB. */
export function sizeFor(request: string): number {
  const size = Math.max(smallestGib, gibibytes(bytesOf(request)));
  if (size > largestGib) throw new ProvisioningError(`${request} is more than a volume can hold (${largestGib} GiB)`);
  return size;
}

/** Hetzner Cloud volumes, as the hcloud-csi driver makes, attaches, grows and removes them. */
export function startHcloudVolumes(context: Context): void {
  const session = (): Session => {
    const open = openSession(context, controllerImage);
    if (!open) throw new Error("the CSI controller's pod has no HCLOUD_TOKEN: its Secret or the key is missing");
    return open;
  };
  const call = async <T>(work: (open: Session) => Promise<T>): Promise<T | undefined> => {
    const open = session();
    return withAuthentication(context, open, driver, () => work(open));
  };

  startDriverOnNodes(context, hcloudOnNodes);
  startAttacher(context, controllerImage, session);
  startProvisioner(context, {
    provisioner: driver,
    images: [controllerImage, driverImage],
    standsInFor: "hcloud-csi: volumes",
    provision: ({ claim, storageClass, node }) =>
      call(async ({ cloud }) => {
        const location = locationFor(
          node,
          context.store<V1Node>({ apiVersion: "v1", kind: "Node", plural: "nodes" }).list(),
        );
        const size = sizeFor(claim.spec?.resources?.requests?.["storage"] ?? "0");
        const name = volumeName(claim);
        // A crash between the two calls must not make, and bill, a second one.
        const existing = (await cloud.list<CloudVolume>("volumes", { name }))[0];
        const volume =
          existing ??
          (
            await cloud.change<{ volume: CloudVolume }>("POST", "/volumes", {
              name,
              size,
              location,
              labels: { "managed-by": "csi-driver" },
            })
          ).volume;
        return volumeFor({
          claim,
          storageClass,
          provisioner: driver,
          capacity: `${volume.size}Gi`,
          reachableFrom: { label: locationLabel, value: volume.location.name },
          source: {
            csi: {
              driver,
              volumeHandle: String(volume.id),
              fsType: storageClass.parameters?.["csi.storage.k8s.io/fstype"] ?? "ext4",
            },
          },
          finalizer: true,
        });
      }),
    remove: async (volume) =>
      (await call(async ({ cloud }) => {
        const path = `/volumes/${volume.spec!.csi!.volumeHandle}`;
        const found = await cloud.get<{ volume: CloudVolume }>(path);
        if (found?.volume.server) return false;
        await cloud.remove(path);
        return true;
      })) ?? false,
    expandsOnNode: true,
    expand: (volume: V1PersistentVolume, bytes: bigint) =>
      call(async ({ cloud }) => {
        const size = gibibytes(bytes);
        await cloud.change("POST", `/volumes/${volume.spec!.csi!.volumeHandle}/actions/resize`, { size });
        return `${size}Gi`;
      }),
  });
}

function locationFor(node: V1Node | undefined, nodes: readonly V1Node[]): string {
  if (node) {
    const location = nodeLabel(node, locationLabel);
    if (location) return location;
    throw new ProvisioningError(
      `error generating accessibility requirements: no topology key found on CSINode ${node.metadata?.name}`,
    );
  }
  const [location] = nodes
    .map((each) => nodeLabel(each, locationLabel))
    .filter((each) => each !== undefined)
    .sort();
  if (location) return location;
  throw new ProvisioningError("error generating accessibility requirements: no node runs the driver yet");
}
