import type * as pulumi from "@pulumi/pulumi";
import type { ChartSource } from "../../kit/chart";
import type { DomainNamespace } from "../../kit/namespace";
import type { Environment } from "../../kit/sizes";
import type { Telemetry } from "../../kit/telemetry";
import { CloudVolumes, HCLOUD_PROVISIONER } from "../cloud-volumes";
import { LOCAL_PATH_PROVISIONER, LocalPath } from "../local-path";
import { type DurableKind, durableKind, type StorageChoice, type StorageClasses } from "../storage";
import { LONGHORN_PROVISIONER, Longhorn } from "./longhorn";
import { NFS_PROVISIONER, Nfs } from "./nfs";
import { OnlyGrows } from "./only-grows";
import { VolumesRemoved } from "./volumes-removed";

/** Which StorageClasses there are. */
export interface StorageArgs extends StorageChoice {
  readonly longhorn?: {
    readonly enabled: boolean;
    /** Copies of each volume. @default 3 */
    readonly replicas?: number;
  };
  readonly nfs?: {
    readonly enabled: boolean;
    /** Required when it is enabled. */
    readonly server?: string;
    readonly path: string;
    readonly mountOptions: readonly string[];
  };
  /** Whether volumes outlive the environment: else its end deletes them, with all data. @default true in prod */
  readonly keptOnDestroy?: boolean;
}

export interface CreateStorageArgs {
  readonly charts: ChartSource;
  readonly environment: Environment;
  readonly storage: StorageArgs;
  readonly kubeconfig: pulumi.Input<string>;
  /** Base URL of the Hetzner Cloud API. @default - Hetzner's own */
  readonly endpoint?: string;
  /** Where drivers say what they serve. @default - nobody listens */
  readonly telemetry?: Telemetry;
}

export interface CreatedStorage {
  readonly classes: StorageClasses;
  /** What claims come after. */
  readonly ready: pulumi.Resource[];
  /** Namespaces that drivers made for themselves, and that others have to do with. */
  readonly namespaces: readonly DomainNamespace[];
}

interface Made {
  readonly component: pulumi.Resource & { readonly namespace?: DomainNamespace };
  readonly storageClass: string;
  readonly provisioner: string;
}

/** Makes the StorageClasses that are switched on; claims that name none get the durable one. */
export function createStorage(args: CreateStorageArgs, opts: pulumi.ComponentResourceOptions): CreatedStorage {
  const keptOnDestroy = args.storage.keptOnDestroy ?? args.environment === "prod";
  const durable = durableKind(args.storage);
  const made = { ...createDurable(args, keptOnDestroy, durable, opts), nfs: createNfs(args, opts) };
  const all = Object.values(made).filter((each): each is Made => each !== undefined);
  const removed = keptOnDestroy ? [] : removeOnTheWayDown(args, all, opts);
  const onlyGrows = new OnlyGrows("storage-only-grows", opts);
  return {
    classes: {
      cloud: made.cloud?.storageClass,
      replicated: made.replicated?.storageClass,
      local: made.local?.storageClass,
      shared: made.nfs?.storageClass ?? made.replicated?.storageClass,
      durable,
    },
    ready: [...all.map(({ component }) => component), ...removed, onlyGrows],
    namespaces: all.flatMap(({ component }) => component.namespace ?? []),
  };
}

function createDurable(
  { charts, environment, endpoint, storage, telemetry }: CreateStorageArgs,
  keptOnDestroy: boolean,
  durable: DurableKind | undefined,
  opts: pulumi.ComponentResourceOptions,
): Partial<Record<DurableKind, Made>> {
  const shared = { charts, environment, telemetry };
  const { hcloudVolumes, localPath, longhorn } = storage;
  return {
    ...(hcloudVolumes.enabled && {
      cloud: offer(
        new CloudVolumes("hcloud-csi", { ...shared, endpoint, isDefault: durable === "cloud" }, opts),
        HCLOUD_PROVISIONER,
      ),
    }),
    ...(localPath.enabled && {
      local: offer(
        new LocalPath("local-path-provisioner", { environment, isDefault: durable === "local" }, opts),
        LOCAL_PATH_PROVISIONER,
      ),
    }),
    ...(longhorn?.enabled && {
      replicated: offer(
        new Longhorn(
          "longhorn",
          { ...shared, keptOnDestroy, replicas: longhorn.replicas ?? 3, isDefault: durable === "replicated" },
          opts,
        ),
        LONGHORN_PROVISIONER,
      ),
    }),
  };
}

function createNfs(
  { charts, environment, storage }: CreateStorageArgs,
  opts: pulumi.ComponentResourceOptions,
): Made | undefined {
  const { nfs } = storage;
  if (!nfs?.enabled) return undefined;
  if (nfs.server === undefined) {
    throw new Error("orrery:storage.nfs.enabled is true without a server: set orrery:storage.nfs.server.");
  }
  const { server, path, mountOptions } = nfs;
  return offer(new Nfs("csi-driver-nfs", { charts, environment, server, path, mountOptions }, opts), NFS_PROVISIONER);
}

function offer(component: Made["component"] & { readonly storageClass: string }, provisioner: string): Made {
  return { component, storageClass: component.storageClass, provisioner };
}

function removeOnTheWayDown(
  { kubeconfig }: CreateStorageArgs,
  all: readonly Made[],
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  if (all.length === 0) return [];
  const provisioners = all.map(({ provisioner }) => provisioner);
  return [
    new VolumesRemoved(
      "volumes-removed",
      { kubeconfig, provisioners },
      { ...opts, dependsOn: all.map(({ component }) => component) },
    ),
  ];
}
