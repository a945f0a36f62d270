import type * as pulumi from "@pulumi/pulumi";

/**
 * A volume outlives its claim, everywhere: what is switched off by mistake, or with an operator that takes its claims
 * along, can be bound again. What goes, and when, is said by storage/data-removal.ts and storage/volumes-removed.ts.
 */
export const RECLAIM_POLICY = "Retain";

/** Marks the class of claims that name none. */
export const DEFAULT_CLASS_ANNOTATION = "storageclass.kubernetes.io/is-default-class";

/**
 * Kubernetes refuses every change of these fields, and the provider does not know all of them: the class is made anew.
 * Claims and volumes that are there stay as they are.
 */
export const storageClassOptions: pulumi.CustomResourceOptions = {
  replaceOnChanges: [
    "reclaimPolicy",
    "volumeBindingMode",
    "allowedTopologies",
    "provisioner",
    "parameters",
    "mountOptions",
  ],
  deleteBeforeReplace: true,
};

/** Where data that must last can be: Hetzner volumes, Longhorn, the node's own disk. */
export type DurableKind = "cloud" | "replicated" | "local";

/** Names of the StorageClasses that the environment has. */
export interface StorageClasses {
  /** The nodes' own disks: fast, gone with the node. For software that replicates itself. */
  readonly local?: string;
  /** Replicated over nodes by the cluster (Longhorn). */
  readonly replicated?: string;
  /** Volumes that many pods on many nodes write to at once: NFS, else Longhorn. */
  readonly shared?: string;
  /** Hetzner Cloud volumes: survive the node, 16 for each server, cloud servers only. */
  readonly cloud?: string;
  /** Which of them stateful services take. @default replicated, else cloud, else local */
  readonly durable?: DurableKind;
}

/** Which kinds are switched on, and which one stateful services shall take. */
export interface StorageChoice {
  readonly localPath: { readonly enabled: boolean };
  readonly hcloudVolumes: { readonly enabled: boolean };
  readonly longhorn?: { readonly enabled: boolean };
  /** @default - replicated, else cloud, else local */
  readonly durable?: DurableKind;
}

/** The kind that stateful services take: the one asked for, else the safest that there is. undefined without any. */
export function durableKind(choice: StorageChoice): DurableKind | undefined {
  if (choice.durable !== undefined) return choice.durable;
  if (choice.longhorn?.enabled) return "replicated";
  if (choice.hcloudVolumes.enabled) return "cloud";
  return choice.localPath.enabled ? "local" : undefined;
}

/** Whether a kind is switched on. */
export function hasKind(choice: StorageChoice, kind: DurableKind): boolean {
  const enabled = { cloud: choice.hcloudVolumes, replicated: choice.longhorn, local: choice.localPath };
  return enabled[kind]?.enabled ?? false;
}

/**
 * The class for data that must survive its node: what the settings name, else replicated, else cloud volumes, else (a
 * small environment that has switched those off) the node's own disk.
 */
export function durableClass(classes: StorageClasses): string {
  const found =
    classes.durable === undefined ? (classes.replicated ?? classes.cloud ?? classes.local) : classes[classes.durable];
  if (found === undefined) {
    throw new Error(
      "No storage for stateful services: orrery:storage has every StorageClass switched off, or not the one that " +
        "storage.durable names. Set storage.hcloudVolumes.enabled or storage.localPath.enabled to true.",
    );
  }
  return found;
}
