import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Description, hasDescription } from "./openapi";
import { type Cloud, type Json, makeNetwork, makeServer, serverBody, sshKey, startCloud } from "./support";

if (!hasDescription) {
  console.warn("skipped: no description of the Hetzner Cloud API in ../shared/facts/hcloud.openapi.json");
}

/** Every answer that the official description covers, in a tour through all kinds of resources. */
describe.skipIf(!hasDescription)("answers are shaped as the official description says", () => {
  let cloud: Cloud;
  const problems: string[] = [];
  let description: Description;

  beforeAll(async () => {
    cloud = await startCloud();
    description = new Description();
    const plain = cloud.call;
    cloud.call = async (method, path, body) => {
      const answer = await plain(method, path, body);
      problems.push(...description.problems(method, path, answer.status, answer.body));
      return answer;
    };
    await tour(cloud);
  });
  afterAll(() => cloud.close());

  it("without exception", () => {
    expect([...new Set(problems)]).toEqual([]);
  });

  it("for every operation that the tour was to visit", () => {
    expect(description.seen.size).toBeGreaterThanOrEqual(95);
  });
});

async function tour(cloud: Cloud): Promise<void> {
  const net = await makeNetwork(cloud);
  const { public: publicKey } = sshKey();
  const { ssh_key: key } = await cloud.ok("POST", "/ssh_keys", { name: "key", public_key: publicKey });
  const { placement_group: group } = await cloud.ok("POST", "/placement_groups", { name: "pg", type: "spread" });
  const rule = { direction: "in", protocol: "tcp", port: "443", source_ips: ["0.0.0.0/0"], description: "web" };
  const { firewall } = await cloud.ok("POST", "/firewalls", {
    name: "fw",
    rules: [rule],
    apply_to: [{ type: "label_selector", label_selector: { selector: "fw" } }],
  });
  const { primary_ip: ip } = await cloud.ok("POST", "/primary_ips", {
    name: "ip",
    type: "ipv4",
    assignee_type: "server",
    location: "fsn1",
  });
  const id = await makeServer(cloud, "one", {
    placement_group: group.id,
    labels: { fw: "yes" },
    networks: [net],
    ssh_keys: ["key"],
  });
  await cloud.ok("POST", "/servers", serverBody("off", { start_after_create: false }));
  const { volume } = await cloud.ok("POST", "/volumes", { name: "vol", size: 10, server: id, format: "ext4" });
  const { load_balancer: lb } = await cloud.ok("POST", "/load_balancers", {
    name: "lb",
    load_balancer_type: "lb11",
    location: "fsn1",
    network: net,
    services: [{ protocol: "tcp", listen_port: 28_080, destination_port: 28_081, proxyprotocol: false }],
    targets: [{ type: "server", server: { id }, use_private_ip: true }],
  });

  await actions(cloud, "servers", id, [
    ["change_alias_ips", { network: net, alias_ips: ["10.0.0.77"] }],
    ["detach_from_network", { network: net }],
    ["attach_to_network", { network: net }],
    ["enable_backup", {}],
    ["create_image", { description: "backup", type: "backup" }],
    ["disable_backup", {}],
    ["reset_password", {}],
    ["change_protection", { delete: true, rebuild: true }],
    ["change_protection", { delete: false, rebuild: false }],
    ["enable_rescue", { ssh_keys: [key.id] }],
    ["disable_rescue", {}],
    ["reboot", {}],
    ["reset", {}],
    ["shutdown", {}],
    ["remove_from_placement_group", {}],
    ["add_to_placement_group", { placement_group: group.id }],
    ["poweron", {}],
    ["poweroff", {}],
    ["change_type", { server_type: "cpx32", upgrade_disk: false }],
    ["rebuild", { image: "ubuntu-24.04" }],
  ]);
  const { image } = await cloud.ok("POST", `/servers/${id}/actions/create_image`, {
    description: "s",
    labels: { a: "b" },
  });
  await actions(cloud, "images", image.id, [["change_protection", { delete: false }]]);
  await actions(cloud, "firewalls", firewall.id, [
    ["set_rules", { rules: [rule, { direction: "out", protocol: "icmp", destination_ips: ["::/0"] }] }],
    ["apply_to_resources", { apply_to: [{ type: "server", server: { id } }] }],
    ["remove_from_resources", { remove_from: [{ type: "server", server: { id } }] }],
  ]);
  await actions(cloud, "volumes", volume.id, [
    ["resize", { size: 20 }],
    ["detach", {}],
    ["attach", { server: id }],
    ["detach", {}],
    ["change_protection", { delete: false }],
  ]);
  await actions(cloud, "networks", net, [
    ["add_subnet", { type: "cloud", network_zone: "eu-central" }],
    ["add_route", { destination: "192.168.0.0/24", gateway: "10.0.0.9" }],
    ["delete_route", { destination: "192.168.0.0/24", gateway: "10.0.0.9" }],
    ["delete_subnet", { ip_range: "10.0.1.0/24" }],
    ["change_ip_range", { ip_range: "10.0.0.0/15" }],
    ["change_protection", { delete: false }],
  ]);
  await actions(cloud, "primary_ips", ip.id, [
    ["change_dns_ptr", { ip: ip.ip, dns_ptr: "one.example.com" }],
    ["change_protection", { delete: false }],
  ]);
  const off = (await cloud.ok("GET", "/servers?name=off")).servers[0].id;
  const old = (await cloud.ok("GET", `/servers/${off}`)).server.public_net.ipv4.id;
  await actions(cloud, "primary_ips", old, [["unassign", {}]]);
  await actions(cloud, "primary_ips", ip.id, [["assign", { assignee_id: off, assignee_type: "server" }]]);
  await actions(cloud, "load_balancers", lb.id, [
    ["add_service", { protocol: "http", listen_port: 28_082, destination_port: 28_083 }],
    ["update_service", { listen_port: 28_082, destination_port: 28_084 }],
    ["delete_service", { listen_port: 28_082 }],
    ["add_target", { type: "label_selector", label_selector: { selector: "fw" }, use_private_ip: true }],
    ["add_target", { type: "ip", ip: { ip: "127.0.0.9" } }],
    ["remove_target", { type: "ip", ip: { ip: "127.0.0.9" } }],
    ["change_algorithm", { type: "least_connections" }],
    ["change_type", { load_balancer_type: "lb21" }],
    ["disable_public_interface", {}],
    ["enable_public_interface", {}],
    ["change_protection", { delete: false }],
    ["detach_from_network", { network: net }],
    ["attach_to_network", { network: net, ip: "10.0.0.99" }],
  ]);

  const kinds: [string, number, string][] = [
    ["networks", net, "network"],
    ["ssh_keys", key.id, "ssh_key"],
    ["placement_groups", group.id, "placement_group"],
    ["firewalls", firewall.id, "firewall"],
    ["primary_ips", ip.id, "primary_ip"],
    ["images", image.id, "image"],
    ["volumes", volume.id, "volume"],
    ["servers", id, "server"],
    ["load_balancers", lb.id, "load_balancer"],
  ];
  for (const [plural, one] of kinds) {
    await cloud.ok("GET", `/${plural}`);
    await cloud.ok("GET", `/${plural}/${one}`);
    await cloud.ok("PUT", `/${plural}/${one}`, { labels: { seen: "yes" } });
    await cloud.call("GET", `/${plural}/999`);
    if (!["ssh_keys", "placement_groups"].includes(plural)) {
      const { actions: begun } = await cloud.ok("GET", `/${plural}/${one}/actions`);
      await cloud.ok("GET", `/${plural}/actions`);
      await cloud.ok("GET", `/${plural}/actions/${begun[0].id}`);
      await cloud.ok("GET", `/${plural}/${one}/actions/${begun[0].id}`);
      await cloud.ok("GET", `/actions?id=${begun[0].id}`);
    }
  }
  for (const plural of ["locations", "server_types", "load_balancer_types", "isos"]) {
    const list: Json[] = (await cloud.ok("GET", `/${plural}`))[plural];
    await cloud.ok("GET", `/${plural}/${list[0].id}`);
  }
  await cloud.ok("GET", "/pricing");

  await cloud.ok("DELETE", `/load_balancers/${lb.id}`);
  await cloud.ok("DELETE", `/servers/${id}`);
  await cloud.ok("DELETE", `/volumes/${volume.id}`);
  await cloud.ok("DELETE", `/images/${image.id}`);
  await cloud.ok("POST", `/primary_ips/${ip.id}/actions/unassign`);
  await cloud.ok("DELETE", `/primary_ips/${ip.id}`);
  await cloud.ok("POST", `/firewalls/${firewall.id}/actions/remove_from_resources`, {
    remove_from: [{ type: "label_selector", label_selector: { selector: "fw" } }],
  });
  await cloud.ok("DELETE", `/firewalls/${firewall.id}`);
  await cloud.ok("DELETE", `/placement_groups/${group.id}`);
  await cloud.ok("DELETE", `/ssh_keys/${key.id}`);
  await cloud.ok("DELETE", `/networks/${net}`);
}

async function actions(cloud: Cloud, plural: string, id: number, calls: [string, unknown][]): Promise<void> {
  for (const [command, body] of calls) {
    await cloud.ok("POST", `/${plural}/${id}/actions/${command}`, body);
  }
}
