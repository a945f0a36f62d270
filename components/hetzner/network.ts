import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { hcloudLabels } from "./labels";

export interface NetworkArgs {
  /** Cluster name; the network's name and label. */
  cluster: string;
  /** IPv4 range of the network. A change replaces the network. */
  cidr: string;
  /** IPv4 range of the servers' subnet, inside `cidr`. A change replaces the subnet. */
  nodeCidr: string;
  /** Network zone (eu-central, us-east, ...); all servers must be in locations of this zone. Replaces the subnet. */
  zone: string;
  /** Deletion protection. */
  protection: boolean;
}

/** The private network and its one subnet for servers. */
export class Network extends Component {
  readonly networkId: pulumi.Output<number>;
  /**
   * Subnet that servers and the load balancer attach to. It is known only once the subnet exists, so whoever uses it
   * waits for the subnet without a `dependsOn`.
   */
  readonly subnetId: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:Network", name, opts);
    const network = new hcloud.Network(
      name,
      {
        name: args.cluster,
        ipRange: args.cidr,
        labels: hcloudLabels(args.cluster),
        deleteProtection: args.protection,
      },
      this.child(),
    );
    this.networkId = network.id.apply(Number);
    const subnet = new hcloud.NetworkSubnet(
      `${name}-nodes`,
      { networkId: this.networkId, type: "cloud", networkZone: args.zone, ipRange: args.nodeCidr },
      this.child({ deleteBeforeReplace: true }),
    );
    this.subnetId = subnet.id;
    this.registerOutputs({ networkId: this.networkId, subnetId: this.subnetId });
  }
}
