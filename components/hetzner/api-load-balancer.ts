import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { KUBERNETES_API_PORT } from "./firewall-rules";
import { hcloudLabels } from "./labels";
import type { Network } from "./network";

export interface ApiLoadBalancerArgs {
  /** Cluster name; prefix of the load balancer's name. */
  cluster: string;
  /** Load balancer type, e.g. lb11. A change is made in place. */
  type: string;
  /** Location. A change replaces the load balancer. */
  location: string;
  network: Network;
  /** Fixed address in the network. */
  privateIp: string;
  /** Whether it answers on its public addresses too, to everybody: Hetzner has no firewall for load balancers. */
  public: boolean;
  /** Deletion protection. */
  protection: boolean;
}

/** TCP load balancer in front of the Kubernetes API of all control planes, reached over the private network. */
export class ApiLoadBalancer extends Component {
  readonly loadBalancerId: pulumi.Output<number>;
  readonly privateIp: pulumi.Output<string>;
  /** Public IPv4; it answers only when `public` is set. */
  readonly publicIpv4: pulumi.Output<string>;
  private readonly attachment: hcloud.LoadBalancerNetwork;

  constructor(
    private readonly name: string,
    args: ApiLoadBalancerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:hetzner:ApiLoadBalancer", name, opts);
    const loadBalancer = this.createLoadBalancer(args);
    this.loadBalancerId = loadBalancer.id.apply(Number);
    this.publicIpv4 = loadBalancer.ipv4;
    this.attachment = this.attach(args);
    this.privateIp = this.attachment.ip;
    this.createService(loadBalancer);
    this.registerOutputs({ privateIp: this.privateIp, publicIpv4: this.publicIpv4 });
  }

  /**
   * Adds a control plane. A method, because servers come after the load balancer: its addresses are in their
   * certificates.
   */
  addTarget(server: string, serverId: pulumi.Input<number>): hcloud.LoadBalancerTarget {
    return new hcloud.LoadBalancerTarget(
      `${this.name}-${server}`,
      { type: "server", loadBalancerId: this.loadBalancerId, serverId, usePrivateIp: true },
      // Hetzner refuses private targets while the load balancer is not in the network.
      this.child({ dependsOn: [this.attachment], deleteBeforeReplace: true }),
    );
  }

  private createLoadBalancer(args: ApiLoadBalancerArgs): hcloud.LoadBalancer {
    return new hcloud.LoadBalancer(
      this.name,
      {
        name: `${args.cluster}-api`,
        loadBalancerType: args.type,
        location: args.location,
        algorithm: { type: "round_robin" },
        deleteProtection: args.protection,
        labels: hcloudLabels(args.cluster),
      },
      this.child(),
    );
  }

  private attach(args: ApiLoadBalancerArgs): hcloud.LoadBalancerNetwork {
    return new hcloud.LoadBalancerNetwork(
      `${this.name}-network`,
      {
        loadBalancerId: this.loadBalancerId,
        subnetId: args.network.subnetId,
        ip: args.privateIp,
        enablePublicInterface: args.public,
      },
      this.child({ deleteBeforeReplace: true }),
    );
  }

  private createService(loadBalancer: hcloud.LoadBalancer): void {
    new hcloud.LoadBalancerService(
      `${this.name}-kubernetes`,
      {
        loadBalancerId: loadBalancer.id,
        protocol: "tcp",
        listenPort: KUBERNETES_API_PORT,
        destinationPort: KUBERNETES_API_PORT,
        // TCP: an HTTPS check would need anonymous access to the API server, which Talos switches off.
        healthCheck: { protocol: "tcp", port: KUBERNETES_API_PORT, interval: 10, timeout: 5, retries: 3 },
      },
      this.child({ deleteBeforeReplace: true }),
    );
  }
}
