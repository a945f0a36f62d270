import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, makeServer, serverBody, startCloud } from "./support";

/** The calls of the official provider for a small cluster, in its order, and back to nothing. */
describe("a cluster's resources", () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  it("come up, are read back and go away without a trace", async () => {
    const { network } = await cloud.ok("POST", "/networks", {
      name: "net",
      ip_range: "10.0.0.0/16",
      expose_routes_to_vswitch: false,
    });
    await cloud.ok("POST", `/networks/${network.id}/actions/add_subnet`, {
      type: "cloud",
      ip_range: "10.0.0.0/20",
      network_zone: "eu-central",
    });
    const { placement_group: group } = await cloud.ok("POST", "/placement_groups", { name: "pg", type: "spread" });
    const { firewall } = await cloud.ok("POST", "/firewalls", {
      name: "fw",
      rules: [{ direction: "in", protocol: "tcp", port: "6443", source_ips: ["203.0.113.7/32"] }],
    });
    const { primary_ip: ip } = await cloud.ok("POST", "/primary_ips", {
      name: "ip",
      type: "ipv4",
      auto_delete: false,
      location: "fsn1",
    });
    expect(ip).toMatchObject({ ip: `${cloud.prefix}.10`, assignee_id: null, location: { name: "fsn1" } });

    const created = await cloud.ok(
      "POST",
      "/servers",
      serverBody("one", {
        user_data: "hello",
        labels: { pool: "a" },
        firewalls: [{ firewall: firewall.id }],
        placement_group: group.id,
        public_net: { enable_ipv4: true, enable_ipv6: true, ipv4: ip.id },
      }),
    );
    const id = created.server.id;
    expect(created.server).toMatchObject({ status: "initializing", locked: true });
    expect(created.next_actions.map((action: { command: string }) => action.command)).toEqual(["start_server"]);
    await cloud.ok("POST", `/servers/${id}/actions/attach_to_network`, { network: network.id, ip: "10.0.0.11" });

    const { server } = await cloud.ok("GET", `/servers/${id}`);
    expect(server).toMatchObject({
      status: "running",
      locked: false,
      public_net: { ipv4: { id: ip.id, ip: ip.ip }, firewalls: [{ id: firewall.id, status: "applied" }] },
      private_net: [{ network: network.id, ip: "10.0.0.11", alias_ips: [] }],
      placement_group: { id: group.id, servers: [id] },
    });
    expect(server.public_net.ipv6.ip).toMatch(/^2001:db8:.*::\/64$/);
    expect(cloud.machines.of(id)).toEqual({
      key: `server-${id}`,
      name: "one",
      address: ip.ip,
      privateAddress: "10.0.0.11",
      location: "fsn1",
      serverType: "cpx22",
      hardware: { cores: 2, memoryGiB: 4, diskGiB: 80, architecture: "x86" },
      disk: { os: "other" },
      userData: "hello",
    });

    const { load_balancer: lb } = await cloud.ok("POST", "/load_balancers", {
      name: "lb",
      load_balancer_type: "lb11",
      location: "fsn1",
    });
    await cloud.ok("POST", `/load_balancers/${lb.id}/actions/attach_to_network`, { network: network.id });
    await cloud.ok("POST", `/load_balancers/${lb.id}/actions/add_target`, {
      type: "server",
      server: { id },
      use_private_ip: true,
    });
    await cloud.ok("POST", `/load_balancers/${lb.id}/actions/add_service`, {
      protocol: "tcp",
      listen_port: 16_443,
      destination_port: 16_443,
    });
    expect([...cloud.machines.aliases.keys()]).toEqual(["10.0.0.2"]);

    expect(cloud.hetzner.remaining().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "server one",
      "network net",
      "load_balancer lb",
      "primary_ip ip",
      expect.stringMatching(/^primary_ip primary_ip-\d+$/),
      "firewall fw",
      "placement_group pg",
    ]);

    await cloud.ok("DELETE", `/load_balancers/${lb.id}`);
    await cloud.ok("DELETE", `/servers/${id}`);
    await cloud.ok("POST", `/primary_ips/${ip.id}/actions/unassign`);
    await cloud.ok("DELETE", `/primary_ips/${ip.id}`);
    await cloud.ok("DELETE", `/firewalls/${firewall.id}`);
    await cloud.ok("DELETE", `/placement_groups/${group.id}`);
    await cloud.ok("POST", `/networks/${network.id}/actions/delete_subnet`, { ip_range: "10.0.0.0/20" });
    await cloud.ok("DELETE", `/networks/${network.id}`);
    expect(cloud.hetzner.remaining()).toEqual([]);
    expect(cloud.machines.list()).toEqual([]);
    expect(cloud.machines.aliases.size).toBe(0);
  });

  it("keeps a server's machine in step with power actions", async () => {
    const id = await makeServer(cloud, "one");
    await cloud.ok("POST", `/servers/${id}/actions/poweroff`);
    expect(cloud.machines.of(id)).toBeUndefined();
    expect((await cloud.ok("GET", `/servers/${id}`)).server.status).toBe("off");
    await cloud.ok("POST", `/servers/${id}/actions/poweron`);
    expect(cloud.machines.of(id)?.name).toBe("one");
    await cloud.ok("PUT", `/servers/${id}`, { name: "two", labels: { a: "b" } });
    expect(cloud.machines.of(id)?.name).toBe("two");
  });
});
