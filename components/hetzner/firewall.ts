import * as hcloud from "@pulumi/hcloud";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import { firewallRules } from "./firewall-rules";
import { hcloudLabels } from "./labels";

export interface FirewallArgs {
  /** Cluster name; prefix of the firewalls' names. */
  cluster: string;
  /** Ranges that may reach the Talos API (50000) and the Kubernetes API (6443) of control planes. */
  adminCidrs: readonly string[];
  /** Open UDP 51820, on all servers. */
  kubespan: boolean;
  /** Open this UDP port on control planes. @default - no WireGuard for administrators */
  wireguardPort?: number;
}

/** Two firewalls, deny by default: one for control planes, one for workers. They act on public interfaces only. */
export class Firewall extends Component {
  readonly controlPlaneId: pulumi.Output<number>;
  readonly workerId: pulumi.Output<number>;

  constructor(name: string, args: FirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("orrery:hetzner:Firewall", name, opts);
    this.controlPlaneId = this.create(name, "control-plane", args);
    this.workerId = this.create(name, "worker", args);
    this.registerOutputs({ controlPlaneId: this.controlPlaneId, workerId: this.workerId });
  }

  private create(name: string, role: "control-plane" | "worker", args: FirewallArgs): pulumi.Output<number> {
    const firewall = new hcloud.Firewall(
      `${name}-${role}`,
      {
        name: `${args.cluster}-${role}`,
        labels: hcloudLabels(args.cluster),
        rules: firewallRules({ ...args, role }),
      },
      this.child(),
    );
    return firewall.id.apply(Number);
  }
}
