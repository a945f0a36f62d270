import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderConfig } from "../../components/talos/config/common";
import { controlPlaneConfig } from "../../components/talos/config/control-plane";
import { workerConfig } from "../../components/talos/config/worker";
import type { SecretsBundle } from "../../components/talos/secrets";
import { userData } from "../../components/talos/user-data";
import { createMachineHost, type LocalMachineHost } from "../../sandbox/machines/host";
import type { MachineSpec } from "../../sandbox/machines/types";
import { controlPlaneInput, dedicatedInput, workerInput } from "../unit/components/talos/config-inputs";
import { type Authority, makeSecrets, talosconfig } from "./talos-configs";

/** The program's configs and scripts, with the real talosctl, against machines that check what Talos checks. */
const toolsDir = process.env.ORRERY_TOOLS_DIR;
if (!toolsDir) console.warn("skipped: ORRERY_TOOLS_DIR is not set (make test sets it)");

const CONTROL_PLANE = "127.83.202.11";
const WORKER = "127.83.202.12";
const DEDICATED = "127.83.202.13";
const scripts = join(__dirname, "../../components/talos/scripts");

const pem = ({ crt, key }: Authority) => ({ certificatePem: crt, privateKeyPem: key });

describe.skipIf(!toolsDir)("scripts with talosctl", () => {
  const dir = mkdtempSync(join(tmpdir(), "orrery-scripts-"));
  let host: LocalMachineHost;
  let secrets: SecretsBundle;
  let client: string;

  beforeAll(async () => {
    const made = await makeSecrets();
    client = await talosconfig(made, [CONTROL_PLANE], [CONTROL_PLANE]);
    secrets = {
      clusterId: made.clusterId,
      clusterSecret: made.clusterSecret,
      bootstrapToken: made.bootstrapToken,
      machineToken: made.machineToken,
      secretboxEncryptionSecret: made.secretbox,
      talosCa: pem(made.os),
      kubernetesCa: pem(made.kubernetes),
      aggregatorCa: pem(made.aggregator),
      etcdCa: pem(made.etcd),
      serviceAccountKeyPem: made.serviceAccountKey,
    };
    host = await createMachineHost({ dir, toolsDir });
    await host.start(cloud("demo-control-plane-1", CONTROL_PLANE, "10.0.0.10", controlPlane()));
    await host.start(cloud("demo-general-1", WORKER, "10.0.7.0", worker()));
    await host.start({
      ...machine("demo-gpu-1", DEDICATED),
      disk: { os: "talos", version: "v1.12.1", schematicId: "a".repeat(64), platform: "metal" },
    });
  });
  afterAll(async () => {
    await host.close();
    rmSync(dir, { recursive: true });
  });

  const machine = (name: string, address: string): MachineSpec => ({
    key: name,
    name,
    address,
    location: "fsn1",
    serverType: "cpx32",
    hardware: { cores: 4, memoryGiB: 8, diskGiB: 160, architecture: "x86" },
    disk: { os: "talos", version: "v1.12.1", schematicId: "a".repeat(64), platform: "hcloud" },
  });
  const cloud = (name: string, address: string, privateAddress: string, config: string): MachineSpec => ({
    ...machine(name, address),
    privateAddress,
    userData: userData(config),
  });
  const shared = () => ({ secrets, endpointHost: CONTROL_PLANE, kubespan: true });
  const controlPlane = () =>
    renderConfig(controlPlaneConfig(controlPlaneInput({ ...shared(), certSans: [CONTROL_PLANE] })));
  const worker = (labels = {}) => renderConfig(workerConfig(workerInput({ ...shared(), labels, certSans: [WORKER] })));
  const dedicated = (labels = {}) =>
    renderConfig(
      workerConfig(
        dedicatedInput({
          ...shared(),
          labels,
          certSans: [DEDICATED],
          platform: { name: "metal", address: DEDICATED, robotNumber: 1, diskSelector: { type: "nvme" } },
        }),
      ),
    );

  interface Result {
    status: number | null;
    stdout: string;
    stderr: string;
  }

  function run(script: string, node: string, config: string, env: Record<string, string> = {}): Promise<Result> {
    const child = spawn("sh", [join(scripts, `${script}.sh`)], {
      env: {
        ...process.env,
        PATH: `${toolsDir}${delimiter}${process.env.PATH}`,
        TALOSCONFIG_CONTENT: client,
        ENDPOINTS: node === DEDICATED ? DEDICATED : CONTROL_PLANE,
        NODE: node,
        MACHINE: "machine",
        WAIT_SECONDS: "60",
        PAUSE_SECONDS: "1",
        CONFIG_SHA256: createHash("sha256").update(config).digest("hex"),
        ...env,
      },
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(userData(config));
    const result: Result = { status: null, stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => {
      result.stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      result.stderr += chunk;
    });
    return new Promise((done) => child.on("close", (status) => done({ ...result, status })));
  }
  const ends = (result: Result) => expect(result, result.stderr).toMatchObject({ status: 0 });

  test("a new control plane and a new worker, through the control plane, have their configs already", async () => {
    const first = await run("apply-first", CONTROL_PLANE, controlPlane());
    ends(first);
    expect(first.stderr).toContain("without a reboot");
    const second = await run("apply-first", "10.0.7.0", worker());
    ends(second);
    expect(second.stderr).toContain("without a reboot");
  }, 120_000);

  test("a changed label needs no reboot", async () => {
    const result = await run("apply-change", "10.0.7.0", worker({ "example.com/tier": "new" }));
    ends(result);
    expect(result.stderr).toContain("Applied configuration without a reboot");
  });

  test("a config that is none is refused, with Talos's own words", async () => {
    const result = await run("apply-change", "10.0.7.0", worker().replace("diskQuotaSupport", "diskQuota"));
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("refused its config");
    expect(result.stderr).toContain("diskQuota");
  });

  test("a dedicated machine that shows another certificate gets nothing", async () => {
    const result = await run("join", DEDICATED, dedicated(), { FINGERPRINT: Buffer.alloc(32).toString("base64") });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain("shows another certificate");
  });

  test("a dedicated machine joins, can be changed, goes back to maintenance mode, and joins again", async () => {
    const joined = await run("join", DEDICATED, dedicated());
    ends(joined);
    expect(joined.stdout).toMatch(/^[0-9a-f]{64}$/);
    ends(await run("join", DEDICATED, dedicated()));
    ends(await run("apply-change", DEDICATED, dedicated({ "example.com/tier": "new" })));
    const left = await run("leave", DEDICATED, "");
    ends(left);
    expect(left.stderr).toContain("reset");
    expect(left.stderr).not.toContain("could not be reset");
    const again = await run("join", DEDICATED, dedicated());
    ends(again);
    expect(again.stderr).toContain("config accepted in maintenance mode");
  }, 120_000);
});
