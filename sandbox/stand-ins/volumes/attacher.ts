import type { V1Node, V1PersistentVolume, V1VolumeAttachment } from "@kubernetes/client-node";
import { providerServerId } from "../cloud-controller/nodes";
import { type Session, withAuthentication } from "../cloud-controller/session";
import type { CloudVolume } from "../hetzner/client";
import type { Context } from "../runtime/context";
import { keyOf } from "../runtime/controller";
import { attachments, nodes, volumes } from "../runtime/kinds";
import { driver } from "./node-driver";

const finalizer = "external-attacher/csi-hetzner-cloud";

export type AttachmentDecision =
  | { do: "nothing" }
  | { do: "attach"; volumeHandle: string; serverId: number }
  | { do: "detach"; volumeHandle?: string };

export function decideAttachment(
  attachment: V1VolumeAttachment,
  volume: V1PersistentVolume | undefined,
  node: V1Node | undefined,
): AttachmentDecision {
  if (attachment.spec.attacher !== driver) return { do: "nothing" };
  const volumeHandle = volume?.spec?.csi?.volumeHandle;
  if (attachment.metadata?.deletionTimestamp) {
    return attachment.metadata.finalizers?.includes(finalizer) ? { do: "detach", volumeHandle } : { do: "nothing" };
  }
  const serverId = node && providerServerId(node);
  if (attachment.status?.attached || volumeHandle === undefined || serverId === undefined) return { do: "nothing" };
  return { do: "attach", volumeHandle, serverId };
}

/** Kubernetes says which volume goes to which node; the account has to follow. */
export function startAttacher(context: Context, image: RegExp, session: () => Session): void {
  const store = context.store<V1VolumeAttachment>(attachments);
  const volumeStore = context.store<V1PersistentVolume>(volumes);
  const nodeStore = context.store<V1Node>(nodes);
  const isReady = (): boolean => context.workload(image).length > 0;

  const setFinalizers = (attachment: V1VolumeAttachment, finalizers: string[]): Promise<unknown> => {
    const { name, resourceVersion } = attachment.metadata!;
    return context.cluster.merge({
      apiVersion: attachments.apiVersion,
      kind: attachments.kind,
      metadata: { name, finalizers, resourceVersion },
    });
  };

  const reconcile = async (name: string): Promise<undefined> => {
    const attachment = store.get(name);
    if (!attachment || !isReady()) return;
    const volume = volumeStore.get(attachment.spec.source.persistentVolumeName ?? "");
    const decision = decideAttachment(attachment, volume, nodeStore.get(attachment.spec.nodeName));
    if (decision.do === "nothing") return;
    const open = session();
    await withAuthentication(context, open, driver, async () => {
      const others = (attachment.metadata!.finalizers ?? []).filter((each) => each !== finalizer);
      const path = `/volumes/${decision.volumeHandle}`;
      const server = decision.volumeHandle && (await open.cloud.get<{ volume: CloudVolume }>(path))?.volume.server;
      if (decision.do === "detach") {
        if (server) await open.cloud.change("POST", `${path}/actions/detach`);
        await setFinalizers(attachment, others);
        return;
      }
      // The finalizer first: a crash in between must not leave a volume attached that nobody detaches.
      if (!attachment.metadata!.finalizers?.includes(finalizer))
        await setFinalizers(attachment, [...others, finalizer]);
      if (server && server !== decision.serverId)
        throw new Error(`volume ${decision.volumeHandle} is attached to server ${server}`);
      if (!server) {
        await open.cloud.change("POST", `${path}/actions/attach`, { server: decision.serverId, automount: false });
      }
      await context.cluster.patchAttachmentStatus(name, { attached: true });
    });
  };

  context
    .controller({ name: driver, keys: () => store.list().map(keyOf), reconcile })
    .watch(store, (attachment) => [keyOf(attachment)])
    .watch(volumeStore, () => "all");
}
