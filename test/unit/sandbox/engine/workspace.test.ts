import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Identity } from "../../../../sandbox/daemon/identity";
import { prepareWorkspace, readStackFile, sandboxConfig } from "../../../../sandbox/engine/workspace";
import { type StackPaths, stackPaths } from "../../../../sandbox/paths";

const identity: Identity = {
  addressPrefix: "127.99.1",
  hetznerPort: 8080,
  rescuePort: 2222,
  hetznerToken: "t".repeat(64),
  controlToken: "c",
};
const machine = (name: string) => ({ name, address: "203.0.113.40", model: "GEX131", robotNumber: 1 });

describe("the sandbox's settings", () => {
  it("differ from the stack's in endpoints and addresses, and in nothing else", () => {
    const own = {
      "orrery:environment": "prod",
      "orrery:talos": { sysctls: { a: "1" }, image: { source: "snapshot" } },
    };
    const { config, dedicated } = sandboxConfig(own, identity, {});
    expect(dedicated).toEqual([]);
    expect(config).toEqual({
      "orrery:environment": "prod",
      "orrery:talos": { sysctls: { a: "1" }, image: { source: "snapshot", sshPort: 2222 } },
      "hcloud:endpoint": "http://127.99.1.1:8080/v1",
      "hcloud:pollInterval": "200ms",
    });
    expect(own["orrery:talos"].image).toEqual({ source: "snapshot" });
  });

  it("have dedicated machines at addresses of their own, away from the servers'", () => {
    const names = Array.from({ length: 12 }, (_, index) => `gpu-${index}`);
    const { config, dedicated } = sandboxConfig({ "orrery:dedicated": names.map(machine) }, identity, {});
    expect(config["orrery:dedicated"]).toEqual(dedicated);
    expect(dedicated.map(({ name, model }) => `${name} ${model}`)).toEqual(names.map((name) => `${name} GEX131`));
    const last = dedicated.map(({ address }) => Number(address.replace("127.99.1.", "")));
    expect(new Set(last).size).toBe(12);
    for (const octet of last) expect(octet === 1 || (octet >= 10 && octet <= 250) || octet > 254).toBe(false);
    expect(() => sandboxConfig({ "orrery:dedicated": [...names, "more"].map(machine) }, identity, {})).toThrow(
      "has 13 machines; the sandbox has addresses for 12",
    );
  });

  it("take a chart mirror without losing what else is said about charts", () => {
    const { config } = sandboxConfig({ "orrery:charts": { other: 1 } }, identity, { charts: "/mirror" });
    expect(config["orrery:charts"]).toEqual({ other: 1, mirror: "/mirror" });
  });
});

describe("the working folder", () => {
  let folder: string;
  let paths: StackPaths;
  let stackFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "orrery-workspace-"));
    const own = stackPaths("x");
    const moved = Object.entries(own).map(([key, at]) => [key, path.join(folder, path.relative(own.root, at))]);
    paths = Object.fromEntries(moved) as StackPaths;
    stackFile = path.join(folder, "Pulumi.x.yaml");
    await writeFile(stackFile, stringify({ config: { "orrery:environment": "dev" } }));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  const written = async () => parse(await readFile(path.join(paths.workspace, "Pulumi.x.yaml"), "utf8"));

  it("holds the sandbox's variant of the settings; the stack's own file stays as it is", async () => {
    const before = await readFile(stackFile, "utf8");
    const workspace = await prepareWorkspace("x", stackFile, paths, identity, {});
    expect(await written()).toMatchObject({ config: { "hcloud:endpoint": "http://127.99.1.1:8080/v1" } });
    expect(await readFile(stackFile, "utf8")).toBe(before);
    expect(workspace.env.PULUMI_BACKEND_URL).toBe(`file://${paths.state}?metadata=skip`);
    expect(parse(await readFile(path.join(paths.workspace, "Pulumi.yaml"), "utf8"))).not.toHaveProperty("main");
  });

  it("keeps the encrypted token, the salt and the passphrase, and takes settings out that are gone", async () => {
    await prepareWorkspace("x", stackFile, paths, identity, {});
    const passphrase = await readFile(paths.passphrase, "utf8");
    const token = { secure: "v1:abc" };
    await writeFile(
      path.join(paths.workspace, "Pulumi.x.yaml"),
      stringify({ encryptionsalt: "v1:salt", config: { "hcloud:token": token, "orrery:gone": 1 } }),
    );
    await prepareWorkspace("x", stackFile, paths, identity, {});
    const { encryptionsalt, config } = await written();
    expect(encryptionsalt).toBe("v1:salt");
    expect(config).toMatchObject({ "hcloud:token": token, "orrery:environment": "dev" });
    expect(config).not.toHaveProperty("orrery:gone");
    expect(await readFile(paths.passphrase, "utf8")).toBe(passphrase);
    expect(passphrase.length).toBeGreaterThanOrEqual(32);
    expect((await stat(paths.passphrase)).mode & 0o077).toBe(0);
  });

  it.each([
    ["config: [", "is not valid YAML"],
    ["", "has no `config:` section"],
    ["config: text", "has no `config:` section"],
  ])("is not made from %j", async (text, message) => {
    await writeFile(stackFile, text);
    await expect(readStackFile(stackFile)).rejects.toThrow(message);
  });
});
