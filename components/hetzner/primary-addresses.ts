import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { hcloudLabels } from "./labels";
import type { CloudMachine } from "./machines";

export interface PrimaryAddressesArgs {
  /** Cluster name, for the labels. */
  cluster: string;
  /** Servers with a public IPv4; others are left out. */
  machines: readonly CloudMachine[];
  /** Deletion protection. */
  protection: boolean;
}

export interface PrimaryAddress {
  /** For the server's `publicNets`. */
  id: pulumi.Output<number>;
  ipv4: pulumi.Output<string>;
}

/**
 * Public IPv4 addresses, made before the servers: certificates and endpoints in a server's user data need addresses
 * that are known before the server is, and a server that is replaced keeps its address.
 */
export class PrimaryAddresses extends Component {
  private readonly byServer: ReadonlyMap<string, PrimaryAddress>;

  constructor(name: string, args: PrimaryAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:PrimaryAddresses", name, opts);
    this.byServer = new Map(
      args.machines
        .filter((machine) => machine.publicIpv4)
        .map((machine) => [machine.name, this.create(machine, args)] as const),
    );
    this.registerOutputs({
      ipv4: Object.fromEntries([...this.byServer].map(([server, address]) => [server, address.ipv4])),
    });
  }

  /** The address of a server, by the server's name; undefined when it has none. */
  of(server: string): PrimaryAddress | undefined {
    return this.byServer.get(server);
  }

  private create(machine: CloudMachine, args: PrimaryAddressesArgs): PrimaryAddress {
    const address = new hcloud.PrimaryIp(
      `${machine.name}-ipv4`,
      {
        name: `${machine.name}-ipv4`,
        type: "ipv4",
        location: machine.location,
        // true would let Hetzner delete the address with its server, behind the state's back.
        autoDelete: false,
        // No assigneeType: without an assigneeId the provider unassigns the address at the next update.
        deleteProtection: args.protection,
        labels: hcloudLabels(args.cluster, { "orrery.dev/pool": machine.pool }),
      },
      this.child(),
    );
    return { id: address.id.apply(Number), ipv4: address.ipAddress };
  }
}
