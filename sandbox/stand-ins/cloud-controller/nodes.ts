import type { V1Node, V1NodeAddress, V1Taint } from "@kubernetes/client-node";
import type { CloudServer } from "../hetzner/client";

export const uninitializedTaint = "node.cloudprovider.kubernetes.io/uninitialized";
const shutdownTaint = "node.cloudprovider.kubernetes.io/shutdown";

/** The controller keeps the names of the data centres that the API once gave; newer locations have none. */
const zoneOfLocation: Record<string, string> = {
  fsn1: "fsn1-dc14",
  nbg1: "nbg1-dc3",
  hel1: "hel1-dc2",
  ash: "ash-dc1",
  hil: "hil-dc1",
  sin: "sin-dc1",
};

export type NodeDecision =
  | { do: "nothing" }
  /** No server has this name: the node stays as it is, and an operator has to know. */
  | { do: "warn"; message: string }
  | { do: "delete" }
  | {
      do: "update";
      providerId?: string;
      labels?: Record<string, string>;
      taints?: V1Taint[];
      addresses?: V1NodeAddress[];
    };

export function providerServerId(node: V1Node): number | undefined {
  const match = /^hcloud:\/\/(\d+)$/.exec(node.spec?.providerID ?? "");
  return match ? Number(match[1]) : undefined;
}

export function addressesOf(server: CloudServer, networkId?: number): V1NodeAddress[] {
  const addresses: V1NodeAddress[] = [{ type: "Hostname", address: server.name }];
  const ipv4 = server.public_net.ipv4?.ip;
  if (ipv4) addresses.push({ type: "ExternalIP", address: ipv4 });
  for (const { network, ip } of server.private_net) {
    if (network === networkId) addresses.push({ type: "InternalIP", address: ip });
  }
  return addresses;
}

export function labelsOf(server: CloudServer): Record<string, string> {
  const region = server.location.name;
  const zone = zoneOfLocation[region] ?? region;
  return {
    "node.kubernetes.io/instance-type": server.server_type.name,
    "beta.kubernetes.io/instance-type": server.server_type.name,
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": zone,
    "failure-domain.beta.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/zone": zone,
    "instance.hetzner.cloud/provided-by": "cloud",
  };
}

export function isFresh(node: V1Node): boolean {
  return node.spec?.taints?.some(({ key }) => key === uninitializedTaint) === true;
}

/** @param servers everything that the account has; a node belongs to the one with its provider id, else its name */
export function decideNode(node: V1Node, servers: readonly CloudServer[], networkId?: number): NodeDecision {
  const providerId = node.spec?.providerID;
  if (providerId && !providerId.startsWith("hcloud://")) return { do: "nothing" };

  const taints = node.spec?.taints ?? [];
  const fresh = isFresh(node);
  const id = providerServerId(node);
  const server = servers.find((candidate) =>
    id === undefined ? candidate.name === node.metadata?.name : candidate.id === id,
  );
  if (!server) {
    if (id !== undefined) return { do: "delete" };
    return fresh
      ? {
          do: "warn",
          message: `no server named "${node.metadata?.name}" in this account: the node stays uninitialized`,
        }
      : { do: "nothing" };
  }
  // A kubelet without an external cloud provider is none of the controller's business.
  if (!fresh && id === undefined) return { do: "nothing" };

  const wantedTaints = withShutdown(
    taints.filter(({ key }) => key !== uninitializedTaint),
    server.status === "off",
  );
  const labels = fresh ? missing(node.metadata?.labels ?? {}, labelsOf(server)) : undefined;
  const addresses = addressesOf(server, networkId);
  const update: NodeDecision = {
    do: "update",
    ...(providerId ? {} : { providerId: `hcloud://${server.id}` }),
    ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    ...(sameTaints(taints, wantedTaints) ? {} : { taints: wantedTaints }),
    ...(sameAddresses(node.status?.addresses ?? [], addresses) ? {} : { addresses }),
  };
  return Object.keys(update).length > 1 ? update : { do: "nothing" };
}

function withShutdown(taints: V1Taint[], off: boolean): V1Taint[] {
  const others = taints.filter(({ key }) => key !== shutdownTaint);
  if (!off) return others;
  return [...others, taints.find(({ key }) => key === shutdownTaint) ?? { key: shutdownTaint, effect: "NoSchedule" }];
}

function missing(have: Record<string, string>, want: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(want).filter(([key, value]) => have[key] !== value));
}

function sameTaints(a: V1Taint[], b: V1Taint[]): boolean {
  const text = (taints: V1Taint[]) => taints.map(({ key, effect }) => `${key}:${effect}`).sort();
  return text(a).join() === text(b).join();
}

function sameAddresses(a: V1NodeAddress[], b: V1NodeAddress[]): boolean {
  const text = (addresses: V1NodeAddress[]) => addresses.map(({ type, address }) => `${type}=${address}`).sort();
  return text(a).join() === text(b).join();
}
