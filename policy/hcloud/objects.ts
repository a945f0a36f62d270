import type { Props } from "../framework/rule";
import { judge } from "../framework/unknown";

export const SERVER = "hcloud:index/server:Server";
export const LOAD_BALANCER = "hcloud:index/loadBalancer:LoadBalancer";
export const VOLUME = "hcloud:index/volume:Volume";
export const NETWORK = "hcloud:index/network:Network";
export const SUBNET = "hcloud:index/networkSubnet:NetworkSubnet";
export const PRIMARY_IP = "hcloud:index/primaryIp:PrimaryIp";
export const FLOATING_IP = "hcloud:index/floatingIp:FloatingIp";
export const PLACEMENT_GROUP = "hcloud:index/placementGroup:PlacementGroup";
export const FIREWALL = "hcloud:index/firewall:Firewall";

/** Labels by which a server says what it is; the same ones the program of this repository sets. */
export const labelKeys = {
  cluster: "orrery.dev/cluster",
  pool: "orrery.dev/pool",
  /** `control-plane` or `worker`. */
  role: "orrery.dev/role",
  /** `true`: its disk holds data that is nowhere else. */
  stateful: "orrery.dev/stateful",
} as const;

export const labelOf = (props: Props, key: string) => props.labels?.[key] as string | undefined;

export const isControlPlane = (props: Props) => labelOf(props, labelKeys.role) === "control-plane";

/** Whether a property was given a value. One that is not known yet was given one. */
export function isSet(props: Props, key: string): boolean {
  if (!(key in props)) return false;
  const verdict = judge(() => {
    const value = props[key] as unknown;
    return value === null || value === undefined || (Array.isArray(value) && value.length === 0) ? [] : ["set"];
  });
  return verdict.kind === "not-evaluated" || verdict.findings.length > 0;
}
