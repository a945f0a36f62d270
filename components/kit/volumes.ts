import { createHash } from "node:crypto";

/** A volume that outlives the pod: a claim for each replica of a StatefulSet. */
export interface PersistentVolume {
  readonly name: string;
  /** Size in GiB. May grow where the StorageClass allows it, in place; a preview refuses to shrink it. */
  readonly storageGiB: number;
  /** Changing it is for new claims: the data does not move by itself, and those that are there keep their class. */
  readonly storageClass: string;
  /** Where its size stands in the settings, for errors: `services.qdrant.storageGiB`. @default - not said */
  readonly setting?: string;
  /** Mount paths; with `subPath` several of them share one volume. */
  readonly mounts: readonly { readonly path: string; readonly subPath?: string }[];
}

/** A directory that dies with the pod. */
export interface ScratchVolume {
  readonly name: string;
  readonly path: string;
  readonly sizeLimitMiB: number;
  /** In the node's memory, which counts as the pod's: shared memory between processes. @default false */
  readonly memory?: boolean;
}

/** A claim that somebody else makes, for several pods: a cache of models. */
export interface ClaimVolume {
  readonly name: string;
  readonly claim: string;
  readonly path: string;
  /** @default - the whole volume */
  readonly subPath?: string;
  /** @default true */
  readonly readOnly?: boolean;
}

/** Files from a ConfigMap that the component makes; a change rolls the pods. */
export interface ConfigFiles {
  readonly path: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Files from a Secret that is there: certificates, keys. */
export interface SecretFiles {
  readonly name: string;
  readonly path: string;
  readonly secret: string;
  /** File name -> key. @default - all, under their own names */
  readonly items?: Readonly<Record<string, string>>;
}

/** Files from a ConfigMap that somebody else makes: the internal authority's certificate. */
export interface ConfigMapFiles {
  readonly name: string;
  readonly path: string;
  readonly configMap: string;
}

export interface Volumes {
  readonly persistent?: readonly PersistentVolume[];
  readonly scratch?: readonly ScratchVolume[];
  readonly config?: ConfigFiles;
  readonly secrets?: readonly SecretFiles[];
  readonly configMaps?: readonly ConfigMapFiles[];
  readonly claims?: readonly ClaimVolume[];
}

const CONFIG_VOLUME = "config";

/** The pod's volumes; claims of a StatefulSet are not among them. */
export function podVolumes(volumes: Volumes, configMapName: string) {
  return [
    ...(volumes.scratch ?? []).map(({ name, sizeLimitMiB, memory = false }) => ({
      name,
      emptyDir: { ...(memory ? { medium: "Memory" } : {}), sizeLimit: `${sizeLimitMiB}Mi` },
    })),
    ...(volumes.claims ?? []).map(({ name, claim, readOnly = true }) => ({
      name,
      persistentVolumeClaim: { claimName: claim, ...(readOnly ? { readOnly } : {}) },
    })),
    ...(volumes.config === undefined ? [] : [{ name: CONFIG_VOLUME, configMap: { name: configMapName } }]),
    ...(volumes.secrets ?? []).map(({ name, secret, items }) => ({
      name,
      secret: { secretName: secret, ...(items === undefined ? {} : { items: keyItems(items) }) },
    })),
    ...(volumes.configMaps ?? []).map(({ name, configMap }) => ({ name, configMap: { name: configMap } })),
  ];
}

function keyItems(items: Readonly<Record<string, string>>) {
  return Object.entries(items).map(([path, key]) => ({ key, path }));
}

/** The container's mounts. */
export function volumeMounts(volumes: Volumes) {
  return [
    ...(volumes.persistent ?? []).flatMap(({ name, mounts }) =>
      mounts.map(({ path, subPath }) => ({
        name,
        mountPath: path,
        ...(subPath === undefined ? {} : { subPath }),
      })),
    ),
    ...(volumes.scratch ?? []).map(({ name, path }) => ({ name, mountPath: path })),
    ...(volumes.config === undefined ? [] : [{ name: CONFIG_VOLUME, mountPath: volumes.config.path, readOnly: true }]),
    ...(volumes.claims ?? []).map(({ name, path, subPath, readOnly = true }) => ({
      name,
      mountPath: path,
      ...(subPath === undefined ? {} : { subPath }),
      ...(readOnly ? { readOnly } : {}),
    })),
    ...[...(volumes.secrets ?? []), ...(volumes.configMaps ?? [])].map(({ name, path }) => ({
      name,
      mountPath: path,
      readOnly: true,
    })),
  ];
}

/** Spec of a claim, and of a StatefulSet's claim template. */
export function claimSpec({ storageClass, storageGiB }: Pick<PersistentVolume, "storageClass" | "storageGiB">) {
  return {
    accessModes: ["ReadWriteOnce"],
    storageClassName: storageClass,
    resources: { requests: { storage: `${storageGiB}Gi` } },
  };
}

/** Claim templates of a StatefulSet: they give its claims their names. The claims themselves are made in claims.ts. */
export function claimTemplates(volumes: Volumes, labels: Record<string, string>) {
  return (volumes.persistent ?? []).map((volume) => ({
    metadata: { name: volume.name, labels },
    spec: claimSpec(volume),
  }));
}

/** Changes when, and only when, a file changes. */
export function configHash(config: ConfigFiles): string {
  const entries = Object.entries(config.files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16);
}
