import type { V1PersistentVolume, V1PersistentVolumeClaim, V1StorageClass } from "@kubernetes/client-node";
import type { Context } from "../runtime/context";
import { volumeFor, volumeName } from "./claims";
import { reachableDriver, startDriverOnNodes } from "./node-driver";
import { ProvisioningError, startProvisioner } from "./provisioner";

const driver = "nfs.csi.k8s.io";
const driverImage = /(^|\/)nfsplugin[:@]/;
const provisionerImage = /(^|\/)csi-provisioner[:@]/;

/** A directory on the server, named by the class's `subDir` or after the volume. */
export function nfsVolume(claim: V1PersistentVolumeClaim, storageClass: V1StorageClass): V1PersistentVolume {
  const { server, share, subDir } = storageClass.parameters ?? {};
  if (!server || !share) {
    const missing = server ? "share" : "server";
    throw new ProvisioningError(`rpc error: code = InvalidArgument desc = ${missing} is a required parameter`);
  }
  const name = volumeName(claim);
  const directory = (subDir ?? name)
    .replaceAll("${pvc.metadata.name}", claim.metadata!.name!)
    .replaceAll("${pvc.metadata.namespace}", claim.metadata!.namespace!)
    .replaceAll("${pv.metadata.name}", name);
  return volumeFor({
    claim,
    storageClass,
    provisioner: driver,
    capacity: claim.spec!.resources!.requests!["storage"]!,
    source: {
      csi: {
        driver,
        volumeHandle: `${server}#${share.replace(/^\//, "")}#${directory}#${subDir ? name : ""}#`,
        volumeAttributes: { server, share, subdir: directory },
      },
    },
    finalizer: true,
  });
}

/** Directories on an NFS server, as csi-driver-nfs makes them. The server itself is nobody's business here. */
export function startNfs(context: Context): void {
  startDriverOnNodes(context, reachableDriver(driver, driverImage));
  startProvisioner(context, {
    provisioner: driver,
    images: [provisionerImage, driverImage],
    standsInFor: "csi-driver-nfs: directories on the NFS server",
    provision: async ({ claim, storageClass }) => nfsVolume(claim, storageClass),
    remove: async () => true,
    expand: async (_volume, bytes) => String(bytes),
  });
}
