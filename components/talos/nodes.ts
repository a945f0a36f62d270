import type * as pulumi from "@pulumi/pulumi";
import type { DedicatedMachine } from "../../stacks/settings";
import { dedicatedName } from "../hetzner/machines";
import type { CloudServer } from "../hetzner/server-pool";

/** A machine of the cluster, cloud or dedicated, as the stack's outputs show it. */
export interface ClusterNode {
  /** Kubernetes node name. */
  name: string;
  role: "control-plane" | "worker";
  pool: string;
  /** Server type, or the dedicated machine's model. */
  type: string;
  /** undefined for dedicated machines: they are where they are. */
  location: string | undefined;
  /** What the pool's settings give it; undefined for control planes, whose taint follows from the cluster. */
  labels: Readonly<Record<string, string>> | undefined;
  taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[] | undefined;
  privateIp: string | undefined;
  publicIpv4: pulumi.Input<string> | undefined;
  /** Id in the Hetzner API; undefined for dedicated machines. */
  serverId: pulumi.Output<number> | undefined;
}

export function cloudNode({ machine, publicIpv4, serverId }: CloudServer): ClusterNode {
  const { name, role, pool, serverType, location, privateIp, labels, taints } = machine;
  const own = role === "worker" ? { labels, taints } : { labels: undefined, taints: undefined };
  return { name, role, pool, type: serverType, location, ...own, privateIp, publicIpv4, serverId };
}

export function dedicatedNode(cluster: string, machine: DedicatedMachine): ClusterNode {
  return {
    name: dedicatedName(cluster, machine),
    role: "worker",
    pool: machine.pool,
    type: machine.model,
    location: undefined,
    labels: machine.labels,
    taints: machine.taints,
    privateIp: undefined,
    publicIpv4: machine.address,
    serverId: undefined,
  };
}
