import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ControlPlane, createControlPlane } from "../../sandbox/control-plane/control-plane";
import { type Following, followMachines } from "../../sandbox/control-plane/follow";
import { createMachineHost, type LocalMachineHost } from "../../sandbox/machines/host";
import { machineConfig, makeSecrets, talosconfig } from "./talos-configs";

const toolsDir = process.env.ORRERY_TOOLS_DIR;
if (toolsDir === undefined) console.log("test/sandbox/etcd-recovery.test.ts is skipped: ORRERY_TOOLS_DIR is not set");

const PREFIX = "127.83.202";
const ENDPOINT = "10.0.0.11";
const [first, second] = [11, 12].map((octet) => ({ octet, key: `cp-${octet}`, address: `${PREFIX}.${octet}` })) as [
  { octet: number; key: string; address: string },
  { octet: number; key: string; address: string },
];

interface Outcome {
  exitCode: number;
  all: string;
}

async function eventually(what: string, question: () => Promise<boolean> | boolean, timeoutMs = 90_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await question())) {
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** docs/backup.md, "Bring etcd back", with the real talosctl, etcd and kube-apiserver. */
describe.skipIf(toolsDir === undefined)("etcd's snapshot brings a cluster back", () => {
  const dir = mkdtempSync(join(tmpdir(), "orrery-etcd-"));
  const snapshot = join(dir, "etcd.snapshot");
  let host: LocalMachineHost;
  let controlPlane: ControlPlane;
  let following: Following;

  const run = (command: string, args: string[]): Promise<Outcome> => {
    const env = { ...process.env, TALOSCONFIG: join(dir, "talosconfig"), KUBECONFIG: join(dir, "kubeconfig") };
    return new Promise((resolve) => {
      execFile(join(toolsDir ?? "", command), args, { env }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : 1, all: `${stdout}${stderr}` });
      });
    });
  };
  const talosctl = (...args: string[]) => run("talosctl", args);
  const kubectl = (...args: string[]) => run("kubectl", args);
  const boots: string[] = [];
  const booted = (key: string, times: number) =>
    eventually(`${key} has booted ${times} times`, () => boots.filter((each) => each === key).length >= times);
  const etcdRuns = (address: string) =>
    eventually(`etcd runs at ${address}`, async () =>
      / etcd +Running/.test((await talosctl("-e", address, "-n", address, "services")).all),
    );

  beforeAll(async () => {
    const secrets = await makeSecrets();
    const addresses = [first.address, second.address];
    writeFileSync(join(dir, "talosconfig"), await talosconfig(secrets, [first.address], [first.address]));
    writeFileSync(join(dir, "backup"), await talosconfig(secrets, [first.address], [first.address], "os:etcd:backup"));
    host = await createMachineHost({
      dir: join(dir, "machines"),
      toolsDir,
      onEvent: (key, event) => {
        if (event.event === "stage" && event.stage === "running") boots.push(key);
      },
    });
    controlPlane = createControlPlane({ dir: join(dir, "control-plane"), toolsDir: toolsDir ?? "" });
    following = followMachines(host, controlPlane, () => {});
    for (const { key, octet, address } of [first, second]) {
      const config = machineConfig(secrets, {
        type: "controlplane",
        hostname: key,
        endpoint: ENDPOINT,
        certSANs: addresses,
      });
      await host.start({
        key,
        name: key,
        address,
        privateAddress: `10.0.0.${octet}`,
        location: "fsn1",
        serverType: "cpx32",
        hardware: { cores: 4, memoryGiB: 8, diskGiB: 80, architecture: "x86" },
        disk: { os: "talos", version: "v1.12.1", schematicId: "vanilla", platform: "hcloud" },
        userData: gzipSync(config).toString("base64"),
      });
    }
    for (const { key } of [first, second]) await booted(key, 1);
    expect((await talosctl("bootstrap")).all).toBe("");
    await eventually("the API is ready", () => controlPlane.ready());
    await etcdRuns(second.address);
    expect((await talosctl("kubeconfig", "--force", join(dir, "kubeconfig"))).exitCode).toBe(0);
    const kubeconfig = readFileSync(join(dir, "kubeconfig"), "utf8").replace(ENDPOINT, first.address);
    writeFileSync(join(dir, "kubeconfig"), kubeconfig);
  }, 240_000);

  afterAll(async () => {
    await host.close();
    await following.settled();
    await controlPlane.close();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  it("takes a snapshot, with the role that the backup has and no other", async () => {
    expect((await kubectl("create", "configmap", "before", "--from-literal=kept=yes")).exitCode).toBe(0);
    const backup = (...args: string[]) => talosctl("--talosconfig", join(dir, "backup"), ...args);
    expect((await backup("etcd", "snapshot", snapshot)).all).toMatch(/etcd snapshot saved to .*\(\d+ bytes\)/);
    expect(statSync(snapshot).size % 512).toBe(32); // etcd's data, and its checksum
    expect((await backup("reboot", "--wait=false")).all).toContain("not authorized");
    expect((await kubectl("create", "configmap", "after")).exitCode).toBe(0);
  }, 60_000);

  it("refuses to recover what still runs, and to recover from nothing", async () => {
    expect((await talosctl("bootstrap", "--recover-from", snapshot)).all).toContain("etcd data directory is not empty");
    writeFileSync(join(dir, "rubbish"), "no snapshot");
    expect((await talosctl("bootstrap", "--recover-from", join(dir, "rubbish"))).exitCode).toBe(1);
  }, 60_000);

  it("loses everything with the last control plane's data, and not before", async () => {
    const wipe = (address: string, ...more: string[]) =>
      talosctl(
        ...["-e", address, "-n", address, "reset", "--graceful=false", "--wait=false"],
        ...["--system-labels-to-wipe", "EPHEMERAL", ...more],
      );
    expect((await wipe(second.address, "--reboot")).exitCode).toBe(0);
    await booted(second.key, 2);
    await etcdRuns(second.address);
    expect((await kubectl("get", "configmap", "before")).exitCode).toBe(0);
    // Off, and not rebooted: one that is back before the other is wiped would join it again.
    for (const { address, key } of [second, first]) {
      expect((await wipe(address)).exitCode).toBe(0);
      await eventually(`${key} is off`, () => host.list().some((m) => m.spec.key === key && !m.running));
    }
    await eventually("the API is gone", async () => !(await controlPlane.ready()));
    await following.settled();
    expect(existsSync(join(dir, "control-plane", "etcd"))).toBe(false);
    for (const { spec } of host.list()) await host.start(spec);
    await booted(first.key, 2);
    await booted(second.key, 3);
  }, 120_000);

  it("has what the snapshot had, and every control plane joins again", async () => {
    const recovered = await talosctl("bootstrap", "--recover-from", snapshot);
    expect(recovered.all).toMatch(/recovering from snapshot .*: hash [0-9a-f]+, revision \d+/);
    expect(recovered.exitCode).toBe(0);
    await eventually("the API is ready", () => controlPlane.ready());
    const kept = await kubectl("get", "configmap", "before", "-o", "jsonpath={.data.kept}");
    expect(kept.all).toBe("yes");
    expect((await kubectl("get", "configmap", "after")).all).toContain("NotFound");
    await etcdRuns(second.address);
    expect((await kubectl("create", "configmap", "new")).exitCode).toBe(0);
  }, 180_000);
});
