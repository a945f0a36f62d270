import type * as pulumi from "@pulumi/pulumi";

/** What becomes of a volume when its claim is deleted. */
export type ReclaimPolicy = "Retain" | "Delete";

/** Marks the class of claims that name none. */
export const DEFAULT_CLASS_ANNOTATION = "storageclass.kubernetes.io/is-default-class";

/**
 * Kubernetes refuses every change of these fields, and the provider does not know all of them: the class is made anew.
 * Claims and volumes that are there stay as they are.
 */
export const storageClassOptions: pulumi.CustomResourceOptions = {
  replaceOnChanges: ["reclaimPolicy", "volumeBindingMode", "allowedTopologies", "provisioner", "parameters"],
  deleteBeforeReplace: true,
};

/** Names of the StorageClasses that the environment has. */
export interface StorageClasses {
  /** The nodes' own disks: fast, gone with the node. For software that replicates itself. */
  readonly local?: string;
  /** Replicated over nodes by the cluster. */
  readonly replicated?: string;
  /** Hetzner Cloud volumes: survive the node, 16 for each server, cloud servers only. */
  readonly cloud?: string;
}

/**
 * The class for data that must survive its node: replicated, else cloud volumes, else (a small environment that has
 * switched those off) the node's own disk.
 */
export function durableClass(classes: StorageClasses): string {
  const found = classes.replicated ?? classes.cloud ?? classes.local;
  if (found === undefined) {
    throw new Error(
      "No storage for stateful services: orrery:storage has every StorageClass switched off. " +
        "Set storage.hcloudVolumes.enabled or storage.localPath.enabled to true.",
    );
  }
  return found;
}
