import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as hcloud from "@pulumi/hcloud";
import { secret } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandProvider } from "../../sandbox/providers/command";
import { hcloudProvider } from "../../sandbox/providers/hcloud";
import { randomProvider } from "../../sandbox/providers/random";
import { tlsProvider } from "../../sandbox/providers/tls";
import { type Cloud, startCloud, TOKEN } from "./providers/cloud";
import { EngineStack, type Program } from "./providers/stack";

const tools = process.env["ORRERY_TOOLS_DIR"] ?? "";
if (tools === "") {
  console.log("providers.test.ts is skipped: ORRERY_TOOLS_DIR does not name a folder with the tools");
}

describe.skipIf(tools === "")("the built-in providers with the real engine", { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-providers-"));
  const providers = [commandProvider, hcloudProvider, randomProvider, tlsProvider];
  let cloud: Cloud;
  const stacks: EngineStack[] = [];
  const open = async (name: string): Promise<EngineStack> => {
    const stack = await EngineStack.open(folder, tools, providers, name);
    stacks.push(stack);
    return stack;
  };

  beforeAll(async () => {
    cloud = await startCloud(join(folder, "cloud"));
  });

  afterAll(async () => {
    await Promise.all(stacks.map((stack) => stack.close()));
    await cloud?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("makes secrets once, keeps them encrypted, replaces them with their keepers, and runs commands again", async () => {
    const stack = await open("local");
    const program =
      (keeper: string, script: string): Program =>
      async () => {
        const password = new random.RandomPassword("password", { length: 24, keepers: { keeper } });
        const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
        const authority = new tls.SelfSignedCert("authority", {
          privateKeyPem: key.privateKeyPem,
          isCaCertificate: true,
          allowedUses: ["cert_signing", "digital_signature"],
          validityPeriodHours: 24,
          subject: { organization: "talos" },
        });
        const run = new command.local.Command("run", {
          create: script,
          delete: "true",
          stdin: password.result,
          environment: { GREETING: "hello" },
        });
        return { password: password.result, key: key.privateKeyPem, certificate: authority.certPem, out: run.stdout };
      };
    const script = 'cat > /dev/null; echo "$GREETING"';

    const preview = await stack.preview(program("a", script));
    expect(preview.changes).toEqual({ create: 5 });
    const first = await stack.up(program("a", script));
    expect(first.changes).toEqual({ create: 5 });
    expect(first.outputs["out"]).toEqual({ value: "hello", secret: true });
    expect(first.outputs["certificate"]?.secret).toBe(false);
    const password = first.outputs["password"]?.value as string;
    expect(password).toHaveLength(24);
    expect(stack.state()).not.toContain(password);
    expect(stack.state()).not.toContain("BEGIN PRIVATE KEY");

    expect((await stack.up(program("a", script))).changes).toEqual({ same: 5 });
    expect((await stack.refresh()).changes).toEqual({ same: 5 });

    const changed = await stack.up(program("a", `${script}; echo again`));
    expect(changed.changes).toEqual({ same: 4, update: 1 });
    expect(changed.outputs["out"]?.value).toBe("hello\nagain");

    const replaced = await stack.up(program("b", `${script}; echo again`));
    expect(replaced.changes).toEqual({ same: 3, update: 1, replace: 1 });
    expect(replaced.outputs["password"]?.value).not.toBe(password);

    const failed = await stack.up(program("b", "echo why >&2; exit 3"));
    expect(failed.failure).toContain('exit status 3: running "echo why >&2; exit 3":');
    expect(failed.failure).toContain("why");
    expect((await stack.destroy()).changes).toEqual({ delete: 5 });
  });

  it("plans a new certificate when the renewal is due", async () => {
    const stack = await open("renewal");
    const program =
      (earlyRenewalHours: number): Program =>
      async () => {
        const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
        const certificate = new tls.SelfSignedCert("certificate", {
          privateKeyPem: key.privateKeyPem,
          allowedUses: ["server_auth"],
          validityPeriodHours: 10,
          earlyRenewalHours,
        });
        return { certificate: certificate.certPem };
      };
    const first = await stack.up(program(0));
    expect((await stack.preview(program(0))).changes).toEqual({ same: 3 });
    // It lives for 10 hours, so a renewal 11 hours before its end is due at once.
    expect((await stack.preview(program(11))).changes).toEqual({ same: 2, replace: 1 });
    const renewed = await stack.up(program(11));
    expect(renewed.changes).toEqual({ same: 2, replace: 1 });
    expect(renewed.outputs["certificate"]?.value).not.toBe(first.outputs["certificate"]?.value);
    expect((await stack.up(program(1))).changes).toEqual({ same: 2, update: 1 });
    await stack.destroy();
  });

  const machines =
    (change: { labels?: Record<string, string>; type?: string; userData?: string; protect?: boolean } = {}): Program =>
    async () => {
      const provider = new hcloud.Provider("hcloud", {
        token: secret(TOKEN),
        endpoint: cloud.endpoint,
        pollInterval: "20ms",
      });
      const options = { provider };
      const network = new hcloud.Network("net", { name: "net", ipRange: "10.0.0.0/16" }, options);
      const subnet = new hcloud.NetworkSubnet(
        "subnet",
        { networkId: network.id.apply(Number), type: "cloud", networkZone: "eu-central", ipRange: "10.0.1.0/24" },
        options,
      );
      const group = new hcloud.PlacementGroup("group", { name: "group", type: "spread" }, options);
      const firewall = new hcloud.Firewall(
        "firewall",
        {
          name: "firewall",
          rules: [
            { direction: "in", protocol: "tcp", port: "6443", sourceIps: ["10.0.0.0/8"] },
            { direction: "in", protocol: "icmp", sourceIps: ["0.0.0.0/0", "::/0"] },
          ],
        },
        options,
      );
      const key = new tls.PrivateKey("ssh", { algorithm: "ED25519" });
      const sshKey = new hcloud.SshKey("ssh", { name: "ssh", publicKey: key.publicKeyOpenssh }, options);
      const address = new hcloud.PrimaryIp(
        "address",
        { name: "address", type: "ipv4", location: "fsn1", labels: { a: "b" } },
        options,
      );
      const server = new hcloud.Server(
        "server",
        {
          name: "server",
          serverType: change.type ?? "cpx22",
          image: "debian-12",
          location: "fsn1",
          sshKeys: [sshKey.id],
          userData: secret(change.userData ?? "hidden-user-data"),
          labels: change.labels ?? { role: "worker" },
          firewallIds: [firewall.id.apply(Number)],
          placementGroupId: group.id.apply(Number),
          publicNets: [{ ipv4Enabled: true, ipv4: address.id.apply(Number), ipv6Enabled: false }],
          networks: [{ subnetId: subnet.id, ip: "10.0.1.10", aliasIps: [] }],
          deleteProtection: change.protect ?? false,
          rebuildProtection: change.protect ?? false,
        },
        { ...options, dependsOn: [subnet] },
      );
      const balancer = new hcloud.LoadBalancer(
        "balancer",
        { name: "balancer", loadBalancerType: "lb11", location: "fsn1" },
        options,
      );
      const balancerId = balancer.id.apply(Number);
      const attachment = new hcloud.LoadBalancerNetwork(
        "balancer",
        { loadBalancerId: balancerId, subnetId: subnet.id, ip: "10.0.1.2" },
        options,
      );
      const inNetwork = { ...options, dependsOn: [attachment] };
      new hcloud.LoadBalancerTarget(
        "target",
        { type: "server", loadBalancerId: balancerId, serverId: server.id.apply(Number), usePrivateIp: true },
        inNetwork,
      );
      new hcloud.LoadBalancerService(
        "service",
        { loadBalancerId: balancer.id, protocol: "tcp", listenPort: 6443, destinationPort: 6443 },
        inNetwork,
      );
      const volume = new hcloud.Volume(
        "volume",
        { name: "volume", size: 10, location: "fsn1", format: "ext4" },
        options,
      );
      new hcloud.VolumeAttachment(
        "volume",
        { volumeId: volume.id.apply(Number), serverId: server.id.apply(Number) },
        options,
      );
      const image = hcloud.getImageOutput({ name: "debian-12" }, options);
      return { address: server.ipv4Address, status: server.status, image: image.id, userData: server.userData };
    };
  const COUNT = 16;

  it("orders machines, changes nothing the second time, finds drift, changes, replaces and gives all back", async () => {
    const stack = await open("machines");
    expect((await stack.preview(machines())).changes).toEqual({ create: COUNT });
    const first = await stack.up(machines());
    expect(first.failure).toBeUndefined();
    expect(first.changes).toEqual({ create: COUNT });
    expect(first.outputs["address"]?.value).toBe(stack.resource("address").outputs["ipAddress"]);
    expect(first.outputs["status"]?.value).toBe("running");
    expect(first.outputs["userData"]?.secret).toBe(true);
    expect(stack.state()).not.toContain("hidden-user-data");
    expect(stack.state()).not.toContain(TOKEN);

    cloud.requests.length = 0;
    expect((await stack.up(machines())).changes).toEqual({ same: COUNT });
    expect([...new Set(cloud.requests.map((line) => line.split("?")[0]))]).toEqual(["GET /v1/images"]);
    expect((await stack.refresh()).changes).toEqual({ same: COUNT });

    const { id } = stack.resource("server");
    await cloud.call("PUT", `/servers/${id}`, { labels: { role: "drifted" } });
    expect((await stack.refresh()).changes).toEqual({ same: COUNT - 1, update: 1 });
    expect((await stack.preview(machines())).changes).toEqual({ same: COUNT - 1, update: 1 });
    expect((await stack.up(machines())).changes).toEqual({ same: COUNT - 1, update: 1 });
    expect((await cloud.call("GET", `/servers/${id}`))["server"].labels).toEqual({ role: "worker" });

    const grown = await stack.up(machines({ type: "cpx32" }));
    expect(grown.changes).toEqual({ same: COUNT - 1, update: 1 });
    expect(stack.resource("server").id).toBe(id);

    // Its name is taken until it is gone, and what hangs on it goes with it.
    const replaced = await stack.up(machines({ type: "cpx32", userData: "other" }));
    expect(replaced.failure).toBeUndefined();
    expect(stack.resource("server").id).not.toBe(id);
    expect((await stack.up(machines({ type: "cpx32", userData: "other" }))).changes).toEqual({ same: COUNT });

    const protectedUp = await stack.up(machines({ type: "cpx32", userData: "other", protect: true }));
    expect(protectedUp.changes).toEqual({ same: COUNT - 1, update: 1 });
    const refused = await stack.destroy();
    expect(refused.failure).toContain("(protected). What to do: switch its protection off");
    await stack.up(machines({ type: "cpx32", userData: "other" }));
    const gone = await stack.destroy();
    expect(gone.failure).toBeUndefined();
    expect(cloud.remaining()).toEqual([]);
  });

  it("finds a server that was deleted by hand, and makes it again", async () => {
    const stack = await open("lost");
    const program: Program = async () => {
      const provider = new hcloud.Provider("hcloud", { token: TOKEN, endpoint: cloud.endpoint, pollInterval: "20ms" });
      new hcloud.Server("server", { name: "lost", serverType: "cpx22", image: "debian-12" }, { provider });
      return {};
    };
    await stack.up(program);
    const { id } = stack.resource("server");
    await cloud.settled("DELETE", `/servers/${id}`);
    expect((await stack.refresh()).changes).toEqual({ same: 2, delete: 1 });
    expect((await stack.up(program)).changes).toEqual({ same: 2, create: 1 });
    await stack.destroy();
    expect(cloud.remaining()).toEqual([]);
  });

  const single =
    (name: string): Program =>
    async () => {
      const provider = new hcloud.Provider("hcloud", { token: TOKEN, endpoint: cloud.endpoint, pollInterval: "20ms" });
      const network = new hcloud.Network("net", { name: "single", ipRange: "10.0.0.0/16" }, { provider });
      const subnet = new hcloud.NetworkSubnet(
        "subnet",
        { networkId: network.id.apply(Number), type: "cloud", networkZone: "eu-central", ipRange: "10.0.1.0/24" },
        { provider },
      );
      const networks = [{ subnetId: subnet.id, ip: "10.0.1.10", aliasIps: [] }];
      new hcloud.Server("server", { name, serverType: "cpx22", image: "debian-12", networks }, { provider });
      return {};
    };

  it("keeps a server in the state when a step after the order fails, and finishes it with the next up", async () => {
    const stack = await open("partial");
    const program = single("partial");
    await cloud.fault({ method: "POST", pathRegex: "attach_to_network$", kind: "error", status: 422, code: "no_room" });
    const failed = await stack.up(program);
    expect(failed.failure).toContain("attach_to_network: injected fault: no_room (no_room)");
    const { id } = stack.resource("server");
    expect(cloud.remaining()).toContainEqual({ kind: "server", id: Number(id), name: "partial" });
    expect((await cloud.call("GET", `/servers/${id}`)).server.private_net).toEqual([]);

    expect((await stack.up(program)).changes).toEqual({ same: 4, update: 1 });
    expect(stack.resource("server").id).toBe(id);
    expect((await cloud.call("GET", `/servers/${id}`)).server.private_net).toMatchObject([{ ip: "10.0.1.10" }]);
    expect((await stack.up(program)).changes).toEqual({ same: 5 });
    expect((await stack.destroy()).failure).toBeUndefined();
    expect(cloud.remaining()).toEqual([]);
  });

  it("says what an action's failure means, and loses nothing", async () => {
    const stack = await open("no-room");
    await cloud.fault({ method: "POST", pathRegex: "^/v1/servers$", kind: "action-failed", code: "placement_error" });
    const failed = await stack.up(single("no-room"));
    expect(failed.failure).toContain("(placement_error). What to do: no room there at the moment");
    const { id } = stack.resource("server");
    expect(cloud.remaining()).toContainEqual({ kind: "server", id: Number(id), name: "no-room" });
    expect((await stack.destroy()).failure).toBeUndefined();
    expect(cloud.remaining()).toEqual([]);
  });

  it("takes over a server whose order was carried out although its answer was lost", async () => {
    const stack = await open("lost-answer");
    await cloud.fault({ method: "POST", pathRegex: "^/v1/servers$", kind: "timeout", when: "after" });
    const up = await stack.up(single("lost-answer"));
    expect(up.failure).toBeUndefined();
    const servers = cloud.remaining().filter(({ kind }) => kind === "server");
    expect(servers.map(({ id }) => String(id))).toEqual([stack.resource("server").id]);
    await stack.destroy();
    expect(cloud.remaining()).toEqual([]);
  });

  it("takes over by id what was made by hand", async () => {
    const stack = await open("import");
    const fields = { name: "by-hand", type: "spread", labels: { a: "b" } };
    const { placement_group } = await cloud.call("POST", "/placement_groups", fields);
    const program: Program = async () => {
      const provider = new hcloud.Provider("hcloud", { token: TOKEN, endpoint: cloud.endpoint });
      new hcloud.PlacementGroup("group", fields, { provider, import: String(placement_group.id) });
      return {};
    };
    const up = await stack.up(program);
    expect(up.changes).toEqual({ create: 2, import: 1 });
    expect(stack.resource("group")).toMatchObject({ id: String(placement_group.id), inputs: fields });
    expect((await stack.up(program)).changes).toEqual({ same: 3 });
    await stack.destroy();
    expect(cloud.remaining()).toEqual([]);
  });

  it("waits out conflicts, locks, rate limits and broken gateways", async () => {
    const stack = await open("faults");
    const program: Program = async () => {
      const provider = new hcloud.Provider("hcloud", { token: TOKEN, endpoint: cloud.endpoint, pollInterval: "5ms" });
      new hcloud.PlacementGroup("group", { type: "spread" }, { provider });
      return {};
    };
    for (const [status, code] of [
      [409, "conflict"],
      [423, "locked"],
      [429, "rate_limit_exceeded"],
      [502, "bad_gateway"],
    ]) {
      await cloud.fault({ method: "POST", pathRegex: "^/v1/placement_groups$", kind: "error", status, code });
    }
    expect((await stack.up(program)).failure).toBeUndefined();
    const { outputs } = stack.resource("group");
    expect(outputs["name"]).toMatch(/^group-[0-9a-f]{7}$/);
    expect((await stack.up(program)).changes).toEqual({ same: 3 });
    await stack.destroy();
  });
});
