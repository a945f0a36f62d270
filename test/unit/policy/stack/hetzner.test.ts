import { describe, expect, it } from "vitest";
import { priceTable, zoneOfLocation } from "../../../../components/hetzner/market";
import { priceList, zoneOfLocation as zones } from "../../../../policy/hcloud/prices";
import { contains, overlaps, parseCidr } from "../../../../policy/stack/hetzner/cidr";
import { findings, look, object, resource, servers, statefulSet, subject, unknown, withException } from "./objects";

const stack = resource("pulumi:pulumi:Stack", "stack", {});
const onStack = (name: string, resources: Parameters<typeof findings>[1], config?: object) =>
  withException(name, "(stack)", [stack, ...resources], config);

describe("the price list", () => {
  it("is the program's own of the same day", () => {
    expect(priceList.asOf).toBe(priceTable.asOf);
    expect(zones).toEqual(zoneOfLocation);
    expect(priceList.ipv4MonthlyEur).toBe(priceTable.ipv4MonthlyEur);
    expect(priceList.volumeGiBMonthlyEur).toBe(priceTable.volumeGiBMonthlyEur);
    expect(priceList.backupPercent).toBe(priceTable.backupPercent);
    const servers = Object.values(priceTable.serverTypes).map(({ name, cores, memoryGiB, architecture, prices }) => [
      name,
      {
        cores,
        memoryGiB,
        architecture,
        monthlyEur: Object.values(prices)[0]?.monthlyEur,
        locations: Object.keys(prices),
      },
    ]);
    expect(priceList.serverTypes).toEqual(Object.fromEntries(servers));
    const balancers = Object.values(priceTable.loadBalancerTypes).map(({ name, maxTargets, maxServices, prices }) => [
      name,
      { targets: maxTargets, services: maxServices, monthlyEur: prices["fsn1"]?.monthlyEur },
    ]);
    expect(priceList.loadBalancers).toEqual(Object.fromEntries(balancers));
    const dedicated = Object.values(priceTable.dedicatedModels).map(({ model, cores, memoryGiB, gpu, monthlyEur }) => [
      model,
      { cores, memoryGiB, monthlyEur, gpu: gpu && { resource: `${gpu.vendor}.com/gpu`, count: gpu.count } },
    ]);
    expect(priceList.dedicated).toEqual(Object.fromEntries(dedicated));
  });
});

describe("control-planes-odd", () => {
  const rule = "control-planes-odd";

  it.each([
    ["one", servers("control-plane", 1, "cpx32"), []],
    ["three", servers("control-plane", 3, "cpx32"), []],
    ["two", servers("control-plane", 2, "cpx32"), ["cluster prod has 2 control planes"]],
    ["seven", servers("control-plane", 7, "cpx32"), ["cluster prod has 7 control planes"]],
    ["workers do not count", [...servers("control-plane", 3, "cpx32"), ...servers("general", 2, "cpx32")], []],
    [
      "each cluster by itself",
      [
        ...servers("control-plane", 1, "cpx32"),
        ...servers("control-plane", 1, "cpx32", {
          labels: { "orrery.dev/role": "control-plane", "orrery.dev/cluster": "dev" },
        }),
      ],
      [],
    ],
    [
      "one whose labels are not known yet may be the third",
      [...servers("control-plane", 2, "cpx32"), ...servers("x", 1, "cpx32", { labels: unknown })],
      [],
    ],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception of the stack pass, until it expires", async () => {
    const { valid, expired } = await onStack(rule, servers("control-plane", 2, "cpx32"));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("one-network-zone", () => {
  const rule = "one-network-zone";
  const at = (location: unknown, cluster = "prod") =>
    servers(`pool-${location}`, 1, "cpx32", { location, labels: { "orrery.dev/cluster": cluster } });

  it.each([
    ["one zone", [...at("fsn1"), ...at("hel1")], []],
    ["two zones", [...at("fsn1"), ...at("ash")], ["it is in ash (us-east), and pool-fsn1-1 is in eu-central"]],
    [
      "a load balancer elsewhere",
      [
        ...at("fsn1"),
        resource("hcloud:index/loadBalancer:LoadBalancer", "lb", {
          location: "hil",
          labels: { "orrery.dev/cluster": "prod" },
        }),
      ],
      ["it is in hil (us-west), and pool-fsn1-1 is in eu-central"],
    ],
    ["two clusters", [...at("fsn1"), ...at("ash", "other")], []],
    ["a location that nobody knows", at("mars1"), ["location mars1 is not on the pack's list"]],
    ["not known yet", [...at("fsn1"), ...at(unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "pool-ash-1", [...at("fsn1"), ...at("ash")]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("volume-beside-server", () => {
  const rule = "volume-beside-server";
  const volume = (location: unknown) => resource("hcloud:index/volume:Volume", "data", { id: "7", location });
  const server = resource("hcloud:index/server:Server", "web", { id: "3", location: "fsn1" });
  const attachment = (serverId: unknown, volumeId: unknown) =>
    resource("hcloud:index/volumeAttachment:VolumeAttachment", "data", { serverId, volumeId });

  it.each([
    ["beside", [server, volume("fsn1"), attachment(3, 7)], []],
    ["elsewhere", [server, volume("hel1"), attachment(3, 7)], ["the volume is in hel1, the server in fsn1"]],
    ["somebody else's server", [volume("hel1"), attachment(3, 7)], []],
    ["not known yet", [server, volume("hel1"), attachment(unknown, unknown)], []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("knows by what made the ids, where the ids are not known yet", () => {
    const plain = (each: typeof server) =>
      subject(each.type, each.name, { location: each.type.includes("Server") ? "fsn1" : "hel1" });
    const [one, other] = [plain(server), plain(volume("hel1"))];
    const made = {
      ...subject("hcloud:index/volumeAttachment:VolumeAttachment", "data", { serverId: unknown, volumeId: unknown }),
      dependencies: { serverId: [one.urn], volumeId: [other.urn] },
    };
    expect(look(rule, [one, other, made])).toEqual({
      messages: ["the volume is in hel1, the server in fsn1"],
      blind: [],
    });
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "data", [server, volume("hel1"), attachment(3, 7)]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("hcloud-limits", () => {
  const rule = "hcloud-limits";
  const of = (type: string, count: number, props: object = {}) =>
    Array.from({ length: count }, (_, index) => resource(type, `x-${index}`, props));
  const list = (count: number) => Array.from({ length: count }, () => ({}));
  const balancer = resource("hcloud:index/loadBalancer:LoadBalancer", "lb", { loadBalancerType: "lb11" });
  const target = {
    ...subject("hcloud:index/loadBalancerTarget:LoadBalancerTarget", "t", { loadBalancerId: unknown }),
    dependencies: { loadBalancerId: [balancer.urn] },
  };

  it.each([
    ["a full placement group", servers("a", 10, "cpx32", { placementGroupId: 1 }), []],
    [
      "one too many",
      servers("a", 11, "cpx32", { placementGroupId: 1 }),
      ["placement group 1 has 11 servers; Hetzner's limit is 10"],
    ],
    [
      "placement groups",
      of("hcloud:index/placementGroup:PlacementGroup", 51),
      ["the stack has 51 placement groups; Hetzner's limit for a project is 50"],
    ],
    [
      "subnets",
      of("hcloud:index/networkSubnet:NetworkSubnet", 51, { networkId: 1 }),
      ["network 1 has 51 subnets; Hetzner's limit is 50"],
    ],
    [
      "servers of the one network",
      [...of("hcloud:index/network:Network", 1), ...servers("a", 101, "cpx32")],
      ["the network has 101 servers; Hetzner's limit is 100"],
    ],
    [
      "rules of a firewall",
      of("hcloud:index/firewall:Firewall", 1, { rules: list(51) }),
      ["it has 51 rules; Hetzner's limit is 50"],
    ],
    [
      "firewalls of a server",
      servers("a", 1, "cpx32", { firewallIds: list(6) }),
      ["it has 6 firewallIds; Hetzner's limit is 5"],
    ],
    [
      "user data",
      servers("a", 1, "cpx32", { userData: "x".repeat(32_769) }),
      ["its userData has 32769 bytes; Hetzner's limit is 32768"],
    ],
    ["user data that is not known yet", servers("a", 1, "cpx32", { userData: unknown }), []],
    ["not known yet", servers("a", 11, "cpx32", { placementGroupId: unknown }), []],
  ])("%s", async (_, resources, expected) => {
    expect(await findings(rule, resources)).toEqual(expected);
  });

  it("counts a load balancer's targets by what they were made from", () => {
    const { type, name, urn, props } = balancer;
    const targets = (count: number) => Array.from({ length: count }, () => target);
    expect(look(rule, [{ type, name, urn, props }, ...targets(25)]).messages).toEqual([]);
    expect(look(rule, [{ type, name, urn, props }, ...targets(26)]).messages).toEqual([
      "it has 26 targets; a lb11 takes 25",
    ]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "a-1", servers("a", 1, "cpx32", { firewallIds: list(6) }));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("ranges of addresses", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.0/16", true],
    ["10.0.0.0/16", "10.1.0.0/16", false],
    ["10.0.1.0/24", "10.0.1.128/25", true],
    ["0.0.0.0/0", "203.0.113.7/32", true],
    ["10.0.0.7/24", "10.0.0.0/24", true],
  ])("%s and %s overlap: %s", (one, other, expected) => {
    expect(overlaps(parseCidr(one)!, parseCidr(other)!)).toBe(expected);
    expect(overlaps(parseCidr(other)!, parseCidr(one)!)).toBe(expected);
  });

  it("contain each other, or are none", () => {
    expect(contains(parseCidr("10.0.0.0/8")!, parseCidr("10.1.0.0/16")!)).toBe(true);
    expect(contains(parseCidr("10.1.0.0/16")!, parseCidr("10.0.0.0/8")!)).toBe(false);
    for (const text of ["", "10.0.0.0", "10.0.0.256/8", "10.0.0.0/33", "fd00::/8"])
      expect(parseCidr(text)).toBeUndefined();
  });
});

describe("cidr-overlap", () => {
  const rule = "cidr-overlap";
  const network = (name: string, ipRange: unknown, id = "1") =>
    resource("hcloud:index/network:Network", name, { id, ipRange });
  const subnet = (name: string, ipRange: string) =>
    resource("hcloud:index/networkSubnet:NetworkSubnet", name, { networkId: 1, ipRange });
  const config = { pods: "10.244.0.0/16", services: "10.96.0.0/12" };

  it.each([
    ["apart", [network("a", "10.0.0.0/16"), subnet("s", "10.0.0.0/24"), subnet("t", "10.0.1.0/24")], {}, []],
    [
      "two subnets",
      [subnet("s", "10.0.0.0/16"), subnet("t", "10.0.1.0/24")],
      {},
      ["subnet t (10.0.1.0/24) overlaps subnet s (10.0.0.0/16)"],
    ],
    [
      "two networks",
      [network("a", "10.0.0.0/8"), network("b", "10.1.0.0/16")],
      {},
      ["network b (10.1.0.0/16) overlaps network a (10.0.0.0/8)"],
    ],
    [
      "pods and services",
      [],
      { ...config, services: "10.244.0.0/20" },
      ["the range of services (10.244.0.0/20) overlaps the range of pods (10.244.0.0/16)"],
    ],
    [
      "pods and a subnet",
      [subnet("s", "10.244.1.0/24")],
      config,
      ["subnet s (10.244.1.0/24) overlaps the range of pods (10.244.0.0/16)"],
    ],
    ["pods inside the network", [network("a", "10.0.0.0/8"), subnet("s", "10.0.0.0/24")], config, []],
    ["not known yet", [network("a", unknown), network("b", "10.0.0.0/8")], {}, []],
  ])("%s", async (_, resources, set, expected) => {
    expect(await findings(rule, resources, set)).toEqual(expected);
  });

  it("wants a subnet inside its network", () => {
    const net = subject("hcloud:index/network:Network", "a", { ipRange: "10.0.0.0/16" });
    const inside = (ipRange: string) => ({
      ...subject("hcloud:index/networkSubnet:NetworkSubnet", "s", { networkId: unknown, ipRange }),
      dependencies: { networkId: [net.urn] },
    });
    expect(look(rule, [net, inside("10.0.0.0/24")]).messages).toEqual([]);
    expect(look(rule, [net, inside("10.1.0.0/24")]).messages).toEqual([
      "subnet s (10.1.0.0/24) is not inside network a (10.0.0.0/16)",
    ]);
  });

  it("lets a reviewed exception pass, until it expires", async () => {
    const { valid, expired } = await withException(rule, "b", [
      network("a", "10.0.0.0/8"),
      network("b", "10.1.0.0/16"),
    ]);
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});

describe("monthly-cost", () => {
  const rule = "monthly-cost";
  const ceiling = (monthlyCeilingEur: number) => ({ monthlyCeilingEur });
  const costs = (eur: string, most: string) => `it costs EUR ${eur} a month, and the ceiling is ${most}`;
  const address = resource("hcloud:index/primaryIp:PrimaryIp", "ip", { type: "ipv4" });
  const fast = object("storage.k8s.io/v1", "StorageClass", "fast", {
    metadata: { name: "fast" },
    provisioner: "csi.hetzner.cloud",
  });
  const claim = { storageClassName: "fast", resources: { requests: { storage: "100Gi" } } };

  it.each([
    ["no ceiling", servers("general", 100, "ccx63"), {}, []],
    ["at the ceiling", servers("general", 2, "ccx33"), ceiling(277.98), []],
    [
      "above it: servers and their addresses",
      servers("general", 2, "ccx33"),
      ceiling(277),
      [costs("277.98", "277.00")],
    ],
    [
      "addresses of the stack's own, once",
      [...servers("general", 2, "ccx33"), address],
      ceiling(1),
      [costs("277.48", "1.00")],
    ],
    [
      "no public address",
      servers("general", 1, "ccx33", { publicNets: [{ ipv4Enabled: false }] }),
      ceiling(1),
      [costs("138.49", "1.00")],
    ],
    [
      "backups",
      servers("general", 1, "ccx33", { publicNets: [{ ipv4Enabled: false }], backups: true }),
      ceiling(1),
      [costs("166.19", "1.00")],
    ],
    [
      "a load balancer",
      [resource("hcloud:index/loadBalancer:LoadBalancer", "lb", { loadBalancerType: "lb11" })],
      ceiling(1),
      [costs("7.49", "1.00")],
    ],
    ["volumes", [resource("hcloud:index/volume:Volume", "v", { size: 100 })], ceiling(1), [costs("5.72", "1.00")]],
    [
      "volumes of claims",
      [fast, statefulSet("db", { replicas: 3, claims: [claim] })],
      ceiling(1),
      [costs("17.16", "1.00")],
    ],
    [
      "dedicated machines",
      [
        resource("orrery:talos:Cluster", "c", {
          nodes: [
            { pool: "gpu", type: "GEX131" },
            { pool: "general", type: "ccx33" },
          ],
        }),
      ],
      ceiling(1),
      [costs("1499.00", "1.00")],
    ],
    [
      "one's own machines: one says what it costs, the other has no price",
      [
        resource("orrery:talos:Cluster", "c", {
          nodes: [
            { name: "p-a", pool: "gpu", type: "own", hardware: { cores: 8, memoryGiB: 32, monthlyEur: 80 } },
            { name: "p-b", pool: "gpu", type: "own", hardware: { cores: 8, memoryGiB: 32 } },
          ],
        }),
      ],
      ceiling(1),
      [costs("80.00", "1.00"), "dedicated machine p-b has no price on the list"],
    ],
    [
      "one pool",
      servers("general", 2, "ccx33"),
      { pools: { general: 200, other: 1 } },
      ["pool general costs EUR 277.98 a month, and its ceiling is 200.00"],
    ],
    [
      "a type without a price",
      servers("general", 2, "cx1000"),
      ceiling(100),
      ["server type cx1000 has no price on the list"],
    ],
    [
      "a load balancer without a price",
      [resource("hcloud:index/loadBalancer:LoadBalancer", "lb", { loadBalancerType: "lb31" })],
      ceiling(1),
      ["load balancer type lb31 has no price on the list"],
    ],
    ["not known yet", servers("general", 2, unknown), ceiling(1), []],
  ])("%s", async (_, resources, config, expected) => {
    expect(await findings(rule, resources, config)).toEqual(expected);
  });

  it("lets a reviewed exception of the stack pass, until it expires", async () => {
    const { valid, expired } = await onStack(rule, servers("general", 2, "ccx33"), ceiling(1));
    expect([valid, expired.length]).toEqual([[], 1]);
  });
});
