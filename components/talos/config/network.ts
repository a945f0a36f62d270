import type { ClusterConfigInput, MachineConfigInput, WireguardEndpoint } from "./input";
import type { ConfigDocument, DHCPv4Config, KubeSpan, LinkConfig } from "./types";

/** Hetzner's private networks carry 1450 bytes. */
export const PRIVATE_NETWORK_MTU_BYTES = 1450;
/**
 * WireGuard takes 80 bytes at most, and the mesh may run over the private network: 1370 fits every path. What runs
 * inside it (Cilium) must not be larger, or packets are lost without a word.
 */
export const MESH_MTU_BYTES = PRIVATE_NETWORK_MTU_BYTES - 80;
/** The administrators' tunnel runs over the internet, whose usual 1500 leave 1420. */
export const WIREGUARD_MTU_BYTES = 1420;

const PUBLIC_LINK = "eth0";
const PRIVATE_LINK = "eth1";
const WIREGUARD_LINK = "wg-admin";
const HETZNER_RESOLVERS = ["185.12.64.1", "185.12.64.2"];
const HETZNER_TIME_SERVERS = ["ntp1.hetzner.de", "ntp2.hetzner.com", "ntp3.hetzner.net"];

/** Largest packet that reaches every node unfragmented: what the pod network must be told. */
export function nodeMtuBytes(kubespan: boolean): number {
  return kubespan ? MESH_MTU_BYTES : PRIVATE_NETWORK_MTU_BYTES;
}

export function kubeSpan(): KubeSpan {
  return {
    enabled: true,
    mtu: MESH_MTU_BYTES,
    // Pods are Cilium's business: it wraps their packets, the mesh carries the wrapped ones between nodes.
    advertiseKubernetesNetworks: false,
    // Inside the private network a node whose tunnel is down is still a node.
    allowDownPeerBypass: true,
  };
}

/** Hostname, links, name servers, time. */
export function networkDocuments(input: ClusterConfigInput & MachineConfigInput): ConfigDocument[] {
  return [
    { apiVersion: "v1alpha1", kind: "HostnameConfig", hostname: input.hostname, auto: "off" },
    ...linkDocuments(input),
    { apiVersion: "v1alpha1", kind: "ResolverConfig", nameservers: HETZNER_RESOLVERS.map((address) => ({ address })) },
    { apiVersion: "v1alpha1", kind: "TimeSyncConfig", ntp: { servers: HETZNER_TIME_SERVERS } },
  ];
}

/**
 * Any document about a link switches off Talos's default of DHCP on every link, so cloud servers name both of theirs.
 * A dedicated machine has no such document: it keeps the default, whatever its card is called.
 */
function linkDocuments({ platform }: MachineConfigInput): (LinkConfig | DHCPv4Config)[] {
  if (platform.name === "metal") return [];
  const dhcp = (name: string): DHCPv4Config => ({ apiVersion: "v1alpha1", kind: "DHCPv4Config", name });
  return [
    ...(platform.publicIpv4 ? [dhcp(PUBLIC_LINK)] : []),
    { apiVersion: "v1alpha1", kind: "LinkConfig", name: PRIVATE_LINK, up: true, mtu: PRIVATE_NETWORK_MTU_BYTES },
    dhcp(PRIVATE_LINK),
  ];
}

/** The administrators' WireGuard; only next to `linkDocuments` of a cloud server, see there. */
export function wireguardDocument(wireguard: WireguardEndpoint): ConfigDocument {
  return {
    apiVersion: "v1alpha1",
    kind: "WireguardConfig",
    name: WIREGUARD_LINK,
    privateKey: wireguard.privateKey,
    listenPort: wireguard.port,
    up: true,
    mtu: WIREGUARD_MTU_BYTES,
    addresses: [{ address: wireguard.address }],
    peers: wireguard.peers.map((peer) => ({ publicKey: peer.publicKey, allowedIPs: [`${peer.address}/32`] })),
  };
}
