import { describe, expect, it } from "vitest";
import { type Problem, parseSettings, SettingsError } from "../../../stacks/settings";

const base = {
  environment: "dev",
  cluster: { name: "demo", domain: "demo.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 1, serverType: "cpx42", locations: ["fsn1"] }],
};

const machine = { name: "gpu-1", address: "203.0.113.40", model: "GEX45", robotNumber: 1 };

function problems(changes: object): readonly Problem[] {
  try {
    parseSettings({ ...base, ...changes });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

function rules(changes: object): string[] {
  return problems(changes).map(({ rule }) => rule);
}

const network = (changes: object) => ({ network: { cidr: "10.0.0.0/16", ...changes } });
const admins = (...adminCidrs: string[]) => ({ access: { adminCidrs } });

/** What the fixtures do not show: the last value that passes, and the first that does not. */
describe("edges of the rules", () => {
  it.each<[string, object, string[]]>([
    ["100 admin ranges", admins(...Array.from({ length: 100 }, (_, i) => `203.0.${i}.0/24`)), []],
    ["101 admin ranges", admins(...Array.from({ length: 101 }, (_, i) => `203.0.${i}.0/24`)), ["admin-cidrs-count"]],
    ["an IPv4 /8", admins("11.0.0.0/8"), []],
    ["an IPv4 /7", admins("10.0.0.0/7"), ["admin-cidr-open"]],
    ["an IPv6 /19", admins("2001::/19"), []],
    ["an IPv6 /18", admins("2001::/18"), ["admin-cidr-open"]],
    ["services in a /12", network({ serviceCidr: "10.96.0.0/12" }), []],
    ["services in an /11", network({ serviceCidr: "10.96.0.0/11" }), ["service-cidr-size"]],
    ["services in a /24", network({ serviceCidr: "10.96.0.0/24" }), []],
    ["services in a /25", network({ serviceCidr: "10.96.0.0/25" }), ["service-cidr-size"]],
    ["a network of a /24", network({ cidr: "10.0.0.0/24", nodeCidr: "10.0.0.0/24" }), []],
    ["a network of a /25", network({ cidr: "10.0.0.0/25", nodeCidr: "10.0.0.0/25" }), ["network-cidr-size"]],
    [
      "pods in a /24, for one node",
      { ...network({ podCidr: "10.244.0.0/24" }), pools: [], controlPlane: { schedulable: true } },
      [],
    ],
    ["pods in a /24, for two nodes", network({ podCidr: "10.244.0.0/24" }), ["pod-cidr-size"]],
    [
      "a dedicated machine counts as a node",
      { ...network({ podCidr: "10.244.0.0/23" }), dedicated: [machine] },
      ["pod-cidr-size"],
    ],
    ["a node network that is the whole network", network({ nodeCidr: "10.0.0.0/16" }), []],
    ["a malformed node network", network({ nodeCidr: "x" }), ["cidr-valid"]],
    ["a malformed network", network({ cidr: "x" }), ["cidr-valid"]],
    ["a cluster name of 32", { cluster: { ...base.cluster, name: "c".repeat(32) } }, []],
    ["a cluster name of 33", { cluster: { ...base.cluster, name: "c".repeat(33) } }, ["cluster-name"]],
    ["a node name of 63", { dedicated: [{ ...machine, name: "m".repeat(58) }] }, []],
    ["a node name of 64", { dedicated: [{ ...machine, name: "m".repeat(59) }] }, ["server-name-length"]],
    ["as many copies as nodes", { services: { postgres: { enabled: true, instances: 1 } } }, []],
    ["a machine on the loopback", { dedicated: [{ ...machine, address: "127.10.2.1" }] }, []],
    ["a machine in carrier NAT", { dedicated: [{ ...machine, address: "100.64.0.9" }] }, ["dedicated-address"]],
    ["a multicast address", { dedicated: [{ ...machine, address: "224.0.0.1" }] }, ["dedicated-address"]],
    ["an IPv6 address", { dedicated: [{ ...machine, address: "2001:db8::1" }] }, ["dedicated-address"]],
    ["a model named like a property", { dedicated: [{ ...machine, model: "constructor" }] }, ["dedicated-model"]],
    [
      "seven control planes",
      { controlPlane: { count: 7 }, kubernetesApi: { loadBalancer: { enabled: true } } },
      ["control-plane-odd"],
    ],
    ["no control plane", { controlPlane: { count: 0 } }, ["control-plane-odd"]],
    ["Kubernetes 1.30", { versions: { kubernetes: "v1.30.0" } }, []],
    ["Kubernetes 1.29", { versions: { kubernetes: "v1.29.9" } }, ["kubernetes-version-supported"]],
    ["Cilium's port", { mesh: { wireguard: { port: 8472 } } }, ["wireguard-port"]],
  ])("%s", (_what, changes, expected) => {
    expect(rules(changes)).toEqual(expected);
  });
});

describe("the fix", () => {
  it.each([
    [
      "node-cidr-size",
      { pools: [{ ...base.pools[0]!, count: 60 }], network: { nodeCidr: "10.0.16.0/24" } },
      "nodeCidr",
    ],
    ["node-cidr-size", { network: { nodeCidr: "10.0.0.16/30" } }, "nodeCidr"],
    ["pod-cidr-size", { pools: [{ ...base.pools[0]!, count: 9 }], network: { podCidr: "10.244.0.0/23" } }, "podCidr"],
  ])("of %s is accepted, and no smaller one is", (rule, changes, key) => {
    const found = problems(changes).find((problem) => problem.rule === rule)!;
    const prefix = Number(/\/(\d+)/.exec(found.fix)![1]);
    const address = String(found.value).split("/")[0];
    const withPrefix = (length: number) => rules({ ...changes, network: { [key]: `${address}/${length}` } });
    expect(withPrefix(prefix)).not.toContain(rule);
    expect(withPrefix(prefix + 1)).toContain(rule);
  });

  it("names the range as Kubernetes and Hetzner want it written", () => {
    const [problem] = problems(network({ nodeCidr: "10.0.3.0/30" }));
    expect(problem).toMatchObject({ rule: "node-cidr-size", fix: expect.stringContaining("10.0.3.0/27") });
  });

  it("of wireguard-size is the smallest range with room for all peers", () => {
    const peers = Array.from({ length: 300 }, (_, index) => ({ name: `peer-${index}` }));
    const [problem] = problems({ mesh: { wireguard: { cidr: "10.200.0.0/24", peers } } });
    expect(problem).toMatchObject({ rule: "wireguard-size", allowed: "/23 or larger, e.g. 10.200.0.0/23" });
  });

  it.each([
    [admins("203.0.113.7"), "Write 203.0.113.7/32."],
    [admins("2001:db8::1"), "Write 2001:db8::1/128."],
    [admins("203.0.113.7/24"), "Write 203.0.113.0/24 for the range, or 203.0.113.7/32 for the one address."],
    [admins("2001:db8::1/64"), "Write 2001:db8::/64 for the range, or 2001:db8::1/128 for the one address."],
    [network({ podCidr: "10.244.3.1/16" }), "Write 10.244.0.0/16."],
    [{ cluster: { ...base.cluster, name: "My_Cluster" } }, "Use my-cluster."],
    [{ cluster: { ...base.cluster, name: "???" } }, "Use another name."],
    [{ versions: { talos: "1.12.1" } }, "Write v1.12.1."],
    [{ versions: { kubernetes: "v1.36.0" } }, "Set orrery:versions.kubernetes to v1.35.0."],
    [{ versions: { kubernetes: "v1.20.0" } }, "Set orrery:versions.kubernetes to v1.30.0."],
    [{ talos: { extensions: ["iscsi-tools"] } }, "Write siderolabs/iscsi-tools."],
    [{ controlPlane: { count: 2 }, kubernetesApi: { loadBalancer: { enabled: true } } }, "controlPlane.count to 1."],
    [{ controlPlane: { count: 9 }, kubernetesApi: { loadBalancer: { enabled: true } } }, "controlPlane.count to 5."],
  ])("%#: %j", (changes, fix) => {
    expect(problems(changes)[0]!.fix).toContain(fix);
  });

  it.each([
    ["My App", "my_app"],
    ["1st-db", "st_db"],
    ["demo_", "demo"],
    ["???", "main"],
  ])("of the database name %j is %s", (name, suggestion) => {
    const services = { postgres: { enabled: true, databases: [{ name }] } };
    expect(problems({ services })[0]!.fix).toBe(`Rename it, e.g. to ${suggestion}.`);
  });
});
