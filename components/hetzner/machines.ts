import type { ControlPlane, DedicatedMachine, NodePool, Taint } from "../../stacks/settings";
import { planAddresses } from "./address-plan";
import { placementGroupName, spreadGroups } from "./placement";

export type Architecture = "x86" | "arm";
export type GpuVendor = "nvidia" | "amd" | "intel";

export const CONTROL_PLANE_POOL = "control-plane";
/** DNS label, and the longest name that the Hetzner API takes for a server. */
export const MAX_SERVER_NAME_LENGTH = 63;

/** One cloud server, as far as it is known before anything is created. */
export interface CloudMachine {
  /** Server name, hostname and Kubernetes node name: `<cluster>-<pool>-<n>`, n from 1. */
  name: string;
  role: "control-plane" | "worker";
  pool: string;
  /** Place in the pool, from 0. */
  index: number;
  serverType: string;
  architecture: Architecture;
  location: string;
  /** Address in the cloud network. */
  privateIp: string;
  publicIpv4: boolean;
  placementGroup: string;
  labels: Record<string, string>;
  taints: Taint[];
  gpu?: { vendor: GpuVendor };
}

export interface MachinePlanInput {
  cluster: string;
  nodeCidr: string;
  controlPlane: ControlPlane;
  pools: readonly NodePool[];
}

export interface MachinePlan {
  controlPlane: CloudMachine[];
  /** Workers by pool, in the order of the settings. */
  pools: { name: string; machines: CloudMachine[] }[];
  /** Reserved for the Kubernetes API's load balancer. */
  loadBalancerIp: string;
}

/** Every cloud server of the environment: names, places, addresses. Pure, so it is known in a preview. */
export function planMachines(input: MachinePlanInput): MachinePlan {
  const plan = planAddresses({
    nodeCidr: input.nodeCidr,
    controlPlaneCount: input.controlPlane.count,
    pools: input.pools,
  });
  const controlPlane: NodePool = {
    ...input.controlPlane,
    name: CONTROL_PLANE_POOL,
    labels: {},
    taints: [],
    publicIpv4: true,
  };
  return {
    controlPlane: machinesOf(input.cluster, "control-plane", controlPlane, plan.controlPlane),
    pools: input.pools.map((pool) => ({
      name: pool.name,
      machines: machinesOf(input.cluster, "worker", pool, plan.pools.get(pool.name)!),
    })),
    loadBalancerIp: plan.loadBalancer,
  };
}

function machinesOf(
  cluster: string,
  role: CloudMachine["role"],
  pool: NodePool,
  privateIps: readonly string[],
): CloudMachine[] {
  const groups = spreadGroups(privateIps.length);
  return privateIps.map((privateIp, index) => ({
    name: serverName(cluster, pool.name, index),
    role,
    pool: pool.name,
    index,
    serverType: pool.serverType,
    architecture: architectureOf(pool.serverType),
    location: pool.locations[index % pool.locations.length]!,
    privateIp,
    publicIpv4: pool.publicIpv4,
    placementGroup: placementGroupName(cluster, pool.name, groups[index]!),
    labels: pool.labels,
    taints: pool.taints,
    ...(pool.gpu && { gpu: pool.gpu }),
  }));
}

/** `<cluster>-<pool>-<n>`, n from 1. */
export function serverName(cluster: string, pool: string, index: number): string {
  return checkedName(`${cluster}-${pool}-${index + 1}`, "cluster.name or the pool's name");
}

/** `<cluster>-<name>`: hostname and node name of a dedicated machine. */
export function dedicatedName(cluster: string, machine: Pick<DedicatedMachine, "name">): string {
  return checkedName(`${cluster}-${machine.name}`, "cluster.name or dedicated[].name");
}

function checkedName(name: string, fix: string): string {
  if (name.length > MAX_SERVER_NAME_LENGTH || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw new Error(
      `Server name "${name}" (${name.length} characters) is not allowed: at most ${MAX_SERVER_NAME_LENGTH} lower-case ` +
        `letters, digits and hyphens, starting and ending with a letter or digit. Change ${fix}.`,
    );
  }
  return name;
}

/** Hetzner's Arm servers are the CAX types; all others are x86. */
export function architectureOf(serverType: string): Architecture {
  return serverType.toLowerCase().startsWith("cax") ? "arm" : "x86";
}
