import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import { Foundation } from "../../../../components/hetzner/foundation";
import { TalosImage } from "../../../../components/hetzner/talos-image";
import { schematic } from "../../../../components/talos/schematic";
import { type Environment, environment, settings, stackSettings } from "../talos/environment";
import { mock, type Recording, resolve } from "./mocks";

const NETWORK = "hcloud:index/network:Network";
const SUBNET = "hcloud:index/networkSubnet:NetworkSubnet";
const FIREWALL = "hcloud:index/firewall:Firewall";
const PRIMARY_IP = "hcloud:index/primaryIp:PrimaryIp";
const SERVER = "hcloud:index/server:Server";
const LOAD_BALANCER = "hcloud:index/loadBalancer:LoadBalancer";
const COMMAND = "command:local:Command";

describe("prod", () => {
  let prod: Environment;
  let recording: Recording;
  beforeAll(async () => {
    prod = await environment(stackSettings("prod"), true);
    recording = prod.recording;
  });

  test("everything of Hetzner's that can be protected is", () => {
    for (const type of [NETWORK, PRIMARY_IP, LOAD_BALANCER, SERVER]) {
      expect(recording.ofType(type).length).toBeGreaterThan(0);
      for (const { inputs } of recording.ofType(type)) expect(inputs.deleteProtection).toBe(true);
    }
    // Hetzner refuses a server whose two protections differ.
    for (const { inputs } of recording.ofType(SERVER)) expect(inputs.rebuildProtection).toBe(inputs.deleteProtection);
  });

  test("everything of Hetzner's carries its cluster's label and a name of its own", () => {
    const labelled = recording.resources.filter(
      ({ type }) => type.startsWith("hcloud:") && !/Subnet|LoadBalancer(Network|Service|Target)/.test(type),
    );
    expect(labelled.length).toBeGreaterThan(15);
    for (const { inputs, name, type } of labelled) {
      expect(inputs.labels, name).toMatchObject({ "orrery.dev/cluster": "orrery-prod", "managed-by": "orrery" });
      expect(inputs.name, `${type} ${name}`).toMatch(/^orrery-prod/);
    }
  });

  test("the network has one subnet for the servers", () => {
    expect(recording.one(NETWORK, "foundation-network").inputs).toMatchObject({ ipRange: "10.0.0.0/16" });
    expect(recording.one(SUBNET, "foundation-network-nodes").inputs).toMatchObject({
      ipRange: "10.0.0.0/20",
      type: "cloud",
      networkZone: "eu-central",
    });
  });

  test("firewalls let administrators in to control planes, and nobody to workers", () => {
    const rules = (role: string) => recording.one(FIREWALL, `foundation-firewall-${role}`).inputs.rules as object[];
    expect(rules("control-plane")).toContainEqual(
      expect.objectContaining({ direction: "in", protocol: "tcp", port: "6443", sourceIps: ["203.0.113.7/32"] }),
    );
    expect(rules("worker")).not.toContainEqual(expect.objectContaining({ protocol: "tcp" }));
  });

  test("addresses are in their server's location, stay when it goes, and have no assigneeType", () => {
    const { inputs } = recording.one(PRIMARY_IP, "orrery-prod-control-plane-2-ipv4");
    expect(inputs).toMatchObject({ type: "ipv4", location: "nbg1", autoDelete: false });
    for (const address of recording.ofType(PRIMARY_IP)) expect(address.inputs).not.toHaveProperty("assigneeType");
  });

  test("the load balancer is in the network under its own address, and closed to the outside", () => {
    const network = recording.one("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork", "foundation-api-network");
    expect(network.inputs).toMatchObject({ ip: "10.0.0.5", enablePublicInterface: false });
    expect(network.dependencies).toContain(recording.one(SUBNET, "foundation-network-nodes").urn);
    const service = recording.one("hcloud:index/loadBalancerService:LoadBalancerService", "foundation-api-kubernetes");
    expect(service.inputs).toMatchObject({ protocol: "tcp", listenPort: 6443, destinationPort: 6443 });
  });

  test("its targets are the control planes, privately, once it is in the network", () => {
    const targets = recording.ofType("hcloud:index/loadBalancerTarget:LoadBalancerTarget");
    expect(targets.map(({ name }) => name)).toEqual(
      [1, 2, 3].map((n) => `foundation-api-orrery-prod-control-plane-${n}`),
    );
    const network = recording.one("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork", "foundation-api-network");
    for (const { inputs, dependencies } of targets) {
      expect(inputs).toMatchObject({ type: "server", usePrivateIp: true });
      expect(dependencies).toContain(network.urn);
    }
  });

  test("a server is where the plan says, behind its firewall, in its group, with its addresses", () => {
    const { inputs, dependencies, ignoreChanges, deleteBeforeReplace, secrets } = recording.one(
      SERVER,
      "orrery-prod-control-plane-2",
    );
    const id = (type: string, name: string) => recording.resources.indexOf(recording.one(type, name)) + 1001;
    expect(inputs).toMatchObject({
      name: "orrery-prod-control-plane-2",
      serverType: "cpx32",
      location: "nbg1",
      image: "77",
      firewallIds: [id(FIREWALL, "foundation-firewall-control-plane")],
      placementGroupId: id("hcloud:index/placementGroup:PlacementGroup", "orrery-prod-control-plane-1"),
      publicNets: [{ ipv4Enabled: true, ipv4: id(PRIMARY_IP, "orrery-prod-control-plane-2-ipv4"), ipv6Enabled: true }],
      networks: [
        {
          subnetId: String(id(SUBNET, "foundation-network-nodes")),
          ip: "10.0.0.11",
          aliasIps: [],
        },
      ],
    });
    expect(dependencies).toContain(recording.one(SUBNET, "foundation-network-nodes").urn);
    expect(ignoreChanges).toEqual(["userData", "image", "sshKeys"]);
    expect(deleteBeforeReplace).toBe(true);
    expect(secrets).toEqual(["userData"]);
  });

  test("workers are behind their own firewall", () => {
    const worker = recording.one(FIREWALL, "foundation-firewall-worker");
    expect(recording.one(SERVER, "orrery-prod-general-1").dependencies).toContain(worker.urn);
  });

  test("every child has its component as parent", () => {
    const parents = Object.fromEntries(
      recording.resources.map(({ type, name, parent }) => [`${type} ${name}`, parent.split("::").at(-1)]),
    );
    expect(parents[`${SERVER} orrery-prod-general-1`]).toBe("cluster-general");
    expect(parents[`${PRIMARY_IP} orrery-prod-general-1-ipv4`]).toBe("foundation-addresses");
    expect(parents[`${COMMAND} foundation-image-x86-build`]).toBe("foundation-image-x86");
    const roots = recording.resources.filter(({ parent }) => !parent || parent.includes("pulumi:pulumi:Stack"));
    expect(roots.map(({ name }) => name)).toEqual(["foundation", "cluster"]);
  });

  test("components register what they offer", () => {
    expect(Object.keys(recording.outputs.get("foundation")!)).toEqual(["networkId"]);
    expect(Object.keys(recording.outputs.get("foundation-network")!).sort()).toEqual(["networkId", "subnetId"]);
    expect(recording.outputs.get("foundation-api")).toEqual({ privateIp: "10.0.0.5", publicIpv4: "198.51.100.250" });
    expect(recording.outputs.get("foundation-image-x86")).toMatchObject({ imageId: "77" });
    expect(recording.outputs.get("cluster-general")).toMatchObject({
      pool: "general",
      servers: [
        { name: "orrery-prod-general-1", publicIpv4: expect.stringMatching(/^198\.51\.100\./) },
        {},
        {},
        {},
        {},
        {},
        {},
        {},
        {},
      ],
    });
  });
});

test("dev has no load balancer and no protection", async () => {
  const { recording } = await environment(stackSettings("dev"));
  expect(recording.ofType(LOAD_BALANCER)).toEqual([]);
  for (const { inputs } of recording.ofType(SERVER)) expect(inputs.deleteProtection).toBe(false);
  for (const { protect } of recording.resources) expect(protect).toBe(false);
});

test("a pool without public IPv4 has no such address", async () => {
  const pool = { name: "quiet", count: 1, serverType: "cpx42", locations: ["fsn1"], publicIpv4: false };
  const { recording } = await environment(settings({ pools: [pool] }));
  expect(recording.ofType(PRIMARY_IP).map(({ name }) => name)).toEqual(["demo-control-plane-1-ipv4"]);
  expect(recording.one(SERVER, "demo-quiet-1").inputs.publicNets).toEqual([{ ipv4Enabled: false, ipv6Enabled: true }]);
});

test("each architecture in use has one image", async () => {
  const pools = ["cpx42", "cax31", "cax41"].map((serverType, i) => ({
    name: `pool${i}`,
    count: 2,
    serverType,
    locations: ["fsn1"],
  }));
  const { recording } = await environment(settings({ pools }));
  expect(recording.ofType("orrery:hetzner:TalosImage").map(({ name }) => name)).toEqual([
    "foundation-image-x86",
    "foundation-image-arm",
  ]);
});

describe("TalosImage", () => {
  const args = {
    cluster: "demo",
    version: "v1.12.1",
    schematic: schematic({ platform: "hcloud", extensions: [] }),
    architecture: "arm",
    location: "hel1",
  } as const;

  test("finds a snapshot by version and schematic", async () => {
    const recording = await mock();
    const { imageId } = new TalosImage("image", { ...args, source: "snapshot" });
    expect((await resolve(imageId)).value).toBe("4711");
    await pulumi.runtime.disconnect();
    expect(recording.calls).toEqual([
      {
        token: "hcloud:index/getImage:getImage",
        inputs: {
          withSelector: `os=talos,version=v1.12.1,schematic=${args.schematic.id.slice(0, 32)}`,
          withArchitecture: "arm",
          withStatuses: ["available"],
          mostRecent: true,
        },
      },
    ]);
  });

  test("takes the selector of the settings", async () => {
    const recording = await mock();
    new TalosImage("image", { ...args, source: "snapshot", selector: "mine=yes" });
    await pulumi.runtime.disconnect();
    expect(recording.calls[0]?.inputs.withSelector).toBe("mine=yes");
  });

  test("builds with the token as a secret on stdin, and again for another version", async () => {
    const recording = await mock(() => ({ stdout: '{"imageId": 77}\n' }));
    const image = new TalosImage("image", { ...args, source: "build", api: { token: "hcloud-token" } });
    expect((await resolve(image.imageId)).value).toBe("77");
    await pulumi.runtime.disconnect();
    const { inputs, secrets } = recording.one(COMMAND, "image-build");
    expect(secrets).toContain("stdin");
    expect(JSON.parse(inputs.stdin as string)).toMatchObject({
      token: "hcloud-token",
      location: "hel1",
      imageUrl: `https://factory.talos.dev/image/${args.schematic.id}/v1.12.1/hcloud-arm64.raw.xz`,
    });
    expect(JSON.stringify({ ...inputs, stdin: "" })).not.toContain("hcloud-token");
    expect(inputs.triggers).toEqual(["v1.12.1", args.schematic.id, "arm"]);
    expect(inputs.delete).toContain("build.ts delete");
  });

  test("building needs a token", async () => {
    await mock();
    expect(() => new TalosImage("image", { ...args, source: "build" })).toThrow("needs hcloud:token");
    await pulumi.runtime.disconnect();
  });
});

test("an explicit provider reaches every child and every call", async () => {
  const recording = await mock(() => ({ stdout: '{"imageId": 77}' }));
  const { Provider } = await import("@pulumi/hcloud");
  const provider = new Provider("mine", { token: "t" });
  const input = settings({ talos: { image: { source: "snapshot" } } });
  new Foundation("foundation", { ...input, protection: false }, { providers: [provider] });
  await pulumi.runtime.disconnect();
  const hcloud = recording.resources.filter(({ type }) => type.startsWith("hcloud:"));
  expect(hcloud.length).toBeGreaterThan(5);
  for (const { provider: used } of hcloud) expect(used).toContain("::mine::");
});
