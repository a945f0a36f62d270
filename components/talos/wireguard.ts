import { createPrivateKey, createPublicKey } from "node:crypto";
import { addressAt } from "../hetzner/address-plan";
import { WIREGUARD_MTU_BYTES } from "./config/network";

/** Peers begin here in the tunnel's network, so that more control planes do not move them. */
const FIRST_PEER_OFFSET = 16;
/** DER of a PKCS#8 X25519 key, up to the 32 bytes of the key itself. */
const X25519_PKCS8_PREFIX = Buffer.from("302e020100300506032b656e04220420", "hex");
const KEY_BYTES = 32;

export interface WireguardKeyPair {
  /** Base64, as WireGuard writes it. */
  privateKey: string;
  publicKey: string;
}

/** A WireGuard key pair from 32 random bytes (base64). The same bytes always give the same pair. */
export function keyPair(randomBase64: string): WireguardKeyPair {
  const bytes = Buffer.from(randomBase64, "base64");
  if (bytes.length !== KEY_BYTES) throw new Error(`A WireGuard key is ${KEY_BYTES} bytes; these are ${bytes.length}.`);
  // Clamping, as RFC 7748 asks and `wg genkey` does.
  bytes[0]! &= 0b1111_1000;
  bytes[31]! &= 0b0111_1111;
  bytes[31]! |= 0b0100_0000;
  const key = createPrivateKey({ key: Buffer.concat([X25519_PKCS8_PREFIX, bytes]), format: "der", type: "pkcs8" });
  const publicDer = createPublicKey(key).export({ format: "der", type: "spki" });
  return { privateKey: bytes.toString("base64"), publicKey: publicDer.subarray(-KEY_BYTES).toString("base64") };
}

export interface WireguardAddresses {
  controlPlanes: string[];
  peers: string[];
}

/** Addresses inside the tunnel, by the order of control planes and peers in the settings. */
export function wireguardAddresses(cidr: string, controlPlanes: number, peers: number): WireguardAddresses {
  const available = 2 ** (32 - Number(cidr.split("/")[1]));
  if (controlPlanes >= FIRST_PEER_OFFSET || FIRST_PEER_OFFSET + peers >= available) {
    throw new Error(
      `mesh.wireguard.cidr ${cidr} has no room for ${controlPlanes} control planes and ${peers} peers (peers begin at ` +
        `address ${FIRST_PEER_OFFSET}): choose a larger range, e.g. a /24.`,
    );
  }
  return {
    controlPlanes: Array.from({ length: controlPlanes }, (_, index) => addressAt(cidr, index + 1)),
    peers: Array.from({ length: peers }, (_, index) => addressAt(cidr, FIRST_PEER_OFFSET + index)),
  };
}

export interface WireguardClientInput {
  name: string;
  privateKey: string;
  address: string;
  port: number;
  controlPlanes: readonly { publicKey: string; publicIpv4: string; privateIp: string; wireguardIp: string }[];
}

/**
 * A client's config file. It reaches the control planes under their tunnel and private addresses, which is all that
 * talosctl and kubectl need; the Talos API of any other machine is reached through theirs.
 */
export function clientConfig(client: WireguardClientInput): string {
  const peers = client.controlPlanes.map(
    (controlPlane) => `
[Peer]
PublicKey = ${controlPlane.publicKey}
Endpoint = ${controlPlane.publicIpv4}:${client.port}
AllowedIPs = ${controlPlane.wireguardIp}/32, ${controlPlane.privateIp}/32
PersistentKeepalive = 25
`,
  );
  return `# ${client.name}
[Interface]
PrivateKey = ${client.privateKey}
Address = ${client.address}/32
MTU = ${WIREGUARD_MTU_BYTES}
${peers.join("")}`;
}
