import type { ProviderDefinition } from "../framework";
import { HcloudClient } from "./client";
import { clientOptions } from "./config";
import { firewall, firewallAttachment } from "./firewall";
import { hcloudFunction } from "./functions";
import { placementGroup, sshKey } from "./keys-and-groups";
import { loadBalancer, loadBalancerNetwork } from "./load-balancer";
import { loadBalancerService, loadBalancerTarget } from "./load-balancer-parts";
import { network, networkRoute, networkSubnet } from "./network";
import { primaryIp } from "./primary-ip";
import { type CloudResource, cloudResource } from "./resource";
import { server } from "./server";
import { serverNetwork } from "./server-networks";
import { snapshot, volume, volumeAttachment } from "./volume";

/** By type token. Certificates, DNS zones, floating addresses and storage boxes are left to the official provider. */
export const RESOURCES: Readonly<Record<string, CloudResource>> = {
  "hcloud:index/firewall:Firewall": firewall,
  "hcloud:index/firewallAttachment:FirewallAttachment": firewallAttachment,
  "hcloud:index/loadBalancer:LoadBalancer": loadBalancer,
  "hcloud:index/loadBalancerNetwork:LoadBalancerNetwork": loadBalancerNetwork,
  "hcloud:index/loadBalancerService:LoadBalancerService": loadBalancerService,
  "hcloud:index/loadBalancerTarget:LoadBalancerTarget": loadBalancerTarget,
  "hcloud:index/network:Network": network,
  "hcloud:index/networkRoute:NetworkRoute": networkRoute,
  "hcloud:index/networkSubnet:NetworkSubnet": networkSubnet,
  "hcloud:index/placementGroup:PlacementGroup": placementGroup,
  "hcloud:index/primaryIp:PrimaryIp": primaryIp,
  "hcloud:index/server:Server": server,
  "hcloud:index/serverNetwork:ServerNetwork": serverNetwork,
  "hcloud:index/snapshot:Snapshot": snapshot,
  "hcloud:index/sshKey:SshKey": sshKey,
  "hcloud:index/volume:Volume": volume,
  "hcloud:index/volumeAttachment:VolumeAttachment": volumeAttachment,
};

/** @pulumi/hcloud: the Hetzner Cloud API over HTTP, with the calls that the official provider makes. */
export const hcloudProvider: ProviderDefinition = {
  name: "hcloud",
  version: "1.41.0",
  configure: async (config) => {
    const client = new HcloudClient(clientOptions(config, process.env));
    return {
      resource: (type) => {
        const resource = RESOURCES[type];
        return resource && cloudResource(resource, client);
      },
      function: (token) => hcloudFunction(token, client),
    };
  },
};
