import type {
  V1ConfigMap,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1StorageClass,
} from "@kubernetes/client-node";
import type { Context } from "../runtime/context";
import { nodeLabel, volumeFor, volumeName } from "./claims";
import { ProvisioningError, startProvisioner } from "./provisioner";

const provisioner = "rancher.io/local-path";
const image = /(^|\/)local-path-provisioner[:@]/;
const hostnameLabel = "kubernetes.io/hostname";
const defaultPath = "/opt/local-path-provisioner";
const anyNode = "DEFAULT_PATH_FOR_NON_LISTED_NODES";

/** Directory on the node that the provisioner's config.json names; undefined when the node is not to be used. */
export function directoryFor(config: string | undefined, nodeName: string): string | undefined {
  if (config === undefined) return defaultPath;
  const { nodePathMap = [] } = JSON.parse(config) as { nodePathMap?: { node: string; paths: string[] }[] };
  const entry = nodePathMap.find(({ node }) => node === nodeName) ?? nodePathMap.find(({ node }) => node === anyNode);
  return entry?.paths[0];
}

export function localVolume(
  claim: V1PersistentVolumeClaim,
  storageClass: V1StorageClass,
  node: V1Node,
  directory: string,
): V1PersistentVolume {
  const { namespace, name, annotations } = claim.metadata!;
  const path = `${directory}/${volumeName(claim)}_${namespace}_${name}`;
  const type = annotations?.["volumeType"] ?? storageClass.metadata?.annotations?.["defaultVolumeType"] ?? "hostPath";
  return volumeFor({
    claim,
    storageClass,
    provisioner,
    capacity: claim.spec!.resources!.requests!["storage"]!,
    reachableFrom: { label: hostnameLabel, value: nodeLabel(node, hostnameLabel) ?? node.metadata!.name! },
    source: type.toLowerCase() === "local" ? { local: { path } } : { hostPath: { path, type: "DirectoryOrCreate" } },
    finalizer: false,
    annotations: { "local.path.provisioner/selected-node": node.metadata!.name! },
  });
}

/** Directories on the nodes' own disks, as rancher/local-path-provisioner makes them. */
export function startLocalPath(context: Context): void {
  startProvisioner(context, {
    provisioner,
    images: [image],
    standsInFor: "local-path-provisioner: volumes on the nodes' disks",
    provision: async ({ claim, storageClass, node }) => {
      if (!node) throw new ProvisioningError("configuration error, no node was specified");
      const namespace = context.workload(image)[0]?.metadata?.namespace ?? "local-path-storage";
      const config = await context.cluster.read<V1ConfigMap>({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace, name: "local-path-config" },
      });
      const directory = directoryFor(config?.data?.["config.json"], node.metadata!.name!);
      if (!directory) throw new ProvisioningError(`config doesn't contain node ${node.metadata!.name}, and no default`);
      return localVolume(claim, storageClass, node, directory);
    },
    remove: async () => true,
  });
}
