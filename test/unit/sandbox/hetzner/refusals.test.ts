import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, makeNetwork, makeServer, serverBody, sshKey, startCloud } from "./support";

/**
 * What Hetzner refuses, with its status and code. One account for all rows: `{name}` in a path or body is the id of
 * what was made under that name at the start; a refused call must leave it as it was.
 */
describe("what is refused", () => {
  let cloud: Cloud;
  const ids: Record<string, number> = {};
  const key = sshKey().public;

  beforeAll(async () => {
    cloud = await startCloud({ limits: { snapshots: 1 } });
    ids["net"] = await makeNetwork(cloud);
    ids["far"] = (
      await cloud.ok("POST", "/networks", {
        name: "far",
        ip_range: "10.9.0.0/16",
        subnets: [{ type: "cloud", ip_range: "10.9.0.0/24", network_zone: "us-east" }],
      })
    ).network.id;
    ids["overlap"] = await makeNetwork(cloud, "overlap");
    ids["full"] = await makeNetwork(cloud, "full", "10.0.0.0/30");
    ids["pg"] = (await cloud.ok("POST", "/placement_groups", { name: "pg", type: "spread" })).placement_group.id;
    ids["on"] = await makeServer(cloud, "on", { networks: [ids["net"]], placement_group: ids["pg"] });
    ids["off"] = await makeServer(cloud, "off", { start_after_create: false, networks: [ids["full"]] });
    ids["private"] = await makeServer(cloud, "private", {
      networks: [ids["net"]],
      public_net: { enable_ipv4: false, enable_ipv6: false },
    });
    ids["kept"] = await makeServer(cloud, "kept", { labels: { role: "kept" } });
    await cloud.ok("POST", `/servers/${ids["kept"]}/actions/change_protection`, { delete: true, rebuild: true });
    ids["key"] = (await cloud.ok("POST", "/ssh_keys", { name: "key", public_key: key })).ssh_key.id;
    const selector = { type: "label_selector", label_selector: { selector: "role=kept" } };
    ids["fw"] = (await cloud.ok("POST", "/firewalls", { name: "fw", apply_to: [selector] })).firewall.id;
    const ip = async (name: string, more: object) =>
      (await cloud.ok("POST", "/primary_ips", { name, type: "ipv4", location: "fsn1", ...more })).primary_ip.id;
    ids["ip"] = await ip("ip", {});
    ids["ip-nbg"] = await ip("ip-nbg", { location: "nbg1" });
    ids["ip-six"] = await ip("ip-six", { type: "ipv6" });
    ids["ip-used"] = (await cloud.ok("GET", `/servers/${ids["on"]}`)).server.public_net.ipv4.id;
    ids["vol"] = (await cloud.ok("POST", "/volumes", { name: "vol", size: 20, server: ids["on"] })).volume.id;
    ids["vol-nbg"] = (await cloud.ok("POST", "/volumes", { name: "vol-nbg", size: 10, location: "nbg1" })).volume.id;
    const lb = (name: string, more: object) =>
      cloud.ok("POST", "/load_balancers", { name, load_balancer_type: "lb11", location: "fsn1", ...more });
    const service = { protocol: "tcp", listen_port: 27_001, destination_port: 27_002 };
    const target = { type: "server", server: { id: ids["on"] } };
    ids["lb"] = (await lb("lb", { services: [service], targets: [target] })).load_balancer.id;
    ids["lb-net"] = (await lb("lb-net", { network: ids["net"], public_interface: false })).load_balancer.id;
    ids["snap"] = (await cloud.ok("POST", `/servers/${ids["on"]}/actions/create_image`, { description: "s" })).image.id;
  });
  afterAll(() => cloud.close());

  const fill = (text: string) => text.replaceAll(/"?\{([a-z-]+)\}"?/g, (_all, name: string) => String(ids[name]));

  type Row = [call: string, body: unknown, refusal: string];
  const server = (more: Record<string, unknown>) => serverBody("new", more);
  const rule = (more: object) => ({
    name: "new",
    rules: [{ direction: "in", protocol: "tcp", port: "80", source_ips: ["10.0.0.0/8"], ...more }],
  });

  const rows: Row[] = [
    ["GET /servers/999999999", undefined, "404 not_found"],
    ["GET /servers/abc", undefined, "422 invalid_input id"],
    ["GET /nothing", undefined, "404 not_found"],
    ["GET /datacenters", undefined, "410 deprecated_api_endpoint"],
    ["GET /actions", undefined, "410 deprecated_api_endpoint"],
    ["GET /servers?sort=color", undefined, "422 invalid_input sort"],
    ["GET /servers?page=0", undefined, "422 invalid_input page"],
    ["GET /servers?label_selector=a%3D%3D%3Db", undefined, "422 invalid_input label_selector"],
    ["POST /servers", "{", "400 json_error"],
    ["POST /servers", {}, "422 invalid_input name server_type image"],

    ["POST /servers", serverBody("on"), "409 uniqueness_error"],
    ["POST /servers", serverBody("not_a_hostname"), "422 invalid_input name"],
    ["POST /servers", server({ server_type: "cx9000" }), "422 invalid_input server_type"],
    ["POST /servers", server({ server_type: "cx22" }), "422 invalid_input server_type"],
    ["POST /servers", server({ server_type: "cpx11" }), "422 invalid_input server_type"],
    ["POST /servers", server({ location: "ash" }), "422 invalid_input location"],
    ["POST /servers", server({ location: "mars" }), "422 invalid_input location"],
    ["POST /servers", server({ datacenter: "fsn1-dc14" }), "422 invalid_input datacenter"],
    ["POST /servers", server({ image: "windows" }), "422 invalid_input image"],
    ["POST /servers", server({ image: "{snap}", server_type: "cax11" }), "422 invalid_input image"],
    ["POST /servers", server({ image: "{snap}", server_type: "cx23" }), "422 invalid_input image"],
    ["POST /servers", server({ user_data: "x".repeat(32 * 1024 + 1) }), "422 invalid_input user_data"],
    ["POST /servers", server({ labels: { a: "x".repeat(64) } }), "422 invalid_input labels"],
    ["POST /servers", server({ labels: { "-a": "x" } }), "422 invalid_input labels"],
    ["POST /servers", server({ ssh_keys: ["nobody"] }), "404 not_found"],
    ["POST /servers", server({ networks: ["{far}"] }), "422 no_subnet_available"],
    ["POST /servers", server({ networks: ["{full}"] }), "422 no_subnet_available"],
    ["POST /servers", server({ networks: ["{net}", "{overlap}"] }), "422 networks_overlap"],
    ["POST /servers", server({ networks: [999] }), "404 not_found"],
    ["POST /servers", server({ placement_group: 999 }), "404 not_found"],
    ["POST /servers", server({ firewalls: [{ firewall: 999 }] }), "404 not_found"],
    ["POST /servers", server({ volumes: ["{vol}"] }), "422 volume_already_attached"],
    ["POST /servers", server({ volumes: ["{vol-nbg}"] }), "422 invalid_input server"],
    ["POST /servers", server({ public_net: { enable_ipv4: false, enable_ipv6: false } }), "422 invalid_input networks"],
    ["POST /servers", server({ public_net: { ipv4: "{ip-used}" } }), "422 primary_ip_assigned"],
    ["POST /servers", server({ public_net: { ipv4: "{ip-nbg}" } }), "422 primary_ip_datacenter_mismatch"],
    ["POST /servers", server({ public_net: { ipv4: "{ip-six}" } }), "422 primary_ip_version_mismatch"],
    ["POST /servers", server({ public_net: { ipv4: "{ip}", enable_ipv4: false } }), "422 invalid_input public_net"],
    ["PUT /servers/{off}", { name: "on" }, "409 uniqueness_error"],
    ["PUT /servers/{off}", { labels: { "a b": "c" } }, "422 invalid_input labels"],
    ["DELETE /servers/{kept}", undefined, "423 protected"],
    ["POST /servers/{kept}/actions/rebuild", { image: "debian-12" }, "423 protected"],
    ["POST /servers/{kept}/actions/change_protection", { delete: false, rebuild: true }, "422 invalid_input delete"],
    ["POST /servers/{on}/actions/change_type", { server_type: "cpx32", upgrade_disk: true }, "422 server_not_stopped"],
    [
      "POST /servers/{off}/actions/change_type",
      { server_type: "cax41", upgrade_disk: true },
      "422 invalid_server_type",
    ],
    ["POST /servers/{off}/actions/change_type", { server_type: "cx23", upgrade_disk: true }, "422 invalid_server_type"],
    ["POST /servers/{on}/actions/attach_to_network", { network: "{net}" }, "422 server_already_attached"],
    ["POST /servers/{on}/actions/attach_to_network", { network: "{overlap}" }, "422 networks_overlap"],
    ["POST /servers/{kept}/actions/attach_to_network", { network: "{net}", ip: "10.0.0.1" }, "422 ip_not_available"],
    ["POST /servers/{kept}/actions/attach_to_network", { network: "{net}", ip: "10.0.0.2" }, "422 ip_not_available"],
    ["POST /servers/{kept}/actions/attach_to_network", { network: "{net}", ip: "10.0.0.255" }, "422 ip_not_available"],
    ["POST /servers/{kept}/actions/attach_to_network", { network: "{net}", ip: "10.0.7.2" }, "422 ip_not_available"],
    [
      "POST /servers/{kept}/actions/attach_to_network",
      { network: "{net}", alias_ips: ["10.0.0.2"] },
      "422 ip_not_available",
    ],
    ["POST /servers/{kept}/actions/detach_from_network", { network: "{net}" }, "422 invalid_input network"],
    ["POST /servers/{private}/actions/detach_from_network", { network: "{net}" }, "422 server_not_stopped"],
    ["POST /servers/{off}/actions/change_alias_ips", { network: "{net}", alias_ips: [] }, "404 not_found"],
    [
      "POST /servers/{on}/actions/add_to_placement_group",
      { placement_group: "{pg}" },
      "422 invalid_input placement_group",
    ],
    ["POST /servers/{kept}/actions/add_to_placement_group", { placement_group: "{pg}" }, "422 server_not_stopped"],
    ["POST /servers/{kept}/actions/remove_from_placement_group", {}, "422 invalid_input placement_group"],
    ["POST /servers/{on}/actions/create_image", { type: "backup" }, "422 invalid_input type"],
    ["POST /servers/{on}/actions/create_image", {}, "403 resource_limit_exceeded"],
    ["POST /servers/{on}/actions/enable_rescue", { ssh_keys: [999] }, "404 not_found"],
    ["POST /servers/{on}/actions/enable_rescue", { type: "freebsd64" }, "422 invalid_input type"],

    ["POST /networks", { name: "net", ip_range: "10.0.0.0/16" }, "409 uniqueness_error"],
    ["POST /networks", { name: "new", ip_range: "8.8.0.0/16" }, "422 invalid_input ip_range"],
    ["POST /networks", { name: "new", ip_range: "10.0.0.1/16" }, "422 invalid_input ip_range"],
    ["POST /networks", { name: "new", ip_range: "10.0.0.0/25" }, "422 invalid_input ip_range"],
    ["POST /networks/{net}/actions/add_subnet", { type: "cloud" }, "422 invalid_input network_zone"],
    [
      "POST /networks/{net}/actions/add_subnet",
      { type: "cloud", network_zone: "eu-central", ip_range: "10.0.0.128/25" },
      "422 invalid_input ip_range",
    ],
    [
      "POST /networks/{net}/actions/add_subnet",
      { type: "cloud", network_zone: "eu-central", ip_range: "10.1.0.0/24" },
      "422 invalid_input ip_range",
    ],
    [
      "POST /networks/{net}/actions/add_subnet",
      { type: "cloud", network_zone: "us-east" },
      "422 invalid_input network_zone",
    ],
    [
      "POST /networks/{net}/actions/add_subnet",
      { type: "vswitch", network_zone: "eu-central" },
      "422 invalid_input vswitch_id",
    ],
    [
      "POST /networks/{net}/actions/add_route",
      { destination: "10.0.0.0/24", gateway: "10.0.0.5" },
      "422 invalid_input destination",
    ],
    [
      "POST /networks/{net}/actions/add_route",
      { destination: "192.168.0.0/24", gateway: "10.0.0.1" },
      "422 invalid_input gateway",
    ],
    [
      "POST /networks/{net}/actions/delete_route",
      { destination: "192.168.0.0/24", gateway: "10.0.0.5" },
      "404 not_found",
    ],
    ["POST /networks/{net}/actions/delete_subnet", { ip_range: "10.0.0.0/24" }, "422 resource_in_use"],
    ["POST /networks/{net}/actions/delete_subnet", { ip_range: "10.0.5.0/24" }, "404 not_found"],
    ["POST /networks/{net}/actions/change_ip_range", { ip_range: "10.0.0.0/17" }, "422 invalid_input ip_range"],
    ["POST /networks/{net}/actions/change_ip_range", { ip_range: "10.16.0.0/12" }, "422 invalid_input ip_range"],

    ["POST /firewalls", { name: "fw" }, "409 uniqueness_error"],
    ["POST /firewalls", rule({ port: null }), "422 invalid_input rules.0.port"],
    ["POST /firewalls", rule({ port: "90-80" }), "422 invalid_input rules.0.port"],
    ["POST /firewalls", rule({ port: "70000" }), "422 invalid_input rules.0.port"],
    ["POST /firewalls", rule({ protocol: "icmp" }), "422 invalid_input rules.0.port"],
    ["POST /firewalls", rule({ source_ips: [] }), "422 invalid_input rules.0.source_ips"],
    ["POST /firewalls", rule({ source_ips: ["10.0.0.1/8"] }), "422 invalid_input rules.0.source_ips"],
    ["POST /firewalls", rule({ source_ips: ["2001:db8::1/64"] }), "422 invalid_input rules.0.source_ips"],
    ["POST /firewalls", rule({ source_ips: ["10.0.0.1"] }), "422 invalid_input rules.0.source_ips"],
    ["POST /firewalls", rule({ destination_ips: ["10.0.0.0/8"] }), "422 invalid_input rules.0.destination_ips"],
    ["POST /firewalls", rule({ source_ips: Array(101).fill("10.0.0.0/8") }), "422 invalid_input rules.0.source_ips"],
    ["POST /firewalls", { name: "new", rules: Array(51).fill(rule({}).rules[0]) }, "403 resource_limit_exceeded"],
    [
      "POST /firewalls",
      { name: "new", apply_to: [{ type: "server", server: { id: 999 } }] },
      "404 firewall_resource_not_found",
    ],
    [
      "POST /firewalls/{fw}/actions/apply_to_resources",
      { apply_to: [{ type: "label_selector", label_selector: { selector: "role=kept" } }] },
      "422 firewall_already_applied",
    ],
    [
      "POST /firewalls/{fw}/actions/apply_to_resources",
      { apply_to: [{ type: "server", server: { id: "{private}" } }] },
      "422 private_net_only_server",
    ],
    [
      "POST /firewalls/{fw}/actions/remove_from_resources",
      { remove_from: [{ type: "server", server: { id: "{kept}" } }] },
      "422 firewall_managed_by_label_selector",
    ],
    ["DELETE /firewalls/{fw}", undefined, "422 resource_in_use"],

    ["POST /placement_groups", { name: "pg", type: "spread" }, "409 uniqueness_error"],
    ["POST /placement_groups", { name: "new", type: "pack" }, "422 invalid_input type"],
    ["DELETE /placement_groups/{pg}", undefined, "422 resource_in_use"],

    ["POST /ssh_keys", { name: "key", public_key: key }, "409 uniqueness_error"],
    ["POST /ssh_keys", { name: "new", public_key: key }, "409 uniqueness_error"],
    ["POST /ssh_keys", { name: "new", public_key: "ssh-ed25519 AAAA" }, "422 invalid_input public_key"],

    ["POST /primary_ips", { name: "ip", type: "ipv4", location: "fsn1" }, "409 uniqueness_error"],
    ["POST /primary_ips", { name: "new", type: "ipv4" }, "422 invalid_input location"],
    ["POST /primary_ips", { name: "new", type: "ipv5", location: "fsn1" }, "422 invalid_input type"],
    ["POST /primary_ips", { name: "new", type: "ipv4", assignee_id: "{on}" }, "422 server_not_stopped"],
    ["POST /primary_ips", { name: "new", type: "ipv4", assignee_id: "{off}" }, "422 server_has_ipv4"],
    [
      "POST /primary_ips/{ip-used}/actions/assign",
      { assignee_id: "{off}", assignee_type: "server" },
      "422 primary_ip_already_assigned",
    ],
    [
      "POST /primary_ips/{ip}/actions/assign",
      { assignee_id: "{on}", assignee_type: "server" },
      "422 server_not_stopped",
    ],
    ["POST /primary_ips/{ip}/actions/assign", { assignee_id: "{off}", assignee_type: "server" }, "422 server_has_ipv4"],
    [
      "POST /primary_ips/{ip-nbg}/actions/assign",
      { assignee_id: "{off}", assignee_type: "server" },
      "422 invalid_input assignee_id",
    ],
    ["POST /primary_ips/{ip-used}/actions/unassign", {}, "422 server_not_stopped"],
    ["DELETE /primary_ips/{ip-used}", undefined, "422 must_be_unassigned"],

    ["POST /volumes", { name: "vol", size: 10, location: "fsn1" }, "409 uniqueness_error"],
    ["POST /volumes", { name: "new", size: 9, location: "fsn1" }, "422 invalid_input size"],
    ["POST /volumes", { name: "new", size: 10_241, location: "fsn1" }, "422 invalid_input size"],
    ["POST /volumes", { name: "new", size: 10 }, "422 invalid_input location"],
    ["POST /volumes", { name: "new", size: 10, location: "fsn1", format: "btrfs" }, "422 invalid_input format"],
    ["POST /volumes", { name: "new", size: 10, location: "fsn1", automount: true }, "422 invalid_input automount"],
    ["POST /volumes/{vol}/actions/resize", { size: 20 }, "422 invalid_input size"],
    ["POST /volumes/{vol}/actions/resize", { size: 10 }, "422 invalid_input size"],
    ["POST /volumes/{vol}/actions/attach", { server: "{off}" }, "422 volume_already_attached"],
    ["POST /volumes/{vol-nbg}/actions/attach", { server: "{off}" }, "422 invalid_input server"],
    ["POST /volumes/{vol-nbg}/actions/detach", {}, "422 invalid_input server"],
    ["DELETE /volumes/{vol}", undefined, "422 resource_in_use"],

    ["DELETE /images/161547269", undefined, "403 forbidden"],

    ["POST /load_balancers", { name: "lb", load_balancer_type: "lb11", location: "fsn1" }, "409 uniqueness_error"],
    [
      "POST /load_balancers",
      { name: "new", load_balancer_type: "lb99", location: "fsn1" },
      "422 invalid_input load_balancer_type",
    ],
    ["POST /load_balancers", { name: "new", load_balancer_type: "lb11" }, "422 invalid_input location"],
    [
      "POST /load_balancers/{lb}/actions/add_service",
      { protocol: "tcp", listen_port: 27_001, destination_port: 1 },
      "422 source_port_already_used",
    ],
    ["POST /load_balancers/{lb}/actions/add_service", { protocol: "tcp" }, "422 invalid_input listen_port"],
    [
      "POST /load_balancers/{lb}/actions/add_service",
      { protocol: "https", listen_port: 1, destination_port: 1 },
      "422 invalid_input protocol",
    ],
    ["POST /load_balancers/{lb}/actions/delete_service", { listen_port: 1 }, "404 not_found"],
    [
      "POST /load_balancers/{lb}/actions/add_target",
      { type: "server", server: { id: "{on}" } },
      "422 target_already_defined",
    ],
    [
      "POST /load_balancers/{lb}/actions/add_target",
      { type: "server", server: { id: "{private}" } },
      "422 missing_ipv4",
    ],
    [
      "POST /load_balancers/{lb}/actions/add_target",
      { type: "server", server: { id: "{kept}" }, use_private_ip: true },
      "422 load_balancer_not_attached_to_network",
    ],
    [
      "POST /load_balancers/{lb-net}/actions/add_target",
      { type: "server", server: { id: "{kept}" }, use_private_ip: true },
      "422 server_not_attached_to_network",
    ],
    [
      "POST /load_balancers/{lb-net}/actions/add_target",
      { type: "server", server: { id: "{on}" } },
      "422 load_balancer_public_interface_disabled",
    ],
    ["POST /load_balancers/{lb}/actions/remove_target", { type: "server", server: { id: "{kept}" } }, "404 not_found"],
    ["POST /load_balancers/{lb}/actions/disable_public_interface", {}, "422 targets_without_use_private_ip"],
    [
      "POST /load_balancers/{lb-net}/actions/attach_to_network",
      { network: "{net}" },
      "422 load_balancer_already_attached",
    ],
    [
      "POST /load_balancers/{lb}/actions/attach_to_network",
      { network: "{net}", ip: "10.0.0.2" },
      "422 ip_not_available",
    ],
    ["POST /load_balancers/{lb}/actions/attach_to_network", { network: "{far}" }, "422 no_subnet_available"],
    [
      "POST /load_balancers/{lb}/actions/detach_from_network",
      { network: "{net}" },
      "422 load_balancer_not_attached_to_network",
    ],
    ["POST /load_balancers/{lb}/actions/change_type", { load_balancer_type: "lb0" }, "422 invalid_load_balancer_type"],
  ];

  it.each(rows.map(([call, body, refusal]) => ({ call, body, refusal })))(
    "$call $body: $refusal",
    async ({ call, body, refusal }) => {
      const before = cloud.hetzner.remaining();
      const [method = "", path = ""] = fill(call).split(" ");
      const text = typeof body === "string" ? body : body === undefined ? undefined : fill(JSON.stringify(body));
      expect(await cloud.refusal(method, path, text)).toBe(refusal);
      expect(cloud.hetzner.remaining()).toEqual(before);
    },
  );

  it("takes keys as users have them, with Hetzner's fingerprint", async () => {
    const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    const { ssh_key } = await cloud.ok("POST", "/ssh_keys", {
      name: "ed",
      public_key: `ssh-ed25519 ${blob} me@laptop`,
    });
    const md5 = createHash("md5").update(Buffer.from(blob, "base64")).digest("hex");
    expect(ssh_key.fingerprint).toBe(md5.match(/../g)?.join(":"));
    const found = await cloud.ok("GET", `/ssh_keys?fingerprint=${ssh_key.fingerprint}`);
    expect(found.ssh_keys).toMatchObject([{ id: ssh_key.id }]);
    await cloud.ok("DELETE", `/ssh_keys/${ssh_key.id}`);
  });

  it("tells each field that is wrong", async () => {
    const { body } = await cloud.call("POST", "/volumes", { name: "!", size: 1, location: "fsn1" });
    const fields = body.error.details.fields.map((field: { name: string }) => field.name);
    expect(fields).toEqual(["name", "size"]);
  });

  it.each([
    ["networks", { name: "p", ip_range: "10.7.0.0/16" }, "network"],
    ["primary_ips", { name: "p", type: "ipv4", location: "fsn1" }, "primary_ip"],
    ["volumes", { name: "p", size: 10, location: "fsn1" }, "volume"],
    ["load_balancers", { name: "p", load_balancer_type: "lb11", location: "fsn1" }, "load_balancer"],
  ])("protected %s can not be deleted until protection is off", async (plural, body, kind) => {
    const { id } = (await cloud.ok("POST", `/${plural}`, body))[kind];
    await cloud.ok("POST", `/${plural}/${id}/actions/change_protection`, { delete: true });
    expect(await cloud.refusal("DELETE", `/${plural}/${id}`)).toBe("423 protected");
    await cloud.ok("POST", `/${plural}/${id}/actions/change_protection`, { delete: false });
    await cloud.ok("DELETE", `/${plural}/${id}`);
  });
});
