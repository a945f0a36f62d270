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
  privateIp: string | undefined;
  publicIpv4: pulumi.Input<string> | undefined;
  /** Id in the Hetzner API; undefined for dedicated machines. */
  serverId: pulumi.Output<number> | undefined;
}

export function cloudNode({ machine, publicIpv4, serverId }: CloudServer): ClusterNode {
  const { name, role, pool, serverType, location, privateIp } = machine;
  return { name, role, pool, type: serverType, location, privateIp, publicIpv4, serverId };
}

export function dedicatedNode(cluster: string, machine: DedicatedMachine): ClusterNode {
  return {
    name: dedicatedName(cluster, machine),
    role: "worker",
    pool: machine.pool,
    type: machine.model,
    location: undefined,
    privateIp: undefined,
    publicIpv4: machine.address,
    serverId: undefined,
  };
}
