import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ControlPlane, createControlPlane } from "../../sandbox/control-plane/control-plane";
import { type Following, followMachines } from "../../sandbox/control-plane/follow";
import type { MachineEvent } from "../../sandbox/machines/events";
import { createMachineHost, type LocalMachineHost } from "../../sandbox/machines/host";
import type { MachineSpec } from "../../sandbox/machines/types";
import { machineConfig, makeSecrets, type Secrets, talosconfig } from "./talos-configs";

const toolsDir = process.env.ORRERY_TOOLS_DIR;
if (toolsDir === undefined) console.log("test/sandbox/machines.test.ts is skipped: ORRERY_TOOLS_DIR is not set");

const PREFIX = "127.83.201";
const CP = `${PREFIX}.11`;
const WORKER = `${PREFIX}.12`;
const GPU = `${PREFIX}.13`;
const ENDPOINT = "10.0.0.11";

const hcloud = { os: "talos", version: "v1.12.1", schematicId: "vanilla", platform: "hcloud" } as const;
const hardware = { cores: 4, memoryGiB: 8, diskGiB: 80, architecture: "x86" } as const;
const base = { location: "fsn1", serverType: "cpx32", hardware, disk: hcloud };
const packed = (config: string): string => gzipSync(config).toString("base64");

interface Outcome {
  exitCode: number;
  stdout: string;
  /** Standard output and standard error. */
  all: string;
}

async function eventually<T>(
  what: string,
  question: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe.skipIf(toolsDir === undefined)("machines and control plane", () => {
  const dir = mkdtempSync(join(tmpdir(), "orrery-machines-"));
  const events: { key: string; event: MachineEvent }[] = [];
  let secrets: Secrets;
  let host: LocalMachineHost;
  let controlPlane: ControlPlane;
  let following: Following;

  async function open(): Promise<void> {
    host = await createMachineHost({
      dir: join(dir, "machines"),
      toolsDir,
      onEvent: (key, event) => events.push({ key, event }),
    });
    controlPlane = createControlPlane({ dir: join(dir, "control-plane"), toolsDir: toolsDir ?? "" });
    following = followMachines(host, controlPlane, () => {});
  }

  async function close(): Promise<void> {
    await host.close();
    await following.settled();
    await controlPlane.close();
  }

  const run = (command: string, args: string[]): Promise<Outcome> => {
    const env = { ...process.env, TALOSCONFIG: join(dir, "talosconfig"), KUBECONFIG: join(dir, "kubeconfig") };
    return new Promise((resolve) => {
      execFile(command, args, { env, maxBuffer: 1 << 25 }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : 1, stdout, all: `${stdout}${stderr}` });
      });
    });
  };
  const talosctl = (...args: string[]): Promise<Outcome> => run(join(toolsDir ?? "", "talosctl"), args);
  const kubectl = (...args: string[]): Promise<Outcome> => run("kubectl", args);

  const state = (key: string) => host.list().find((s) => s.spec.key === key);
  const stage = (key: string, wanted: string) =>
    eventually(`${key} is ${wanted}`, () => state(key)?.stage === wanted || undefined);
  const message = (key: string, pattern: RegExp) =>
    eventually(`${key} says ${pattern}`, () =>
      pattern.test(state(key)?.message ?? "") ? state(key)?.message : undefined,
    );

  const worker = (
    key: string,
    octet: number,
    userData: string | undefined,
    more?: Partial<MachineSpec>,
  ): MachineSpec => ({
    ...base,
    key,
    name: key,
    address: `${PREFIX}.${octet}`,
    privateAddress: `10.0.0.${octet}`,
    userData,
    ...more,
  });

  const config = (
    type: "controlplane" | "worker",
    hostname: string,
    more: Partial<Parameters<typeof machineConfig>[1]> = {},
  ) => machineConfig(secrets, { type, hostname, endpoint: ENDPOINT, certSANs: [CP], ...more });

  beforeAll(async () => {
    secrets = await makeSecrets();
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "talosconfig"), await talosconfig(secrets, [CP], [CP]));
    await open();
    await host.start(worker("cp-1", 11, packed(config("controlplane", "cp-1", { cluster: { apiServer: undefined } }))));
    await host.remove("cp-1"); // a machine that was only just started can go again
    await host.start(worker("cp-1", 11, packed(config("controlplane", "cp-1"))));
    const labels = { nodeLabels: { "orrery.dev/pool": "general" } };
    const external = { externalCloudProvider: { enabled: true } };
    await host.start(
      worker("worker-1", 12, packed(config("worker", "worker-1", { machine: labels, cluster: external }))),
    );
    await host.start({
      ...base,
      key: "dedicated-gpu",
      name: "gpu-1",
      address: GPU,
      disk: { ...hcloud, platform: "metal" },
      hardware: { ...hardware, gpus: { vendor: "nvidia", count: 2, model: "RTX 4090", memoryMiB: 23796 } },
    });
  }, 60_000);

  afterAll(async () => {
    await close();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  it("boots from user data and waits in maintenance mode without any", async () => {
    await stage("cp-1", "running");
    await stage("worker-1", "running");
    await stage("dedicated-gpu", "maintenance");
    const version = await talosctl("version");
    expect(version.all).toContain("v1.12.1");
    const insecure = await talosctl("version", "--insecure", "-n", GPU);
    expect(insecure.all).toContain("API is not implemented in maintenance mode");
  }, 30_000);

  it("bootstraps once, and says so the second time", async () => {
    const early = await talosctl("-n", WORKER, "-e", WORKER, "bootstrap");
    expect(early.all).toContain("bootstrap can only be performed on a control plane node");
    expect((await talosctl("bootstrap")).exitCode).toBe(0);
    const again = await talosctl("bootstrap");
    expect(again.exitCode).toBe(1);
    expect(again.all).toContain("AlreadyExists");
    await eventually("the API is ready", async () => (await controlPlane.ready()) || undefined, 120_000);
    const health = await talosctl("health", "--wait-timeout", "90s");
    expect(health.all).toContain("waiting for coredns to report ready: OK");
    expect(health.exitCode).toBe(0);
  }, 240_000);

  it("takes a config in maintenance mode, with the certificate's fingerprint only", async () => {
    const modules = { kernel: { modules: [{ name: "nvidia" }, { name: "nvidia_uvm" }] } };
    const install = {
      install: { diskSelector: { type: "nvme" }, image: "factory.talos.dev/metal-installer/abc:v1.12.1" },
    };
    const gpu = config("worker", "gpu-1", { nodeSubnet: "127.0.0.0/8", machine: { ...modules, ...install } });
    const file = join(dir, "gpu.yaml");
    writeFileSync(file, gpu);
    const found = events.find(({ key, event }) => key === "dedicated-gpu" && event.event === "maintenance")?.event;
    const fingerprint = found?.event === "maintenance" ? found.fingerprint : "";
    const apply = (print: string) =>
      talosctl("apply-config", "--insecure", "-n", GPU, "--cert-fingerprint", print, "-f", file);
    const wrong = await apply(Buffer.alloc(32).toString("base64"));
    expect(wrong.all).toMatch(/fingerprint/);
    expect(state("dedicated-gpu")?.stage).toBe("maintenance");
    expect((await apply(fingerprint)).exitCode).toBe(0);
    await stage("dedicated-gpu", "running");
  }, 30_000);

  it("joins every machine as its config says", async () => {
    expect((await talosctl("kubeconfig", "--force", join(dir, "kubeconfig"))).exitCode).toBe(0);
    const kubeconfig = readFileSync(join(dir, "kubeconfig"), "utf8").replace(ENDPOINT, CP);
    writeFileSync(join(dir, "kubeconfig"), kubeconfig);
    interface Node {
      metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
      spec: { taints?: { key: string }[] };
      status: {
        allocatable: Record<string, string>;
        addresses: { type: string; address: string }[];
        conditions: { type: string; status: string }[];
      };
    }
    const gpus = "sandbox.orrery.dev/gpus";
    const nodes = await eventually("three nodes are ready", async () => {
      const { items }: { items: Node[] } = JSON.parse(
        (await kubectl("get", "nodes", "-o", "json")).stdout || '{"items":[]}',
      );
      const ready = items.filter((n) => n.status.conditions.some((c) => c.type === "Ready" && c.status === "True"));
      // Labels of the machines' configs come a moment after their nodes are ready.
      const has = (label: string) => ready.some(({ metadata }) => label in (metadata.labels ?? {}));
      const annotated = ready.some(({ metadata }) => gpus in metadata.annotations);
      const labelled = has("node-role.kubernetes.io/control-plane") && has("orrery.dev/pool") && annotated;
      return ready.length === 3 && labelled ? Object.fromEntries(ready.map((n) => [n.metadata.name, n])) : undefined;
    });
    const taints = (name: string) => (nodes[name]?.spec.taints ?? []).map((t) => t.key);
    expect(taints("cp-1")).toContain("node-role.kubernetes.io/control-plane");
    expect(nodes["cp-1"]?.metadata.labels).toHaveProperty(["node-role.kubernetes.io/control-plane"], "");
    expect(taints("worker-1")).toContain("node.cloudprovider.kubernetes.io/uninitialized");
    expect(nodes["worker-1"]?.metadata.labels).toHaveProperty(["orrery.dev/pool"], "general");
    expect(nodes["worker-1"]?.status.addresses).toContainEqual({ type: "InternalIP", address: "10.0.0.12" });
    expect(nodes["worker-1"]?.status.allocatable).toMatchObject({ cpu: "3950m", pods: "110" });
    // GPUs are ready for a device plugin; a kubelet by itself offers none.
    expect(nodes["worker-1"]?.metadata.annotations).not.toHaveProperty([gpus]);
    expect(JSON.parse(nodes["gpu-1"]?.metadata.annotations[gpus] ?? "{}")).toEqual({
      vendor: "nvidia",
      model: "RTX 4090",
      count: 2,
      memoryMiB: 23796,
      driver: "nvidia",
    });
    expect(nodes["gpu-1"]?.status.allocatable).not.toHaveProperty(["nvidia.com/gpu"]);
  }, 90_000);

  it("runs pods where the scheduler puts them", async () => {
    expect((await kubectl("create", "deployment", "web", "--image=nginx", "--replicas=3")).exitCode).toBe(0);
    expect((await kubectl("rollout", "status", "deployment/web", "--timeout=60s")).exitCode).toBe(0);
    expect((await kubectl("create", "job", "once", "--image=busybox", "--", "true")).exitCode).toBe(0);
    expect((await kubectl("wait", "--for=condition=complete", "job/once", "--timeout=60s")).exitCode).toBe(0);
    const privileged = await kubectl("run", "bad", "--image=x", "--privileged");
    expect(privileged.all).toMatch(/violates PodSecurity/);
  }, 150_000);

  it("forwards calls through a control plane, by address and by name, but not through a worker", async () => {
    expect((await talosctl("-n", "10.0.0.12", "version")).all).toContain("NODE:        10.0.0.12");
    expect((await talosctl("-n", "worker-1", "get", "machinetype")).all).toContain("worker");
    expect((await talosctl("-e", WORKER, "-n", CP, "version")).all).toContain("no request forwarding");
    expect((await talosctl("-n", "10.0.0.99", "version")).all).toContain("no route to host");
    await eventually(
      "the members are known",
      async () => /gpu-1/.test((await talosctl("get", "members")).all) || undefined,
    );
  }, 30_000);

  it("lets readers read and nothing else", async () => {
    writeFileSync(join(dir, "reader"), await talosconfig(secrets, [CP], [CP], "os:reader"));
    const reader = (...args: string[]) => talosctl("--talosconfig", join(dir, "reader"), ...args);
    expect((await reader("version")).all).toContain("v1.12.1");
    expect((await reader("get", "machineconfig")).all).toContain("PermissionDenied");
    expect((await reader("reboot", "--wait=false")).all).toContain("not authorized");
  }, 30_000);

  it("applies a changed config without a reboot, and keeps it", async () => {
    const labels = { nodeLabels: { "orrery.dev/pool": "general", "example.com/tier": "gold" } };
    const file = join(dir, "worker.yaml");
    writeFileSync(
      file,
      config("worker", "worker-1", { machine: labels, cluster: { externalCloudProvider: { enabled: true } } }),
    );
    const dry = await talosctl("-n", "10.0.0.12", "apply-config", "--dry-run", "-f", file);
    expect(dry.all).toContain("+        example.com/tier: gold");
    expect((await kubectl("get", "node", "worker-1", "-o", "yaml")).stdout).not.toContain("gold");
    const applied = await talosctl("-n", "10.0.0.12", "apply-config", "-f", file);
    expect(applied.all).toContain("Applied configuration without a reboot");
    await eventually(
      "the label is there",
      async () => (await kubectl("get", "node", "worker-1", "-o", "yaml")).stdout.includes("gold") || undefined,
    );
  }, 60_000);

  it("refuses labels that NodeRestriction keeps from workers, and says so", async () => {
    const labels = { nodeLabels: { "node-restriction.kubernetes.io/x": "y" } };
    await host.start(worker("worker-2", 14, packed(config("worker", "worker-2", { machine: labels }))));
    expect(await message("worker-2", /not allowed to modify labels/)).toContain("node-restriction.kubernetes.io/x");
    await host.remove("worker-2");
  }, 60_000);

  describe("wrong configs", () => {
    const cases: [name: string, change: (s: Secrets) => Promise<string> | string, pattern: RegExp][] = [
      [
        "unknown key",
        () => config("worker", "bad", { machine: { kubelett: {} } }),
        /unknown keys found[\s\S]*kubelett/,
      ],
      [
        "a worker with the CA's key",
        (s) => config("worker", "bad").replace(/key: ""/, `key: ${Buffer.from(s.os.key).toString("base64")}`),
        /issuing Talos API CA key is not allowed on non-controlplane nodes/,
      ],
      [
        "a control plane whose CA key is another's",
        async (s) =>
          machineConfig(
            { ...s, os: { ...s.os, key: (await makeSecrets()).os.key } },
            { type: "controlplane", hostname: "bad", endpoint: ENDPOINT },
          ),
        /machine\.ca: the key does not belong to the certificate/,
      ],
      [
        "another machine token",
        async (s) =>
          machineConfig(
            { ...s, machineToken: "aaaaaa.aaaaaaaaaaaaaaaa" },
            { type: "worker", hostname: "bad", endpoint: ENDPOINT },
          ),
        /Unauthenticated/,
      ],
      [
        "another cluster's CA",
        async (s) =>
          machineConfig(
            { ...(await makeSecrets()), clusterId: s.clusterId, clusterSecret: s.clusterSecret },
            { type: "worker", hostname: "bad", endpoint: ENDPOINT },
          ),
        /certificate signed by unknown authority/,
      ],
      [
        "another bootstrap token",
        async (s) =>
          machineConfig(
            { ...s, bootstrapToken: "aaaaaa.aaaaaaaaaaaaaaaa" },
            { type: "worker", hostname: "bad", endpoint: ENDPOINT },
          ),
        /bootstrap token aaaaaa .* Unauthorized/,
      ],
      [
        "a token that is none",
        async (s) =>
          machineConfig({ ...s, machineToken: "x" }, { type: "worker", hostname: "bad", endpoint: ENDPOINT }),
        /machine\.token: 1 characters/,
      ],
      [
        "subnets in which the machine has no address",
        () => config("worker", "bad", { nodeSubnet: "10.9.0.0/16" }),
        /no suitable node IP found/,
      ],
      ["garbage", () => "#!/bin/sh", /failed to parse config/],
    ];

    it.each(cases)(
      "%s",
      async (_, make, pattern) => {
        await host.start(worker("bad", 15, packed(await make(secrets))));
        try {
          expect(await message("bad", pattern)).toMatch(pattern);
        } finally {
          await host.remove("bad");
        }
      },
      60_000,
    );

    it("are refused by apply-config too, and change nothing", async () => {
      const file = join(dir, "wrong.yaml");
      writeFileSync(file, config("worker", "worker-1", { machine: { install: undefined, type: "nothing" } }));
      const applied = await talosctl("-n", "10.0.0.12", "apply-config", "-f", file);
      expect(applied.exitCode).not.toBe(0);
      expect((await talosctl("-n", "10.0.0.12", "get", "machinetype")).all).toContain("worker");
    }, 30_000);
  });

  it("does not boot what has no Talos on its disk", async () => {
    await host.start(worker("other", 16, undefined, { disk: { os: "other" } }));
    expect(state("other")).toMatchObject({ running: true, message: expect.stringContaining("no Talos image") });
    await host.remove("other");
  });

  it("upgrades, resets to maintenance mode, and shuts down", async () => {
    const image = "factory.talos.dev/hcloud-installer/abc:v1.12.2";
    await host.start(worker("worker-3", 17, packed(config("worker", "worker-3"))));
    await stage("worker-3", "running");
    // Its API answers a moment after it says that it runs; in between a call may still reach the one before.
    const taken = (node: string, command: string, ...args: string[]) =>
      eventually(`${command} is taken`, async () => {
        const { exitCode } = await talosctl("-n", node, command, ...args, "--wait=false");
        return exitCode === 0 || undefined;
      });
    const version = async () => (await talosctl("-n", "10.0.0.17", "version")).all;
    await taken("10.0.0.17", "upgrade", "--image", image);
    await eventually("v1.12.2 runs", async () => (await version()).includes("v1.12.2") || undefined);
    await taken("10.0.0.17", "reset", "--graceful=false", "--reboot");
    await stage("worker-3", "maintenance");
    await host.remove("worker-3");
    await host.start(worker("worker-4", 18, packed(config("worker", "worker-4"))));
    await stage("worker-4", "running");
    await taken("10.0.0.18", "shutdown", "--force");
    await eventually("worker-4 is off", () => state("worker-4")?.running === false || undefined);
    await host.remove("worker-4");
  }, 120_000);

  it("comes back after a stop with everything that was there", async () => {
    await close();
    const { stdout } = await run("ps", ["-eo", "args"]);
    expect(stdout.split("\n").filter((line) => line.includes(dir))).toEqual([]);
    events.length = 0;
    await open();
    await eventually("the API is ready again", async () => (await controlPlane.ready()) || undefined, 120_000);
    await stage("worker-1", "running");
    await stage("dedicated-gpu", "running");
    expect(events.map(({ event }) => event.event)).not.toContain("bootstrap");
    expect((await kubectl("get", "deployment", "web")).exitCode).toBe(0);
    await eventually(
      "the GPU machine has joined",
      () => events.some((e) => e.key === "dedicated-gpu" && e.event.event === "joined") || undefined,
    );
    expect((await talosctl("bootstrap")).all).toContain("AlreadyExists");
    expect((await kubectl("rollout", "status", "deployment/web", "--timeout=60s")).exitCode).toBe(0);
  }, 240_000);
});
