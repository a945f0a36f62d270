import { type DurableKind, durableKind } from "../../components/platform/storage";
import { schedulableNodes } from "./rules/control-plane";
import type { Settings } from "./schema";

/** Volumes that a service of the settings will claim, as they can be known before anything is made. */
export interface PlannedVolumes {
  /** The service, e.g. `services.postgres`. */
  readonly setting: string;
  /** Where its number of pods stands. */
  readonly countSetting: string;
  /** Pods with volumes of their own; no two of them share a node. */
  readonly count: number;
  /** Volumes of each pod. @default 1 */
  readonly perPod?: number;
  /** Where the size stands. */
  readonly sizeSetting: string;
  /** Of each volume. */
  readonly storageGiB: number;
  /** @default - the environment's durable class */
  readonly kind?: DurableKind;
}

/** A row of `plannedVolumes` with its defaults filled in. */
export interface PlannedClaim extends Required<Omit<PlannedVolumes, "kind">> {
  /** undefined when no StorageClass is switched on. */
  readonly kind: DurableKind | undefined;
}

/** Every volume of the environment. What keeps data adds itself here, so that rules and costs can look at all of them. */
function rows({
  services: { postgres, qdrant },
  objects: { kind, minio },
  secrets: { vault },
}: Settings): PlannedVolumes[] {
  return [
    ...(vault.enabled ? vaultRows(vault) : []),
    ...(kind === "minio"
      ? [
          {
            setting: "objects.minio",
            countSetting: "objects.minio.replicas",
            count: minio.replicas,
            perPod: minio.drives,
            sizeSetting: "objects.minio.storageGiB",
            storageGiB: minio.storageGiB,
            ...(minio.volumes === "local" ? { kind: "local" as const } : {}),
          },
        ]
      : []),
    ...(postgres.enabled
      ? [
          {
            setting: "services.postgres",
            countSetting: "services.postgres.instances",
            count: postgres.instances,
            sizeSetting: "services.postgres.storageGiB",
            storageGiB: postgres.storageGiB,
          },
        ]
      : []),
    ...(qdrant.enabled
      ? [
          {
            setting: "services.qdrant",
            countSetting: "services.qdrant.replicas",
            count: qdrant.replicas,
            sizeSetting: "services.qdrant.storageGiB",
            storageGiB: qdrant.storageGiB,
          },
        ]
      : []),
  ];
}

/** Data and audit log of each server. */
function vaultRows({ replicas, storageGiB, auditStorageGiB }: Settings["secrets"]["vault"]): PlannedVolumes[] {
  const server = { setting: "secrets.vault", countSetting: "secrets.vault.replicas", count: replicas };
  return [
    { ...server, sizeSetting: "secrets.vault.storageGiB", storageGiB },
    { ...server, sizeSetting: "secrets.vault.auditStorageGiB", storageGiB: auditStorageGiB },
  ];
}

export function plannedVolumes(settings: Settings): PlannedClaim[] {
  const durable = durableKind(settings.storage);
  return rows(settings).map((row) => ({ ...row, perPod: row.perPod ?? 1, kind: row.kind ?? durable }));
}

/** What Hetzner volumes cost is by this. */
export function cloudVolumesGiB(settings: Settings): number {
  return plannedVolumes(settings)
    .filter(({ kind }) => kind === "cloud")
    .reduce((sum, { count, perPod, storageGiB }) => sum + count * perPod * storageGiB, 0);
}

/** Nodes that take ordinary pods and can have volumes of this kind: Hetzner volumes attach to cloud servers alone. */
export function nodesFor(settings: Settings, kind: DurableKind | undefined): number {
  return schedulableNodes(kind === "cloud" ? { ...settings, dedicated: [] } : settings);
}

const usualReplicas = 3;

/** Copies of each Longhorn volume. */
export function longhornReplicas(settings: Settings): number {
  const { replicas } = settings.storage.longhorn;
  return replicas ?? Math.max(1, Math.min(usualReplicas, nodesFor(settings, "replicated")));
}

/** The settings' storage, with what follows from the nodes. */
export function storageArgs(settings: Settings) {
  const { storage } = settings;
  return { ...storage, longhorn: { ...storage.longhorn, replicas: longhornReplicas(settings) } };
}
