import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { ChartSource } from "../kit/chart";
import { type DomainNamespace, Namespaces } from "../kit/namespace";
import type { Environment } from "../kit/sizes";
import type { Telemetry } from "../kit/telemetry";
import { Cilium, type NodeNetwork } from "./cilium";
import type { FlowLog } from "./cilium-values";
import { CloudController, type HcloudAccess } from "./cloud-controller";
import { PriorityClasses } from "./safety/priority-classes";
import type { StorageClasses } from "./storage";
import { createStorage, type StorageArgs } from "./storage/create";

export interface PlatformArgs {
  /** The cluster's name; everything here belongs to it. */
  readonly clusterName: string;
  readonly environment: Environment;
  readonly network: NodeNetwork & {
    /** Addresses of all pods, as in the machines' configuration. */
    readonly podCidr: string;
  };
  readonly hcloud: HcloudAccess;
  readonly storage: StorageArgs;
  /** Network flows that Cilium writes to its log. @default - none */
  readonly flowLog?: FlowLog;
  /** Whether Istio's mesh will lead the pods' traffic. @default false */
  readonly mesh?: boolean;
  /** Secret. For the way down: what has to be waited for before a driver is removed. */
  readonly kubeconfig: pulumi.Input<string>;
  readonly charts: ChartSource;
  /** Where everything says what it serves. @default - nobody listens */
  readonly telemetry?: Telemetry;
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
  /** What whoever deals with volumes comes after. */
  readonly storageReady: pulumi.Resource[];
  /** Domain namespaces, made when a service asks. */
  readonly namespaces: Namespaces;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:platform:Platform", name, opts);
    this.clusterName = args.clusterName;
    this.environment = args.environment;
    this.charts = { ...args.charts, kubeconfig: args.kubeconfig };

    // Side by side: parts of Cilium wait for nodes without the cloud controller's taint, and the controller for none.
    const base = [createCilium(args, this), createCloudController(args, this)];
    const priorities = new PriorityClasses("priorities", { parent: this });
    const storage = createStorage(
      { ...args, endpoint: args.hcloud.endpoint },
      { parent: this, dependsOn: [...base, priorities] },
    );
    this.storage = storage.classes;
    this.storageReady = storage.ready;
    this.namespaces = createNamespaces(args, storage.namespaces, this, [...base, priorities, ...storage.ready]);

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
      flowLog: args.flowLog,
      mesh: args.mesh,
      telemetry: args.telemetry,
    },
    { parent },
  );
}

function createCloudController(args: PlatformArgs, parent: pulumi.Resource): CloudController {
  return new CloudController(
    "hcloud-cloud-controller-manager",
    { charts: args.charts, hcloud: args.hcloud, podCidr: args.network.podCidr, telemetry: args.telemetry },
    { parent },
  );
}

/** Namespaces come after storage, so that on destroy claims go while there is still a driver to remove the volumes. */
function createNamespaces(
  { environment, telemetry }: PlatformArgs,
  existing: readonly DomainNamespace[],
  parent: pulumi.Resource,
  dependsOn: pulumi.Resource[],
): Namespaces {
  return new Namespaces({ environment, telemetry, existing }, { parent, dependsOn });
}
