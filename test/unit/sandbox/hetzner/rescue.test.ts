import { createHash } from "node:crypto";
import { BaseAgent, Client, type IdentityCallback, type ParsedKey, type SignCallback, utils } from "ssh2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cloud, makeServer, sshKey, startCloud } from "./support";

const schematic = "customization: {}\n";
const schematicId = createHash("sha256").update(schematic).digest("hex");
const port = 20_022;

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

type Login = { privateKey: string } | { password: string } | { agent: BaseAgent };

/** Knows somebody's public key, and signs with a key of its own. */
class Impostor extends BaseAgent<ParsedKey> {
  constructor(
    private readonly publicKey: string,
    private readonly privateKey: string,
  ) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [utils.parseKey(this.publicKey) as ParsedKey]);
  }

  override sign(_key: unknown, data: Buffer, options: unknown, callback?: SignCallback): void {
    const done = (callback ?? options) as SignCallback;
    done(undefined, (utils.parseKey(this.privateKey) as ParsedKey).sign(data) as unknown as Buffer);
  }
}

function connect(host: string, login: Login): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    client.once("error", reject);
    client.connect({ host, port, username: "root", ...login });
  });
}

function exec(client: Client, command: string, stdin = ""): Promise<Result> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      const result: Result = { code: -1, stdout: "", stderr: "" };
      channel.on("data", (data: Buffer) => {
        result.stdout += data;
      });
      channel.stderr.on("data", (data: Buffer) => {
        result.stderr += data;
      });
      channel.on("exit", (code: number) => {
        result.code = code;
      });
      channel.on("close", () => resolve(result));
      channel.end(stdin);
    });
  });
}

describe("the rescue system", () => {
  let cloud: Cloud;
  const key = sshKey();
  let address: string;
  let server: number;
  let rootPassword: string;

  async function bootRescue(more: Record<string, unknown> = {}): Promise<void> {
    server = await makeServer(cloud, "builder", more);
    const { root_password } = await cloud.ok("POST", `/servers/${server}/actions/enable_rescue`, {
      type: "linux64",
      ssh_keys: [(await cloud.ok("GET", "/ssh_keys?name=key")).ssh_keys[0].id],
    });
    rootPassword = root_password;
    expect((await cloud.ok("GET", `/servers/${server}`)).server.rescue_enabled).toBe(true);
    await cloud.ok("POST", `/servers/${server}/actions/reset`);
    address = (await cloud.ok("GET", `/servers/${server}`)).server.public_net.ipv4.ip;
  }

  async function ssh(command: string, stdin?: string): Promise<Result> {
    const client = await connect(address, { privateKey: key.private });
    const result = await exec(client, command, stdin);
    client.end();
    return result;
  }

  const image = (id = schematicId, file = "hcloud-amd64.raw.xz") =>
    `https://factory.talos.dev/image/${id}/v1.12.1/${file}`;
  const post = "curl -fsSL -X POST --data-binary @- https://factory.talos.dev/schematics";

  beforeEach(async () => {
    cloud = await startCloud();
    await cloud.ok("POST", "/ssh_keys", { name: "key", public_key: key.public });
  });
  afterEach(() => cloud.close());

  it("runs instead of what is on the disk, once", async () => {
    await bootRescue();
    expect(cloud.machines.of(server)).toBeUndefined();
    expect((await cloud.ok("GET", `/servers/${server}`)).server).toMatchObject({
      status: "running",
      rescue_enabled: false,
    });
    await cloud.ok("POST", `/servers/${server}/actions/reset`);
    expect(cloud.machines.of(server)).toBeDefined();
    await expect(connect(address, { privateKey: key.private })).rejects.toThrow();
  });

  it("lets in the authorized key and the root password, and nothing else", async () => {
    await bootRescue();
    (await connect(address, { privateKey: key.private })).end();
    (await connect(address, { password: rootPassword })).end();
    const stranger = sshKey().private;
    await expect(connect(address, { privateKey: stranger })).rejects.toThrow(/authentication/i);
    await expect(connect(address, { agent: new Impostor(key.public, stranger) })).rejects.toThrow(/authentication/i);
    await expect(connect(address, { password: "guess" })).rejects.toThrow(/authentication/i);
  });

  it("writes a Talos image that a snapshot carries to new servers", async () => {
    await bootRescue();
    expect(await ssh(post, schematic)).toMatchObject({ code: 0, stdout: `{"id":"${schematicId}"}\n` });
    const script = [
      "set -euo pipefail",
      "blkdiscard -f /dev/sda || true",
      `wget -qO- ${image()} | xz -dc | dd of=/dev/sda bs=4M && sync`,
    ].join("\n");
    expect(await ssh(script)).toMatchObject({ code: 0 });
    expect(await ssh("poweroff")).toMatchObject({ code: 0 });
    await expect.poll(async () => (await cloud.ok("GET", `/servers/${server}`)).server.status).toBe("off");

    const { image: snapshot } = await cloud.ok("POST", `/servers/${server}/actions/create_image`, {
      description: "talos",
      labels: { os: "talos", version: "v1.12.1" },
    });
    expect(snapshot).toMatchObject({ status: "creating", type: "snapshot", image_size: null });
    const query = "architecture=x86&label_selector=os%3Dtalos&sort=created%3Adesc&status=available";
    const { images } = await cloud.ok("GET", `/images?${query}`);
    expect(images).toMatchObject([{ id: snapshot.id, disk_size: 80, status: "available" }]);
    await cloud.ok("DELETE", `/servers/${server}`);
    const id = await makeServer(cloud, "node", { image: snapshot.id });
    expect(cloud.machines.of(id)?.disk).toEqual({
      os: "talos",
      version: "v1.12.1",
      schematicId,
      platform: "hcloud",
      extensions: [],
    });
  });

  it("boots what was written when it is rebooted", async () => {
    await bootRescue();
    await ssh(`${post} && wget -qO- ${image()} | xz -dc | dd of=/dev/sda && sync; reboot`, schematic);
    await expect.poll(() => cloud.machines.of(server)?.disk.os).toBe("talos");
  });

  it("is gone after a restart of the sandbox no more than before", async () => {
    await bootRescue();
    await cloud.restart();
    expect(await ssh("uname -m")).toMatchObject({ code: 0, stdout: "x86_64\n" });
    expect(cloud.machines.of(server)).toBeUndefined();
  });

  it.each([
    ["a schematic that the factory does not know", image("0".repeat(64)), "404"],
    ["an image for another architecture", image(schematicId, "hcloud-arm64.raw.xz"), "arm"],
    ["an image in another compression", image(schematicId, "hcloud-amd64.raw.zst"), "not recognized"],
    ["another host", "https://example.com/hcloud-amd64.raw.xz", "resolve host"],
    ["a platform that is not hcloud", image(schematicId, "metal-amd64.raw.xz"), "404"],
  ])("fails on %s", async (_name, url, message) => {
    await bootRescue();
    await ssh(post, schematic);
    const result = await ssh(`set -euo pipefail\ncurl -fsSL ${url} | xz -dc | dd of=/dev/sda bs=4M && sync`);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
    await cloud.ok("POST", `/servers/${server}/actions/reset`);
    expect(cloud.machines.of(server)?.disk.os).toBe("other");
  });

  it("closes with the server", async () => {
    await bootRescue();
    await cloud.ok("DELETE", `/servers/${server}`);
    await expect(connect(address, { privateKey: key.private })).rejects.toThrow();
  });
});
