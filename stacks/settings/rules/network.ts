import { planAddresses } from "../../../components/hetzner/address-plan";
import { wantedServers } from "../../../components/hetzner/market";
import { wireguardAddresses } from "../../../components/talos/wireguard";
import { canonicalText, contains, isPrivate, overlaps, parseCidr, type Range } from "../cidr";
import type { Settings } from "../schema";
import { type Finding, type Rule, rule } from "./rule";

/** Hetzner's own limit for one private network. */
const maxServersPerNetwork = 100;

/** Each node gets a /24 of the pods' range: 254 addresses for at most 110 pods. */
const podPrefixPerNode = 24;

/** The gateway of every server's public network; it cannot be in a private one. */
const publicGateway = parseCidr("172.31.1.1/32")!;

interface Named {
  path: string;
  value: string;
  range: Range | undefined;
}

function named(settings: Settings): Named[] {
  const { network, mesh } = settings;
  return [
    ["network.cidr", network.cidr],
    ["network.nodeCidr", network.nodeCidr],
    ["network.podCidr", network.podCidr],
    ["network.serviceCidr", network.serviceCidr],
    ["mesh.wireguard.cidr", mesh.wireguard.cidr],
  ].map(([path, value]) => ({ path: path!, value: value!, range: parseCidr(value!) }));
}

/** Only ranges that are well formed: the others have a finding of their own. */
function wellFormed(settings: Settings): (Named & { range: Range })[] {
  return named(settings).flatMap((entry) => {
    const { range } = entry;
    return range?.version === 4 ? [{ ...entry, range: { ...range } }] : [];
  });
}

function overlapFinding(a: Named, b: Named): Finding {
  return {
    path: a.path,
    value: a.value,
    message: `It overlaps ${b.path} (${b.value}): packets would go to the wrong network.`,
    allowed: `a range that shares no address with ${b.value}`,
    fix: `Move orrery:${a.path} or orrery:${b.path} to another range.`,
  };
}

function find(settings: Settings, path: string): (Named & { range: Range }) | undefined {
  return wellFormed(settings).find((entry) => entry.path === path);
}

function nodeCount(settings: Settings): number {
  return wantedServers(settings).length + settings.dedicated.length;
}

/** A range of a size that its use does not allow. */
function prefixFinding(entry: Named & { range: Range }, from: number, to: number, why: string): Finding[] {
  if (entry.range.prefix >= from && entry.range.prefix <= to) return [];
  return [
    {
      path: entry.path,
      value: entry.value,
      message: why,
      allowed: `/${from} to /${to}`,
      fix: `Change orrery:${entry.path} to a prefix from /${from} to /${to}.`,
    },
  ];
}

/** Pools of one name have a finding of their own. */
function uniquePools(pools: Settings["pools"]): Settings["pools"] {
  return pools.filter(({ name }, index) => pools.findIndex((other) => other.name === name) === index);
}

function fits(plan: (cidr: string) => unknown, cidr: string): boolean {
  try {
    plan(cidr);
    return true;
  } catch {
    return false;
  }
}

/** A range in which the plan of its addresses finds no room, and how large it must be. */
function roomFinding(
  entry: (Named & { range: Range }) | undefined,
  plan: (cidr: string) => unknown,
  why: string,
): Finding[] {
  if (!entry || fits(plan, entry.value)) return [];
  const address = entry.value.split("/")[0]!;
  const larger = Array.from(
    { length: Math.max(0, entry.range.prefix - 8) },
    (_, index) => entry.range.prefix - 1 - index,
  )
    .map((prefix) => parseCidr(`${address}/${prefix}`)!)
    .find((range) => fits(plan, canonicalText(range)));
  return [
    {
      path: entry.path,
      value: entry.value,
      message: why,
      allowed: larger ? `/${larger.prefix} or larger, e.g. ${canonicalText(larger)}` : "no range is large enough",
      fix: larger
        ? `Set orrery:${entry.path} to ${canonicalText(larger)}, before the cluster is made.`
        : "Take fewer pools, or fewer servers in each.",
    },
  ];
}

export const networkRules: Rule[] = [
  rule("cidr-valid", (settings) =>
    named(settings)
      .filter(({ range }) => range?.version !== 4)
      .map(({ path, value }) => ({
        path,
        value,
        message: "This is not an IPv4 range in CIDR notation.",
        allowed: "an address and a prefix length, e.g. 10.0.0.0/16",
        fix: `Write orrery:${path} as <address>/<0 to 32>.`,
      })),
  ),
  rule("cidr-canonical", (settings) =>
    wellFormed(settings)
      .filter(({ range }) => !range.canonical)
      .map(({ path, value, range }) => ({
        path,
        value,
        message: "The address has bits set beyond its prefix, so it is not clear which range is meant.",
        allowed: "the first address of the range",
        fix: `Write ${canonicalText(range)}.`,
      })),
  ),
  rule("cidr-private", (settings) =>
    wellFormed(settings)
      .filter(({ range }) => !isPrivate(range))
      .map(({ path, value }) => ({
        path,
        value,
        message: "This range is not private: it would hide a part of the internet, and Hetzner refuses it.",
        allowed: "ranges inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
        fix: `Choose a private range for orrery:${path}.`,
      })),
  ),
  rule("cidr-disjoint", (settings) => {
    const separate = wellFormed(settings).filter(({ path }) => /\.(cidr|podCidr|serviceCidr)$/.test(path));
    const cluster = separate.filter(({ path }) => path !== "mesh.wireguard.cidr");
    return cluster.flatMap((a, index) =>
      cluster
        .slice(0, index)
        .filter((b) => overlaps(a.range, b.range))
        .map((b) => overlapFinding(a, b)),
    );
  }),
  rule("cidr-public-gateway", (settings) =>
    wellFormed(settings)
      .filter(({ path, range }) => path === "network.cidr" && overlaps(range, publicGateway))
      .map(({ path, value }) => ({
        path,
        value,
        message: "It contains 172.31.1.1, which is the gateway of the servers' public network.",
        allowed: "private ranges without 172.31.1.1",
        fix: "Choose another range, e.g. 10.0.0.0/16.",
      })),
  ),
  rule("network-cidr-size", (settings) => {
    const entry = find(settings, "network.cidr");
    return entry ? prefixFinding(entry, 8, 24, "Hetzner's networks have at least 256 addresses.") : [];
  }),
  rule("node-cidr-inside-network", (settings) => {
    const network = find(settings, "network.cidr");
    const nodes = find(settings, "network.nodeCidr");
    if (!network || !nodes || contains(network.range, nodes.range)) return [];
    return [
      {
        path: nodes.path,
        value: nodes.value,
        message: `It is not inside network.cidr (${network.value}), and a subnet must be.`,
        allowed: `ranges inside ${network.value}`,
        fix: "Move orrery:network.nodeCidr into the network, or make the network larger.",
      },
    ];
  }),
  // The plan itself says what fits, so that this rule and the servers' addresses cannot disagree.
  rule("node-cidr-size", (settings) => {
    const { controlPlane, pools } = settings;
    return roomFinding(
      find(settings, "network.nodeCidr"),
      (nodeCidr) => planAddresses({ nodeCidr, controlPlaneCount: controlPlane.count, pools: uniquePools(pools) }),
      "Each pool has a slice of the subnet, so that a change to one moves no server of another; this is too small.",
    );
  }),
  rule("pod-cidr-prefix", (settings) => {
    const entry = find(settings, "network.podCidr");
    const why = "Kubernetes cuts this range into /24s, at most 65536 of them.";
    return entry ? prefixFinding(entry, 8, podPrefixPerNode, why) : [];
  }),
  rule("pod-cidr-size", (settings) => {
    const entry = find(settings, "network.podCidr");
    if (!entry || entry.range.prefix > podPrefixPerNode) return [];
    const room = 2 ** (podPrefixPerNode - entry.range.prefix);
    const needed = nodeCount(settings);
    if (room >= needed) return [];
    const prefix = podPrefixPerNode - Math.ceil(Math.log2(needed));
    return [
      {
        path: entry.path,
        value: entry.value,
        message: `It has a /24 for ${room} nodes, and there are ${needed}: the others would get no pods.`,
        allowed: `/${prefix} or larger`,
        fix: `Enlarge orrery:network.podCidr to /${prefix} or to a smaller number, before the cluster is made.`,
      },
    ];
  }),
  rule("service-cidr-size", (settings) => {
    const entry = find(settings, "network.serviceCidr");
    return entry
      ? prefixFinding(entry, 12, 24, "The Kubernetes API takes ranges up to /12, and /24 holds only 254 services.")
      : [];
  }),
  rule("network-server-limit", (settings) => {
    const count = wantedServers(settings).length;
    if (count <= maxServersPerNetwork) return [];
    return [
      {
        path: "pools",
        value: settings.pools.map(({ name, count: servers }) => `${name}: ${servers}`),
        message: `Together with the control planes these are ${count} servers, more than a Hetzner network takes.`,
        allowed: `${maxServersPerNetwork} servers, control planes included; dedicated machines do not count`,
        fix: "Take fewer, larger servers, or make a second cluster.",
      },
    ];
  }),
  rule("wireguard-disjoint", (settings) => {
    const tunnel = find(settings, "mesh.wireguard.cidr");
    if (!tunnel) return [];
    return wellFormed(settings)
      .filter(({ path, range }) => path !== tunnel.path && path !== "network.nodeCidr" && overlaps(range, tunnel.range))
      .map((other) => overlapFinding(tunnel, other));
  }),
  rule("wireguard-size", (settings) => {
    const { peers } = settings.mesh.wireguard;
    if (peers.length === 0) return [];
    return roomFinding(
      find(settings, "mesh.wireguard.cidr"),
      (cidr) => wireguardAddresses(cidr, settings.controlPlane.count, peers.length),
      "The tunnel needs an address for each peer and each control plane, and room between them.",
    );
  }),
];
