import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { renderConfig } from "../../components/talos/config/common";
import { controlPlaneConfig } from "../../components/talos/config/control-plane";
import type { MachineConfig } from "../../components/talos/config/types";
import { workerConfig } from "../../components/talos/config/worker";
import { storageRequirements } from "../../components/talos/storage-requirements";
import { StorageSettings } from "../../stacks/settings/schema/storage";
import { controlPlaneInput, dedicatedInput, wireguard, workerInput } from "../unit/components/talos/config-inputs";

const everyStorage = StorageSettings.parse({ longhorn: { enabled: true }, nfs: { enabled: true } });

/** Every kind of machine config that the program writes, checked by the real talosctl. */
const configs: [name: string, mode: "cloud" | "metal", config: MachineConfig][] = [
  ["control plane", "cloud", controlPlaneConfig(controlPlaneInput())],
  ["control plane with WireGuard", "cloud", controlPlaneConfig(controlPlaneInput({ wireguard }))],
  [
    "control plane, everything optional off",
    "cloud",
    controlPlaneConfig(
      controlPlaneInput({
        kubespan: false,
        diskEncryption: false,
        storage: { directories: [], kubeletMounts: [] },
        adminCidrs: [],
        schedulable: true,
      }),
    ),
  ],
  ["worker", "cloud", workerConfig(workerInput())],
  [
    "worker without a public IPv4",
    "cloud",
    workerConfig(workerInput({ platform: { name: "hcloud", publicIpv4: false } })),
  ],
  [
    "worker with everything that storage needs",
    "cloud",
    workerConfig(workerInput({ storage: storageRequirements(everyStorage) })),
  ],
  ["worker with sysctls", "cloud", workerConfig(workerInput({ sysctls: { "vm.max_map_count": "262144" } }))],
  ...(["nvidia", "amd", "intel"] as const).flatMap((vendor): (typeof configs)[number][] => [
    [`${vendor} cloud worker`, "cloud", workerConfig(workerInput({ gpu: { vendor } }))],
    [`${vendor} dedicated machine`, "metal", workerConfig(dedicatedInput({ gpu: { vendor } }))],
  ]),
  [
    "machine of one's own with Intel's newer driver",
    "metal",
    workerConfig(
      dedicatedInput({
        gpu: { vendor: "intel", model: { driver: "xe" } },
        labels: { "orrery.dev/machine": "gpu-3", "orrery.dev/gpu-model": "Arc-Pro-B60" },
        platform: { name: "metal", address: "203.0.113.42", diskSelector: { type: "nvme" } },
      }),
    ),
  ],
  [
    "dedicated machine with every disk selector",
    "metal",
    workerConfig(
      dedicatedInput({
        platform: {
          name: "metal",
          address: "203.0.113.40",
          robotNumber: 1,
          diskSelector: { type: "ssd", model: "SAMSUNG*", serial: "S5", size: ">= 400GB" },
        },
      }),
    ),
  ],
];

const talosctl = [process.env.ORRERY_TOOLS_DIR, ...(process.env.PATH ?? "").split(delimiter)]
  .filter((dir): dir is string => Boolean(dir))
  .map((dir) => join(dir, "talosctl"))
  .find((file) => existsSync(file));
if (!talosctl) console.warn("skipped: no talosctl in ORRERY_TOOLS_DIR or on PATH (make sandbox builds it)");

const dir = mkdtempSync(join(tmpdir(), "orrery-talos-"));
afterAll(() => rmSync(dir, { recursive: true }));

function validate(mode: string, config: MachineConfig): { status: number | null; output: string } {
  const file = join(dir, "machine.yaml");
  writeFileSync(file, renderConfig(config), { mode: 0o600 });
  const { status, stdout, stderr } = spawnSync(talosctl!, ["validate", "--strict", "--mode", mode, "--config", file], {
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

describe.skipIf(!talosctl)("talosctl validate --strict", () => {
  test.each(configs)("%s", (_name, mode, config) => {
    const { status, output } = validate(mode, config);
    expect(output).toContain(`is valid for ${mode} mode`);
    expect(status).toBe(0);
  });

  test("refuses a field that Talos does not know", () => {
    const [main, ...others] = workerConfig(workerInput());
    const wrong: MachineConfig = [{ ...main, machine: { ...main.machine, ...{ tokens: "x" } } }, ...others];
    expect(validate("cloud", wrong).status).toBe(1);
  });

  test("refuses a worker that has a key of an authority", () => {
    const [main, ...others] = workerConfig(workerInput());
    const { talosCa } = workerInput().secrets;
    const ca = { crt: main.machine.ca.crt, key: Buffer.from(talosCa.privateKeyPem).toString("base64") };
    const wrong: MachineConfig = [{ ...main, machine: { ...main.machine, ca } }, ...others];
    expect(validate("cloud", wrong).status).toBe(1);
  });
});
