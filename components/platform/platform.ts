import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { ChartSource } from "../kit/chart";
import { Namespaces } from "../kit/namespace";
import type { Environment } from "../kit/sizes";
import { Cilium, type NodeNetwork } from "./cilium";
import { CloudController, type HcloudAccess } from "./cloud-controller";
import { CloudVolumes } from "./cloud-volumes";
import { LocalPath } from "./local-path";
import type { ReclaimPolicy, StorageClasses } from "./storage";

export interface PlatformArgs {
  /** The cluster's name; everything here belongs to it. */
  readonly clusterName: string;
  readonly environment: Environment;
  readonly network: NodeNetwork & {
    /** Addresses of all pods, as in the machines' configuration. */
    readonly podCidr: string;
  };
  readonly hcloud: HcloudAccess;
  readonly storage: {
    readonly localPath: { readonly enabled: boolean };
    readonly hcloudVolumes: { readonly enabled: boolean };
    /** What becomes of a volume when its claim is deleted. @default Retain in prod, Delete in dev */
    readonly reclaimPolicy?: ReclaimPolicy;
  };
  readonly charts: ChartSource;
  /** How many of each there are. */
  readonly nodes: { readonly controlPlanes: number; readonly workers: number; readonly dedicated: number };
}

/** What every service stands on: network, cloud controller, storage, namespaces. */
export class Platform extends Component {
  readonly clusterName: string;
  readonly environment: Environment;
  readonly charts: ChartSource;
  /** The StorageClasses that there are. */
  readonly storage: StorageClasses;
  /** Domain namespaces, made when a service asks. */
  readonly namespaces: Namespaces;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Platform", name, opts);
    this.clusterName = args.clusterName;
    this.environment = args.environment;
    this.charts = args.charts;

    // Side by side: parts of Cilium wait for nodes without the cloud controller's taint, and the controller for none.
    const base = [createCilium(args, this), createCloudController(args, this)];
    const { cloudVolumes, localPath } = createStorage(args, { parent: this, dependsOn: base });
    this.storage = { cloud: cloudVolumes?.storageClass, local: localPath?.storageClass };
    this.namespaces = createNamespaces(args, this, [...base, cloudVolumes, localPath]);

    this.registerOutputs({ storage: this.storage });
  }
}

function createCilium(args: PlatformArgs, parent: pulumi.Resource): Cilium {
  const { controlPlanes, workers, dedicated } = args.nodes;
  return new Cilium(
    "cilium",
    {
      charts: args.charts,
      environment: args.environment,
      nodes: controlPlanes + workers + dedicated,
      network: args.network,
    },
    { parent },
  );
}

function createCloudController(args: PlatformArgs, parent: pulumi.Resource): CloudController {
  return new CloudController(
    "hcloud-cloud-controller-manager",
    { charts: args.charts, hcloud: args.hcloud, podCidr: args.network.podCidr },
    { parent },
  );
}

interface Storage {
  readonly cloudVolumes?: CloudVolumes;
  readonly localPath?: LocalPath;
}

function createStorage(args: PlatformArgs, opts: pulumi.ComponentResourceOptions): Storage {
  const { environment, charts, storage } = args;
  const reclaimPolicy = storage.reclaimPolicy ?? (environment === "prod" ? "Retain" : "Delete");
  const cloud = storage.hcloudVolumes.enabled;
  const cloudVolumes = cloud
    ? new CloudVolumes("hcloud-csi", { charts, environment, endpoint: args.hcloud.endpoint, reclaimPolicy }, opts)
    : undefined;
  const localPath = storage.localPath.enabled
    ? new LocalPath("local-path-provisioner", { environment, isDefault: !cloud, reclaimPolicy }, opts)
    : undefined;
  return { cloudVolumes, localPath };
}

/** Namespaces come after storage, so that on destroy claims go while there is still a driver to remove the volumes. */
function createNamespaces(
  args: PlatformArgs,
  parent: pulumi.Resource,
  earlier: readonly (pulumi.Resource | undefined)[],
): Namespaces {
  const dependsOn = earlier.filter((resource): resource is pulumi.Resource => resource !== undefined);
  return new Namespaces({ environment: args.environment }, { parent, dependsOn });
}
