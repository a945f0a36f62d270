/** MTU of Hetzner's private network; its public side and dedicated machines have 1500. */
const PRIVATE_LINK_MTU = 1450;

/** WireGuard over IPv6, the worst case: IPv6 40, UDP 8, WireGuard 32 bytes. */
export const WIREGUARD_OVERHEAD = 80;

/** VXLAN over IPv4: IPv4 20, UDP 8, VXLAN 8, inner Ethernet 14 bytes. */
export const VXLAN_OVERHEAD = 50;

export interface MtuInputs {
  /** The nodes' traffic to each other goes through KubeSpan's WireGuard. */
  readonly kubespan: boolean;
  /** MTU of KubeSpan's interface in bytes. @default the link's MTU less 80 */
  readonly kubespanMtu?: number;
  /**
   * Smallest MTU, in bytes, of the links over which nodes reach each other.
   * @default 1450, Hetzner's private network: peers try it first, and a smaller MTU is right on the larger link too
   */
  readonly linkMtu?: number;
}

export interface Mtu {
  /** What Cilium is told: the MTU of what its tunnel goes over. Cilium itself takes the tunnel's overhead off. */
  readonly underlay: number;
  /** What a pod can send in one packet. */
  readonly pod: number;
}

/**
 * Packets of pods are wrapped in VXLAN, and those in WireGuard. Cilium would take the MTU of the default route's
 * interface (1500) and know nothing of KubeSpan: large packets would be lost without a word. So it is computed here
 * and never detected.
 */
export function resolveMtu(inputs: MtuInputs): Mtu {
  const link = inputs.linkMtu ?? PRIVATE_LINK_MTU;
  const underlay = inputs.kubespan ? (inputs.kubespanMtu ?? link - WIREGUARD_OVERHEAD) : link;
  // Without KubeSpan Cilium encrypts itself, and takes that off as well.
  const pod = underlay - VXLAN_OVERHEAD - (inputs.kubespan ? 0 : WIREGUARD_OVERHEAD);
  return { underlay, pod };
}
