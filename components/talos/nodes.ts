import type * as pulumi from "@pulumi/pulumi";
import type { DedicatedMachine } from "../../stacks/settings";
import { dedicatedName } from "../hetzner/machines";
import { hardwareOf, isOwn } from "../hetzner/market/hardware";
import type { CloudServer } from "../hetzner/server-pool";
import { gpuOf } from "../inference/gpu/of-machine";
import { deviceOf } from "../inference/gpu/table";
import { dedicatedLabels } from "./config/labels";

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
  /**
   * What the settings give it, for a dedicated machine with its name and GPUs; undefined for control planes, whose taint
   * follows from the cluster.
   */
  labels: Readonly<Record<string, string>> | undefined;
  taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[] | undefined;
  /** Of one's own machines, which stand in no price list. */
  hardware?: { readonly cores: number; readonly memoryGiB: number; readonly monthlyEur?: number };
  /** GPUs that it offers to pods, as device plugins count them: a shared one as many times as it has slices. */
  devices?: Readonly<Record<string, number>>;
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
    labels: dedicatedLabels(machine),
    taints: machine.taints,
    ...(isOwn(machine) && { hardware: ownHardware(machine) }),
    devices: devicesOf(machine),
    privateIp: undefined,
    publicIpv4: machine.address,
    serverId: undefined,
  };
}

function ownHardware(machine: DedicatedMachine): ClusterNode["hardware"] {
  const hardware = hardwareOf(machine);
  if (hardware === undefined) return undefined;
  const { cores, memoryGiB, monthlyEur } = hardware;
  return { cores, memoryGiB, ...(monthlyEur !== undefined && { monthlyEur }) };
}

function devicesOf(machine: DedicatedMachine): Record<string, number> {
  const gpu = gpuOf(machine);
  return gpu === undefined ? {} : { [deviceOf(gpu.model.driver)]: gpu.count * gpu.sharing.slices };
}
