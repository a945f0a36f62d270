import { describe, expect, it } from "vitest";
import { type PropertyMap, Secret, UNKNOWN } from "../../../../../sandbox/providers/framework";
import { RESOURCES } from "../../../../../sandbox/providers/hcloud";
import { HcloudClient } from "../../../../../sandbox/providers/hcloud/client";
import { cloudResource } from "../../../../../sandbox/providers/hcloud/resource";
import { coerceInputs, driftedInputs, type Inputs } from "../../../../../sandbox/providers/hcloud/schema";
import { testContext } from "../context";

const client = new HcloudClient({
  endpoint: "http://127.0.0.1:9",
  token: "t",
  pollIntervalMs: 1,
  pollFunction: "constant",
});

function handler(name: string) {
  const resource = RESOURCES[`hcloud:index/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`]!;
  return cloudResource(resource, client);
}

async function check(name: string, newInputs: PropertyMap, oldInputs: PropertyMap = {}) {
  const result = await handler(name).check!({ oldInputs, newInputs, name: "thing" }, testContext());
  return { inputs: result.inputs, failures: result.failures!.map(({ property }) => property) };
}

async function diff(name: string, oldInputs: PropertyMap, newInputs: PropertyMap) {
  const args = { id: "1", oldInputs, newInputs, oldOutputs: {}, ignoreChanges: [] };
  const result = await handler(name).diff(args, testContext());
  return { ...result, paths: Object.keys(result.detailedDiff) };
}

const SPECS: Inputs = {
  name: { type: "string", required: true },
  size: { type: "number" },
  on: { type: "boolean", default: false },
  ids: { type: "set", items: "number" },
  kind: { type: "string", allowed: ["a", "b"] },
  labels: { type: "labels" },
  nets: { type: "set", items: "object" },
  data: { type: "string", writeOnly: true },
};

describe("inputs", () => {
  it("are converted as the official provider does, inside secrets too", () => {
    const { inputs, failures } = coerceInputs(SPECS, {
      name: 5,
      size: new Secret("12"),
      on: "true",
      ids: ["1", 2, UNKNOWN],
      labels: null,
    });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ name: "5", size: new Secret(12), on: true, ids: [1, 2, UNKNOWN] });
  });

  it("are refused all at once, each with its path", () => {
    const { failures } = coerceInputs(SPECS, {
      size: "big",
      on: "maybe",
      ids: [1, "x"],
      kind: "c",
      other: 1,
      labels: "l",
    });
    expect(failures.map(({ property }) => property)).toEqual([
      "size",
      "on",
      "ids[1]",
      "kind",
      "other",
      "labels",
      "name",
    ]);
  });
});

describe("drift", () => {
  const inputs: PropertyMap = { name: "n", ids: [1, 2], nets: [{ ip: "10.0.0.1" }], data: "d", labels: { a: "1" } };

  it("is none where only order or the API's own additions differ", () => {
    const actual = {
      name: "n",
      on: false,
      ids: [2, 1],
      nets: [{ ip: "10.0.0.1", mac: "m" }],
      data: "hash",
      labels: { a: "1" },
    };
    expect(driftedInputs(SPECS, inputs, actual)).toEqual(inputs);
  });

  it("shows as inputs that differ", () => {
    const actual = { name: "other", on: true, ids: [1], nets: [], labels: { a: "1", b: "2" } };
    expect(driftedInputs(SPECS, inputs, actual)).toEqual({ ...actual, data: "d" });
  });

  it("keeps a secret secret", () => {
    expect(driftedInputs(SPECS, { name: new Secret("n") }, { name: "m" })).toEqual({ name: new Secret("m") });
  });
});

describe("names", () => {
  it("are made once when they are left out", async () => {
    const { inputs } = await check("Network", { ipRange: "10.0.0.0/16" });
    expect(inputs["name"]).toMatch(/^thing-[0-9a-f]{7}$/);
    const again = await check("Network", { ipRange: "10.0.0.0/16" }, inputs);
    expect(again.inputs["name"]).toBe(inputs["name"]);
    const named = await check("Network", { ipRange: "10.0.0.0/16", name: "mine" }, inputs);
    expect(named.inputs).toEqual({ ipRange: "10.0.0.0/16", name: "mine" });
  });

  it("that the program chose make a replacement delete first", async () => {
    const range = (ipRange: string, more: PropertyMap = {}) => ({ ipRange, name: "n", ...more });
    expect((await diff("Network", range("10.0.0.0/16"), range("10.1.0.0/16"))).deleteBeforeReplace).toBe(true);
    const auto = { __defaults: ["name"] };
    expect((await diff("Network", range("10.0.0.0/16", auto), range("10.1.0.0/16", auto))).deleteBeforeReplace).toBe(
      false,
    );
  });
});

describe("a server", () => {
  const base: PropertyMap = {
    name: "s",
    serverType: "cpx22",
    image: "1",
    networks: [{ subnetId: "7-10.0.1.0/24", aliasIps: [] }],
  };

  it.each<[key: string, before: PropertyMap, after: PropertyMap]>([
    ["image", { image: "1" }, { image: "2" }],
    ["location", { location: "fsn1" }, { location: "nbg1" }],
    ["sshKeys", { sshKeys: ["1"] }, { sshKeys: ["1", "2"] }],
    ["userData", { userData: "a" }, { userData: new Secret("b") }],
  ])("is replaced when %s changes", async (key, before, after) => {
    expect((await diff("Server", { ...base, ...before }, { ...base, ...after })).replaces).toEqual([key]);
  });

  it.each<[key: string, after: PropertyMap]>([
    ["name", { name: "t" }],
    ["labels", { labels: { a: "b" } }],
    ["serverType", { serverType: "cpx32" }],
    ["firewallIds", { firewallIds: [1] }],
    ["placementGroupId", { placementGroupId: 4 }],
    ["deleteProtection", { deleteProtection: true }],
  ])("is changed in place when %s changes", async (path, after) => {
    const result = await diff("Server", base, { ...base, labels: {}, ...after });
    expect([result.replaces, result.paths]).toEqual([[], [path]]);
  });

  it("is the same in another order, with a default written out, and where the API may choose", async () => {
    const before = { ...base, firewallIds: [1, 2], image: "debian-12", location: "fsn1" };
    const { location: _, ...after } = { ...before, firewallIds: [2, 1], deleteProtection: false, userData: "" };
    expect((await diff("Server", before, after)).paths).toEqual([]);
  });

  it("keeps its firewalls when remote ones are ignored", async () => {
    const ignoring = { ...base, ignoreRemoteFirewallIds: true };
    const drifted = await diff("Server", { ...ignoring, firewallIds: [1, 9] }, { ...ignoring, firewallIds: [1] });
    expect(drifted.paths).toEqual([]);
  });

  it("changes in every `up` where aliasIps is left out, as with the official provider", async () => {
    const trapped = { ...base, networks: [{ subnetId: "7-10.0.1.0/24" }] };
    expect((await diff("Server", trapped, trapped)).paths).toEqual(["networks"]);
    expect((await diff("Server", base, base)).paths).toEqual([]);
  });

  it.each<[name: string, inputs: PropertyMap, property: string]>([
    ["no network", { networks: [{ ip: "10.0.0.1" }] }, "networks[0]"],
    ["an address outside", { networks: [{ subnetId: "7-10.0.1.0/24", ip: "10.0.2.1" }] }, "networks[0]"],
    ["a network twice", { networks: [{ networkId: 7 }, { subnetId: "7-10.0.1.0/24" }] }, "networks[1]"],
    ["a subnet of another network", { networks: [{ networkId: 8, subnetId: "7-10.0.1.0/24" }] }, "networks[0]"],
    ["a datacenter", { datacenter: "fsn1-dc14" }, "datacenter"],
    ["too much user data", { userData: "x".repeat(32_769) }, "userData"],
  ])("is refused with %s", async (_name, inputs, property) => {
    expect((await check("Server", { serverType: "cpx22", image: "1", ...inputs })).failures).toEqual([property]);
  });

  it("is not refused for what is not known yet", async () => {
    const inputs = {
      serverType: "cpx22",
      image: UNKNOWN,
      networks: [{ subnetId: UNKNOWN, ip: UNKNOWN }],
      userData: UNKNOWN,
    };
    expect((await check("Server", inputs)).failures).toEqual([]);
  });

  it("knows in a preview what is given, and nothing that the API gives", async () => {
    const { outputs } = await handler("Server").create(
      { name: "s", serverType: "cpx22", image: "1" },
      testContext({ preview: true }),
    );
    expect(outputs).toMatchObject({ name: "s", ipv4Address: UNKNOWN, location: UNKNOWN, backups: false, image: "1" });
  });
});

describe("a primary address", () => {
  const base = { name: "a", type: "ipv4" };

  it("changes in every `up` where assigneeType stands alone, as with the official provider", async () => {
    const trapped = { ...base, location: "fsn1", assigneeType: "server" };
    expect((await diff("PrimaryIp", trapped, trapped)).paths).toEqual(["assigneeType"]);
    const clean = { ...base, location: "fsn1" };
    expect((await diff("PrimaryIp", clean, clean)).paths).toEqual([]);
  });

  it("needs exactly one of location and assignee", async () => {
    expect((await check("PrimaryIp", base)).failures).toEqual(["location"]);
    expect(
      (await check("PrimaryIp", { ...base, location: "fsn1", assigneeId: 1, assigneeType: "server" })).failures,
    ).toEqual(["location"]);
    expect((await check("PrimaryIp", { ...base, assigneeId: 1 })).failures).toEqual(["assigneeId"]);
    expect((await check("PrimaryIp", { ...base, location: UNKNOWN })).failures).toEqual([]);
  });
});

describe("other resources", () => {
  it.each<[name: string, inputs: PropertyMap, properties: string[]]>([
    ["NetworkSubnet", { networkId: "1", type: "lan", networkZone: "z", ipRange: "r" }, ["type"]],
    ["Firewall", { rules: [{ direction: "in", protocol: "tcp" }] }, ["rules[0].port"]],
    ["LoadBalancerTarget", { loadBalancerId: 1, type: "server" }, ["type"]],
    ["LoadBalancerTarget", { loadBalancerId: 1, type: "ip", ip: "10.0.0.1", usePrivateIp: true }, ["usePrivateIp"]],
    ["LoadBalancerService", { loadBalancerId: "1", protocol: "tcp" }, ["listenPort", "destinationPort"]],
    ["LoadBalancerNetwork", { loadBalancerId: 1 }, ["networkId"]],
    ["LoadBalancer", { loadBalancerType: "lb11", location: "fsn1", networkZone: "eu-central" }, ["networkZone"]],
    ["Volume", { size: "ten" }, ["size"]],
  ])("%s refuses %o", async (name, inputs, properties) => {
    expect((await check(name, inputs)).failures).toEqual(properties);
  });
});
