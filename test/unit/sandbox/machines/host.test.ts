import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMachineHost, type LocalMachineHost } from "../../../../sandbox/machines/host";
import type { MachineSpec } from "../../../../sandbox/machines/types";

// Stands for the machine double: reports what it was told, on its arguments and on its standard input.
const FAKE = `#!/bin/sh
event() { echo "{\\"time\\":\\"t\\",\\"node\\":\\"n\\",$1}"; }
event '"event":"stage","stage":"running"'
event '"event":"problem","part":"a","message":"first"'
event '"event":"problem","part":"b","message":"second"'
event '"event":"resolved","part":"a"'
while read -r line; do
  case "$line" in
    *off*) event '"event":"stage","stage":"off"'; exit 0;;
    *) echo "$line" >> "$(dirname "$0")/received";;
  esac
done
`;

let dir: string;
let host: LocalMachineHost;
const open = () =>
  createMachineHost({ dir: join(dir, "machines"), binary: join(dir, "double"), neverBoots: (s) => s.name === "dead" });

const spec: MachineSpec = {
  key: "server-1",
  name: "one",
  address: "127.83.12.11",
  location: "fsn1",
  serverType: "cpx32",
  hardware: { cores: 4, memoryGiB: 8, diskGiB: 160, architecture: "x86" },
  disk: { os: "talos", version: "v1.12.1", schematicId: "abc", platform: "hcloud" },
  userData: "secret",
};
const state = () => host.list().find((s) => s.spec.key === "server-1");
const netmap = () => JSON.parse(readFileSync(join(dir, "machines", "netmap.json"), "utf8"));

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "orrery-host-"));
  writeFileSync(join(dir, "double"), FAKE);
  chmodSync(join(dir, "double"), 0o755);
  host = await open();
});

afterEach(async () => {
  await host.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("createMachineHost", () => {
  it("says which binary is missing", async () => {
    await expect(createMachineHost({ dir, binary: join(dir, "none") })).rejects.toThrow(/none\).*Build the tools/);
  });

  it("follows the machine's stage and keeps the problems that are not resolved", async () => {
    await host.start(spec);
    await expect.poll(state).toMatchObject({ running: true, stage: "running", message: "second" });
  });

  it("keeps user data out of machines.json, and brings running machines back with it", async () => {
    await host.start(spec);
    await host.start({ ...spec, key: "server-2", address: "127.83.12.12" });
    await host.stop("server-2");
    await host.close();
    expect(readFileSync(join(dir, "machines", "machines.json"), "utf8")).not.toContain("secret");
    host = await open();
    await expect.poll(state).toMatchObject({ running: true, stage: "running", spec: { userData: "secret" } });
    expect(host.list().find((s) => s.spec.key === "server-2")).toMatchObject({ running: false, stage: "off" });
  });

  it("tells a running machine what changed, and maps its private address", async () => {
    await host.start(spec);
    host.setAlias("10.0.0.2", "127.83.12.2");
    await host.update("server-1", { privateAddress: "10.0.0.11" });
    expect(netmap()).toEqual({ "10.0.0.11": "127.83.12.11", "10.0.0.2": "127.83.12.2" });
    await expect.poll(() => readFileSync(join(dir, "received"), "utf8")).toContain('"privateAddress":"10.0.0.11"');
    host.setAlias("10.0.0.2", undefined);
    await host.remove("server-1");
    expect(netmap()).toEqual({});
  });

  it("leaves a machine off that has shut itself down", async () => {
    await host.start(spec);
    await expect.poll(() => state()?.stage).toBe("running");
    await host.update("server-1", { name: "off" });
    await expect.poll(state).toMatchObject({ running: false, stage: "off" });
  });

  it.each([
    ["a disk without Talos", { disk: { os: "other" as const } }, /no Talos image/],
    ["a machine that never boots", { name: "dead" }, /fault/],
  ])("does not boot %s", async (_, change, message) => {
    await host.start({ ...spec, ...change });
    expect(state()).toMatchObject({ running: true, stage: "booting", message: expect.stringMatching(message) });
  });

  it("wipes a disk that was written anew", async () => {
    await host.start(spec);
    await host.stop("server-1");
    const file = join(dir, "machines", "server-1", "disk");
    writeFileSync(file, "old");
    await host.start({ ...spec, disk: { ...spec.disk, schematicId: "def" } as MachineSpec["disk"] });
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
  });
});
