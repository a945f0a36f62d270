import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { hcloudLabels } from "./labels";
import type { CloudMachine } from "./machines";
import type { Network } from "./network";
import type { PlacementGroups } from "./placement-groups";
import type { PrimaryAddresses } from "./primary-addresses";
import { checkedUserData } from "./user-data-limit";

export interface ServerPoolArgs {
  /** Cluster name, for the labels. */
  cluster: string;
  /** Name of the pool, for the labels. */
  pool: string;
  /**
   * The servers, from `planMachines`. A change of serverType powers the server off and rescales it; a change of
   * location replaces it; name, labels and private address change in place.
   */
  machines: readonly CloudMachine[];
  network: Network;
  firewallId: pulumi.Input<number>;
  addresses: PrimaryAddresses;
  placementGroups: PlacementGroups;
  /** Snapshot with Talos, by machine. Only for new servers: a running one is upgraded by Talos itself. */
  image(machine: CloudMachine): pulumi.Input<string>;
  /** Machine config as user data, by machine; at most 32 KiB. Only for new servers. */
  userData(machine: CloudMachine): pulumi.Input<string>;
  /** Deletion and rebuild protection. */
  protection: boolean;
}

/** A server that is there, with everything that the cluster needs to know of it. */
export interface CloudServer {
  machine: CloudMachine;
  serverId: pulumi.Output<number>;
  /** undefined when the server has no public IPv4. */
  publicIpv4: pulumi.Output<string> | undefined;
}

/** The servers of one node pool. */
export class ServerPool extends Component {
  readonly pool: string;
  readonly servers: CloudServer[];

  constructor(name: string, args: ServerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:ServerPool", name, opts);
    this.pool = args.pool;
    this.servers = args.machines.map((machine) => this.create(machine, args));
    this.registerOutputs({
      pool: args.pool,
      servers: this.servers.map(({ machine, serverId, publicIpv4 }) => ({
        name: machine.name,
        serverId,
        privateIp: machine.privateIp,
        publicIpv4,
      })),
    });
  }

  private create(machine: CloudMachine, args: ServerPoolArgs): CloudServer {
    const address = args.addresses.of(machine.name);
    const server = new hcloud.Server(
      machine.name,
      {
        name: machine.name,
        serverType: machine.serverType,
        location: machine.location,
        image: args.image(machine),
        userData: pulumi.secret(args.userData(machine)).apply((data) => checkedUserData(machine.name, data)),
        labels: hcloudLabels(args.cluster, { "orrery.dev/pool": args.pool, "orrery.dev/role": machine.role }),
        firewallIds: [args.firewallId],
        placementGroupId: args.placementGroups.ids.get(machine.placementGroup)!,
        publicNets: [
          {
            ipv4Enabled: address !== undefined,
            ...(address && { ipv4: address.id }),
            ipv6Enabled: true,
          },
        ],
        // An explicit empty list: without it the provider detaches and attaches the server at every update.
        networks: [{ subnetId: args.network.subnetId, ip: machine.privateIp, aliasIps: [] }],
        // Hetzner wants the two to be equal.
        deleteProtection: args.protection,
        rebuildProtection: args.protection,
        shutdownBeforeDeletion: true,
      },
      this.child({
        // All three replace the server. A running one gets its config by apply-config and its system by an upgrade.
        ignoreChanges: ["userData", "image", "sshKeys"],
        // Name, public and private address are unique: the old server has to give them back first.
        deleteBeforeReplace: true,
        // A sold-out type or a stuck action should end the run while somebody is still looking.
        customTimeouts: { create: "10m", delete: "10m" },
      }),
    );
    return { machine, serverId: server.id.apply(Number), publicIpv4: address?.ipv4 };
  }
}
