import * as pulumi from "@pulumi/pulumi";
import { Component } from "../base";
import type { WireguardEndpoint } from "./config/input";
import { randomKey } from "./random-key";
import { clientConfig, keyPair, type WireguardKeyPair, wireguardAddresses } from "./wireguard";

export interface AdminWireguardArgs {
  /** IPv4 range inside the tunnel. A change gives every client a new config. */
  cidr: string;
  /** UDP port on the control planes. */
  port: number;
  /** Who gets a client config. Append new ones: a peer's address follows from its place. */
  peers: readonly { name: string }[];
  controlPlanes: readonly { name: string; publicIpv4: pulumi.Input<string>; privateIp: string }[];
}

/** WireGuard for administrators, on the control planes: keys, addresses and ready-made client configs. */
export class AdminWireguard extends Component {
  /** Config file of each peer, by its name. */
  readonly clients: pulumi.Output<Record<string, string>>;
  private readonly endpoints: ReadonlyMap<string, pulumi.Output<WireguardEndpoint>>;
  private readonly addresses: ReadonlyMap<string, string>;

  constructor(
    private readonly name: string,
    args: AdminWireguardArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("orrery:talos:AdminWireguard", name, opts);
    const addresses = wireguardAddresses(args.cidr, args.controlPlanes.length, args.peers.length);
    const peers = args.peers.map((peer, index) => ({
      name: peer.name,
      address: addresses.peers[index]!,
      keys: this.keys(`peer-${peer.name}`),
    }));
    const servers = args.controlPlanes.map((controlPlane, index) => ({
      ...controlPlane,
      wireguardIp: addresses.controlPlanes[index]!,
      keys: this.keys(controlPlane.name),
    }));
    this.addresses = new Map(servers.map((server) => [server.name, server.wireguardIp]));
    this.endpoints = new Map(
      servers.map((server) => [
        server.name,
        pulumi.secret(
          pulumi.all([server.keys, peers.map(({ keys }) => keys)]).apply(([keys, peerKeys]) => ({
            privateKey: keys.privateKey,
            port: args.port,
            address: `${server.wireguardIp}/${args.cidr.split("/")[1]}`,
            cidr: args.cidr,
            peers: peers.map(({ address }, index) => ({ publicKey: peerKeys[index]!.publicKey, address })),
          })),
        ),
      ]),
    );
    this.clients = pulumi.secret(
      pulumi
        .all([pulumi.all(peers.map(({ keys }) => keys)), pulumi.output(servers)])
        .apply(([peerKeys, controlPlanes]) =>
          Object.fromEntries(
            peers.map(({ name: peer, address }, index) => [
              peer,
              clientConfig({
                name: peer,
                address,
                privateKey: peerKeys[index]!.privateKey,
                port: args.port,
                controlPlanes: controlPlanes.map((server) => ({ ...server, publicKey: server.keys.publicKey })),
              }),
            ]),
          ),
        ),
    );
    this.registerOutputs({ clients: this.clients });
  }

  /** What a control plane's machine config needs. */
  endpointOf(controlPlane: string): pulumi.Output<WireguardEndpoint> | undefined {
    return this.endpoints.get(controlPlane);
  }

  /** A control plane's address inside the tunnel. */
  addressOf(controlPlane: string): string | undefined {
    return this.addresses.get(controlPlane);
  }

  private keys(role: string): pulumi.Output<WireguardKeyPair> {
    return pulumi.secret(randomKey(`${this.name}-${role}`, this.child()).apply(keyPair));
  }
}
