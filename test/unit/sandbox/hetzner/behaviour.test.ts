import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, type Json, makeNetwork, makeServer, serverBody, startCloud } from "./support";

let cloud: Cloud;
afterEach(() => cloud.close());

const get = async (path: string, field: string): Promise<Json> => (await cloud.ok("GET", path))[field];
const server = (id: number) => get(`/servers/${id}`, "server");

describe("servers", () => {
  beforeEach(async () => {
    cloud = await startCloud();
  });

  it("are locked while an action runs", async () => {
    await cloud.restart({ actionMs: { min: 60_000, max: 60_000 } });
    const { body } = await cloud.call("POST", "/servers", serverBody("one"));
    const path = `/servers/${body.server.id}`;
    expect(await cloud.refusal("POST", `${path}/actions/poweroff`)).toBe("423 locked");
    expect(await cloud.refusal("DELETE", path)).toBe("423 locked");
    expect((await cloud.call("PUT", path, { labels: { a: "b" } })).status).toBe(200);
  });

  it("take their own addresses with them, but not a primary IP", async () => {
    const { primary_ip: ip } = await cloud.ok("POST", "/primary_ips", { name: "ip", type: "ipv4", location: "fsn1" });
    const id = await makeServer(cloud, "one", { public_net: { ipv4: ip.id } });
    expect(await get(`/primary_ips/${ip.id}`, "primary_ip")).toMatchObject({ assignee_id: id });
    await cloud.ok("DELETE", `/servers/${id}`);
    expect((await get("/primary_ips", "primary_ips")).map((each: Json) => each.id)).toEqual([ip.id]);
    expect(await get(`/primary_ips/${ip.id}`, "primary_ip")).toMatchObject({ assignee_id: null });
  });

  it("may be given the name that they have", async () => {
    const id = await makeServer(cloud, "one");
    expect((await cloud.ok("PUT", `/servers/${id}`, { name: "one", labels: {} })).server.name).toBe("one");
  });

  it("without a public IPv4 run at a loopback address of their own", async () => {
    const net = await makeNetwork(cloud);
    const id = await makeServer(cloud, "inner", {
      networks: [net],
      public_net: { enable_ipv4: false, enable_ipv6: false },
    });
    expect((await server(id)).public_net).toMatchObject({ ipv4: null, ipv6: null });
    expect(cloud.machines.of(id)).toMatchObject({ privateAddress: "10.0.0.2" });
    expect(cloud.machines.of(id)?.address).toMatch(new RegExp(`^${cloud.prefix}\\.`));
  });

  it("get the address that is chosen, or the next free one, and give it back", async () => {
    const net = await makeNetwork(cloud);
    const one = await makeServer(cloud, "one");
    await cloud.ok("POST", `/servers/${one}/actions/attach_to_network`, {
      network: net,
      ip: "10.0.0.3",
      alias_ips: ["10.0.0.50"],
    });
    const two = await makeServer(cloud, "two", { networks: [net] });
    const three = await makeServer(cloud, "three", { networks: [net] });
    const ips = async () => Promise.all([one, two, three].map(async (id) => (await server(id)).private_net[0]?.ip));
    expect(await ips()).toEqual(["10.0.0.3", "10.0.0.2", "10.0.0.4"]);
    const aliases = { network: net, alias_ips: ["10.0.0.51", "10.0.0.4"] };
    const change = `/servers/${one}/actions/change_alias_ips`;
    expect(await cloud.refusal("POST", change, aliases)).toBe("422 ip_not_available");
    expect((await server(one)).private_net[0].alias_ips).toEqual(["10.0.0.50"]);
    await cloud.ok("POST", change, { network: net, alias_ips: ["10.0.0.50", "10.0.0.51"] });
    expect((await server(one)).private_net[0].alias_ips).toEqual(["10.0.0.50", "10.0.0.51"]);
    expect((await get(`/networks/${net}`, "network")).servers).toEqual([one, two, three]);
    await cloud.ok("POST", `/servers/${one}/actions/detach_from_network`, { network: net });
    expect(cloud.machines.of(one)?.privateAddress).toBeUndefined();
    const four = await makeServer(cloud, "four", { networks: [net] });
    expect((await server(four)).private_net[0].ip).toBe("10.0.0.3");
  });

  it("change their type with or without the disk", async () => {
    const id = await makeServer(cloud, "one");
    const change = async (server_type: string, upgrade_disk: boolean) => {
      await cloud.ok("POST", `/servers/${id}/actions/poweroff`);
      await cloud.ok("POST", `/servers/${id}/actions/change_type`, { server_type, upgrade_disk });
    };
    await change("cpx32", false);
    expect(await server(id)).toMatchObject({
      status: "running",
      primary_disk_size: 80,
      server_type: { name: "cpx32" },
    });
    expect(cloud.machines.of(id)?.hardware).toMatchObject({ cores: 4, memoryGiB: 8, diskGiB: 80 });
    await change("cpx22", false);
    await change("cpx32", true);
    expect(cloud.machines.of(id)?.hardware).toMatchObject({ diskGiB: 160 });
    await cloud.ok("POST", `/servers/${id}/actions/poweroff`);
    const back = { server_type: "cpx22", upgrade_disk: false };
    expect(await cloud.refusal("POST", `/servers/${id}/actions/change_type`, back)).toBe("422 invalid_server_type");
  });

  it("lose their disk when they are rebuilt", async () => {
    const { id: image } = await cloud.admin("POST", "/snapshots", { version: "v1.12.1", schematicId: "a".repeat(64) });
    const id = await makeServer(cloud, "one", { user_data: "old" });
    await cloud.ok("POST", `/servers/${id}/actions/rebuild`, { image });
    expect(cloud.machines.calls).toContain(`remove server-${id}`);
    expect(cloud.machines.of(id)).toMatchObject({ disk: { os: "talos" }, userData: "old" });
  });

  it("still show a snapshot that was deleted", async () => {
    const { id: image } = await cloud.admin("POST", "/snapshots", { version: "v1.12.1", schematicId: "a".repeat(64) });
    const id = await makeServer(cloud, "one", { image });
    await cloud.ok("DELETE", `/images/${image}`);
    expect((await server(id)).image).toMatchObject({ id: image, deleted: expect.any(String) });
    expect(await get("/images?type=snapshot", "images")).toEqual([]);
    expect(await cloud.refusal("POST", "/servers", serverBody("two", { image }))).toBe("422 invalid_input image");
    await cloud.ok("DELETE", `/servers/${id}`);
    expect(await cloud.refusal("GET", `/images/${image}`)).toBe("404 not_found");
  });

  it("stop when they are shut down, and detach their volumes when they go", async () => {
    const id = await makeServer(cloud, "one");
    const { volume } = await cloud.ok("POST", "/volumes", { name: "v", size: 10, server: id });
    expect(await get(`/volumes/${volume.id}`, "volume")).toMatchObject({ server: id, status: "available" });
    expect((await server(id)).volumes).toEqual([volume.id]);
    await cloud.ok("POST", `/servers/${id}/actions/shutdown`);
    expect((await server(id)).status).toBe("off");
    await cloud.ok("DELETE", `/servers/${id}`);
    expect(await get(`/volumes/${volume.id}`, "volume")).toMatchObject({ server: null });
  });

  it("move to another primary IP only while they are off", async () => {
    const id = await makeServer(cloud, "one");
    const old = (await server(id)).public_net.ipv4;
    const { primary_ip: ip } = await cloud.ok("POST", "/primary_ips", { name: "ip", type: "ipv4", location: "fsn1" });
    await cloud.ok("POST", `/servers/${id}/actions/poweroff`);
    await cloud.ok("POST", `/primary_ips/${old.id}/actions/unassign`);
    await cloud.ok("POST", `/primary_ips/${ip.id}/actions/assign`, { assignee_id: id, assignee_type: "server" });
    await cloud.ok("POST", `/servers/${id}/actions/poweron`);
    expect(cloud.machines.of(id)?.address).toBe(ip.ip);
  });

  it("fail to start with the machine host's own words", async () => {
    const start = cloud.machines.start;
    cloud.machines.start = () => Promise.reject(new Error("no memory left"));
    const { body } = await cloud.call("POST", "/servers", serverBody("one"));
    expect(await cloud.action(body.next_actions[0].id)).toMatchObject({
      status: "error",
      error: { code: "action_failed", message: "no memory left" },
    });
    expect((await server(body.server.id)).status).toBe("off");
    cloud.machines.start = start;
    await cloud.ok("POST", `/servers/${body.server.id}/actions/poweron`);
    expect(cloud.machines.of(body.server.id)).toBeDefined();
  });
});

describe("public addresses", () => {
  beforeEach(async () => {
    cloud = await startCloud({ limits: { loadBalancers: 200 } });
  });

  const make = async (name: string) =>
    (await cloud.ok("POST", "/primary_ips", { name, type: "ipv4", location: "fsn1" })).primary_ip;

  it("go round, past those that are in use", async () => {
    const held = await make("held");
    const seen: string[] = [];
    for (let i = 0; i < 241; i++) {
      const ip = await make("passing");
      seen.push(ip.ip);
      await cloud.ok("DELETE", `/primary_ips/${ip.id}`);
    }
    expect(new Set(seen).size).toBe(240);
    expect(seen).not.toContain(held.ip);
    expect(seen.at(-1)).toBe(seen[0]);
  });

  it("come to an end", async () => {
    const used = { name: "lb", load_balancer_type: "lb11", location: "fsn1" };
    for (let i = 0; i < 120; i++) {
      await cloud.call("POST", "/load_balancers", { ...used, name: `lb-${i}` });
    }
    await make("last");
    const body = { name: "one more", type: "ipv4", location: "fsn1" };
    expect(await cloud.refusal("POST", "/primary_ips", body)).toBe("403 resource_limit_exceeded");
  });
});

describe("a network", () => {
  beforeEach(async () => {
    cloud = await startCloud();
  });

  it("gives the first free /24 to a subnet without a range, around routes", async () => {
    const net = await makeNetwork(cloud);
    await cloud.ok("POST", `/networks/${net}/actions/add_route`, { destination: "10.0.1.0/24", gateway: "10.0.0.9" });
    await cloud.ok("POST", `/networks/${net}/actions/add_subnet`, { type: "cloud", network_zone: "eu-central" });
    const { subnets } = await get(`/networks/${net}`, "network");
    expect(subnets.at(-1)).toMatchObject({ ip_range: "10.0.2.0/24", gateway: "10.0.0.1" });
  });

  it("lets go of what is attached when it is deleted", async () => {
    const net = await makeNetwork(cloud);
    const id = await makeServer(cloud, "one", { networks: [net] });
    const lb = { name: "lb", load_balancer_type: "lb11", location: "fsn1", network: net };
    const { load_balancer } = await cloud.ok("POST", "/load_balancers", lb);
    await cloud.ok("DELETE", `/networks/${net}`);
    expect((await server(id)).private_net).toEqual([]);
    expect(cloud.machines.of(id)?.privateAddress).toBeUndefined();
    expect(await get(`/load_balancers/${load_balancer.id}`, "load_balancer")).toMatchObject({ private_net: [] });
    expect(cloud.machines.aliases.size).toBe(0);
  });

  it("is in conflict with a second change while the first runs", async () => {
    const net = await makeNetwork(cloud);
    await cloud.restart({ actionMs: { min: 60_000, max: 60_000 } });
    const subnet = { type: "cloud", network_zone: "eu-central" };
    await cloud.call("POST", `/networks/${net}/actions/add_subnet`, subnet);
    expect(await cloud.refusal("POST", `/networks/${net}/actions/add_subnet`, subnet)).toBe("409 conflict");
    expect(await cloud.refusal("DELETE", `/networks/${net}`)).toBe("409 conflict");
  });
});

describe("limits", () => {
  it.each<[string, Record<string, number>, () => Promise<string>]>([
    ["servers of a project", { servers: 0 }, () => cloud.refusal("POST", "/servers", serverBody("one"))],
    [
      "networks of a project",
      { networks: 0 },
      () => cloud.refusal("POST", "/networks", { name: "n", ip_range: "10.0.0.0/16" }),
    ],
    [
      "primary IPs that a server would bring",
      { primaryIps: 1 },
      () => cloud.refusal("POST", "/servers", serverBody("one")),
    ],
    [
      "targets of lb11",
      {},
      async () => {
        for (let i = 0; i < 26; i++) {
          const ip = { ip: `203.0.113.${i + 1}` };
          const refusal = await cloud.refusal("POST", "/load_balancers", {
            name: `lb-${i}`,
            load_balancer_type: "lb11",
            location: "fsn1",
            targets: Array.from({ length: i + 1 }, (_, n) => ({ type: "ip", ip: { ip: `203.0.113.${n + 1}` } })),
          });
          if (!refusal.startsWith("201")) {
            expect([i, ip.ip]).toEqual([25, "203.0.113.26"]);
            return refusal;
          }
        }
        return "none";
      },
    ],
  ])("%s", async (_name, limits, refused) => {
    cloud = await startCloud({ limits: { loadBalancers: 50, ...limits } });
    const before = cloud.hetzner.remaining().filter(({ kind }) => kind !== "load_balancer");
    expect(await refused()).toBe("403 resource_limit_exceeded");
    expect(cloud.hetzner.remaining().filter(({ kind }) => kind !== "load_balancer")).toEqual(before);
  });

  it("ten servers in a spread group, no more", async () => {
    cloud = await startCloud();
    const { placement_group: group } = await cloud.ok("POST", "/placement_groups", { name: "pg", type: "spread" });
    for (let i = 0; i < 10; i++) {
      await cloud.ok(
        "POST",
        "/servers",
        serverBody(`s-${i}`, { placement_group: group.id, start_after_create: false }),
      );
    }
    const body = serverBody("s-10", { placement_group: group.id });
    expect(await cloud.refusal("POST", "/servers", body)).toBe("412 placement_error");
  });

  it("sixteen volumes on a server, no more", async () => {
    cloud = await startCloud();
    const id = await makeServer(cloud, "one");
    for (let i = 0; i < 16; i++) {
      await cloud.call("POST", "/volumes", { name: `v-${i}`, size: 10, server: id });
    }
    const body = { name: "v-16", size: 10, server: id };
    expect(await cloud.refusal("POST", "/volumes", body)).toBe("403 resource_limit_exceeded");
  });

  it("five firewalls on a server, those of label selectors included", async () => {
    cloud = await startCloud();
    const id = await makeServer(cloud, "one", { labels: { a: "b" } });
    for (let i = 0; i < 5; i++) {
      const selector = { type: "label_selector", label_selector: { selector: "a=b" } };
      await cloud.ok("POST", "/firewalls", { name: `f-${i}`, apply_to: [selector] });
    }
    expect((await server(id)).public_net.firewalls).toHaveLength(5);
    const body = { name: "f-5", apply_to: [{ type: "server", server: { id } }] };
    expect(await cloud.refusal("POST", "/firewalls", body)).toBe("403 resource_limit_exceeded");
    const { firewall } = await cloud.ok("POST", "/firewalls", { name: "spare" });
    const apply = `/firewalls/${firewall.id}/actions/apply_to_resources`;
    expect(await cloud.refusal("POST", apply, { apply_to: body.apply_to })).toBe("403 resource_limit_exceeded");
    expect((await get(`/firewalls/${firewall.id}`, "firewall")).applied_to).toEqual([]);
    await cloud.ok("DELETE", `/firewalls/${firewall.id}`);
    expect(cloud.hetzner.remaining().filter(({ kind }) => kind === "firewall")).toHaveLength(5);
  });

  it("a network's hundred servers, three networks a server", async () => {
    cloud = await startCloud({ limits: { serversPerNetwork: 1, networksPerServer: 1 } });
    const net = await makeNetwork(cloud);
    const { network: other } = await cloud.ok("POST", "/networks", {
      name: "other",
      ip_range: "10.1.0.0/16",
      subnets: [{ type: "cloud", network_zone: "eu-central" }],
    });
    const one = await makeServer(cloud, "one", { networks: [net] });
    const two = serverBody("two", { networks: [net] });
    expect(await cloud.refusal("POST", "/servers", two)).toBe("403 resource_limit_exceeded");
    const attach = `/servers/${one}/actions/attach_to_network`;
    expect(await cloud.refusal("POST", attach, { network: other.id })).toBe("403 resource_limit_exceeded");
  });
});

describe("lists", () => {
  beforeEach(async () => {
    cloud = await startCloud();
    for (const [index, name] of ["b", "a", "c"].entries()) {
      await cloud.ok("POST", "/placement_groups", { name, type: "spread", labels: { n: String(index) } });
    }
  });

  it.each([
    ["", ["b", "a", "c"]],
    ["?sort=name", ["a", "b", "c"]],
    ["?sort=name:desc", ["c", "b", "a"]],
    ["?sort=id:desc", ["c", "a", "b"]],
    ["?sort=created:desc", ["c", "a", "b"]],
    ["?name=a", ["a"]],
    ["?label_selector=n%20in%20(0,2)", ["b", "c"]],
    ["?sort=name&per_page=2&page=2", ["c"]],
    ["?page=9", []],
  ])("%j", async (query, names) => {
    const groups = await get(`/placement_groups${query}`, "placement_groups");
    expect(groups.map((group: Json) => group.name)).toEqual(names);
  });

  it("tell where the other pages are", async () => {
    const { meta } = await cloud.ok("GET", "/placement_groups?per_page=1&page=2");
    expect(meta.pagination).toEqual({
      page: 2,
      per_page: 1,
      previous_page: 1,
      next_page: 3,
      last_page: 3,
      total_entries: 3,
    });
    expect((await cloud.ok("GET", "/images?per_page=1000")).meta.pagination.per_page).toBe(50);
  });

  it("of actions are asked for by id and status", async () => {
    const { body } = await cloud.call("POST", "/servers", serverBody("one"));
    const [first, second] = [body.action.id, body.next_actions[0].id];
    await cloud.action(second);
    const ids = async (query: string) => (await get(`/actions?${query}`, "actions")).map((action: Json) => action.id);
    expect(await ids(`id=${second}&id=${first}&page=1&sort=status&sort=id`)).toEqual([first, second]);
    expect(await ids(`id=${first}&id=999`)).toEqual([first]);
    expect(await ids(`id=${first}&status=running`)).toEqual([]);
  });

  it("of server types hold prices, stock and what is retired", async () => {
    const [type] = await get("/server_types?name=cx23", "server_types");
    expect(type.prices.find((price: Json) => price.location === "fsn1")).toMatchObject({
      price_monthly: { net: "5.4900000000", gross: "6.5331000000" },
      price_hourly: { net: "0.0088000000" },
    });
    const [old] = await get("/server_types?name=cx22", "server_types");
    expect(old).toMatchObject({
      deprecated: true,
      locations: [{ available: false, deprecation: expect.anything() }, {}, {}],
    });
    const arm = await get("/server_types?architecture=arm", "server_types");
    expect(arm.map((each: Json) => each.name)).toEqual(["cax11", "cax21", "cax31", "cax41"]);
    const { primary_ips: ips } = await get("/pricing", "pricing");
    expect(ips[0].prices[0].price_monthly.net).toBe("0.5000000000");
  });
});
