import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../stacks/settings";
import { Component } from "../base";
import { type Schematic, schematic } from "../talos/schematic";
import { machineExtensions } from "../talos/storage-requirements";
import { ApiLoadBalancer } from "./api-load-balancer";
import { Firewall } from "./firewall";
import { schematicLabel } from "./labels";
import { type CloudMachine, type MachinePlan, planMachines } from "./machines";
import { Network } from "./network";
import { PlacementGroups } from "./placement-groups";
import { PrimaryAddresses } from "./primary-addresses";
import { type HetznerApi, TalosImage } from "./talos-image";

export interface FoundationArgs
  extends Pick<
    Settings,
    | "access"
    | "cluster"
    | "controlPlane"
    | "kubernetesApi"
    | "mesh"
    | "network"
    | "pools"
    | "storage"
    | "talos"
    | "versions"
  > {
  /** Deletion protection of network, addresses and load balancer. */
  protection: boolean;
  /** For building the Talos image; needed when talos.image.source is "build". */
  hetzner?: HetznerApi;
}

/**
 * Everything that is there before the first server: network, firewalls, addresses, the load balancer's addresses and
 * the images. What the servers' certificates and configs need to know is known here.
 */
export class Foundation extends Component {
  readonly plan: MachinePlan;
  readonly network: Network;
  readonly firewall: Firewall;
  readonly placementGroups: PlacementGroups;
  readonly addresses: PrimaryAddresses;
  /** undefined when kubernetesApi.loadBalancer is off. */
  readonly loadBalancer: ApiLoadBalancer | undefined;
  private readonly images: ReadonlyMap<string, TalosImage>;

  constructor(
    private readonly name: string,
    private readonly args: FoundationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:hetzner:Foundation", name, opts);
    this.plan = planMachines({ ...args, cluster: args.cluster.name, nodeCidr: args.network.nodeCidr });
    this.network = this.createNetwork();
    this.firewall = this.createFirewall();
    this.placementGroups = this.createPlacementGroups();
    this.addresses = this.createAddresses();
    this.loadBalancer = args.kubernetesApi.loadBalancer.enabled ? this.createLoadBalancer() : undefined;
    this.images = this.createImages();
    this.registerOutputs({ networkId: this.network.networkId });
  }

  /** Every cloud server of the environment. */
  get machines(): CloudMachine[] {
    return [...this.plan.controlPlane, ...this.plan.pools.flatMap((pool) => pool.machines)];
  }

  /** What the Talos image of a cloud server is made of. */
  schematicOf(machine: Pick<CloudMachine, "gpu">): Schematic {
    return schematic({ platform: "hcloud", extensions: machineExtensions(this.args), gpu: machine.gpu });
  }

  /** Id of the snapshot that a server starts from. */
  imageOf(machine: Pick<CloudMachine, "architecture" | "gpu">): pulumi.Output<string> {
    return this.images.get(this.imageKey(machine))!.imageId;
  }

  private imageKey(machine: Pick<CloudMachine, "architecture" | "gpu">): string {
    return `${machine.architecture}-${schematicLabel(this.schematicOf(machine).id)}`;
  }

  private createNetwork(): Network {
    const { cluster, network, protection } = this.args;
    return new Network(`${this.name}-network`, { ...network, cluster: cluster.name, protection }, this.child());
  }

  private createFirewall(): Firewall {
    const { access, cluster, mesh } = this.args;
    return new Firewall(
      `${this.name}-firewall`,
      {
        cluster: cluster.name,
        adminCidrs: access.adminCidrs,
        kubespan: mesh.kubespan,
        ...(mesh.wireguard.peers.length > 0 && { wireguardPort: mesh.wireguard.port }),
      },
      this.child(),
    );
  }

  private createPlacementGroups(): PlacementGroups {
    const groups = new Map(this.machines.map(({ placementGroup: name, pool }) => [name, { name, pool }]));
    return new PlacementGroups(
      `${this.name}-placement`,
      { cluster: this.args.cluster.name, groups: [...groups.values()] },
      this.child(),
    );
  }

  private createAddresses(): PrimaryAddresses {
    const { cluster, protection } = this.args;
    return new PrimaryAddresses(
      `${this.name}-addresses`,
      { cluster: cluster.name, machines: this.machines, protection },
      this.child(),
    );
  }

  private createLoadBalancer(): ApiLoadBalancer {
    const { cluster, controlPlane, kubernetesApi, protection } = this.args;
    return new ApiLoadBalancer(
      `${this.name}-api`,
      {
        cluster: cluster.name,
        type: kubernetesApi.loadBalancer.type,
        location: controlPlane.locations[0]!,
        network: this.network,
        privateIp: this.plan.loadBalancerIp,
        public: kubernetesApi.loadBalancer.public,
        protection,
      },
      this.child(),
    );
  }

  private createImages(): Map<string, TalosImage> {
    const { cluster, hetzner, talos, versions } = this.args;
    const images = new Map<string, TalosImage>();
    for (const machine of this.machines) {
      const key = this.imageKey(machine);
      if (images.has(key)) continue;
      const image = new TalosImage(
        `${this.name}-image-${machine.architecture}${machine.gpu ? `-${machine.gpu.vendor}` : ""}`,
        {
          cluster: cluster.name,
          version: versions.talos,
          schematic: this.schematicOf(machine),
          architecture: machine.architecture,
          source: talos.image.source,
          selector: talos.image.selector,
          location: machine.location,
          sshPort: talos.image.sshPort,
          api: hetzner,
        },
        this.child(),
      );
      images.set(key, image);
    }
    return images;
  }
}
