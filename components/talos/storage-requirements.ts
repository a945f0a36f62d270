import type { Settings } from "../../stacks/settings";

/** A host's directory that the kubelet, which runs in a container of its own on Talos, must see as the host does. */
export interface KubeletMount {
  readonly destination: string;
  readonly source: string;
  readonly type: "bind";
  readonly options: readonly string[];
}

/** What storage needs of every machine. */
export interface StorageRequirements {
  /** System extensions, in the image. */
  readonly extensions: readonly string[];
  /** Directories of the data partition that pods keep volumes in: Talos makes them under /var/mnt. */
  readonly directories: readonly string[];
  readonly kubeletMounts: readonly KubeletMount[];
}

/** Directory that local volumes are made in. */
export const LOCAL_STORAGE_PATH = "/var/mnt/local-path";
const LOCAL_STORAGE_DIRECTORY = "local-path";

/** Where Longhorn keeps replicas, and the sockets and programs that its chart shares with the host. Fixed by the chart. */
export const LONGHORN_PATH = "/var/lib/longhorn";

/** What Longhorn runs on the host itself: the iSCSI initiator, and fstrim and nsenter. */
export const LONGHORN_EXTENSIONS = ["siderolabs/iscsi-tools", "siderolabs/util-linux-tools"] as const;

/**
 * The requirements of what is switched on. They hold for every machine, also for those whose taints keep pods away
 * today: a taint is gone with one command, while an extension takes a new image and a reboot. And one image for each
 * architecture stays one.
 */
export function storageRequirements({ localPath, longhorn }: Settings["storage"]): StorageRequirements {
  return {
    extensions: longhorn.enabled ? LONGHORN_EXTENSIONS : [],
    directories: localPath.enabled ? [LOCAL_STORAGE_DIRECTORY] : [],
    kubeletMounts: longhorn.enabled
      ? [{ destination: LONGHORN_PATH, source: LONGHORN_PATH, type: "bind", options: ["bind", "rshared", "rw"] }]
      : [],
  };
}

/** Extensions of every machine's image beyond those for its platform and GPU. */
export function machineExtensions({ storage, talos }: Pick<Settings, "storage" | "talos">): string[] {
  return [...talos.extensions, ...storageRequirements(storage).extensions];
}
