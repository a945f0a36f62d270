import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseSettings, readStackFile } from "../../../stacks/settings";
import { gpuMachines } from "../../../stacks/settings/gpus";

const root = join(__dirname, "../../..");
const file = (name: string) => readStackFile(readFileSync(join(root, name), "utf8")) as Record<string, unknown>;
const three = "test/fixtures/settings/must-pass/own-gpu-machines.yaml";

describe("machines with GPUs", () => {
  const machines = gpuMachines(parseSettings(file(three)));

  it("are known before anything is bought: vendor, model, memory, device, slices", () => {
    expect(machines.map(({ taints: _, ...machine }) => machine)).toEqual([
      {
        name: "gpu-1",
        pool: "nvidia",
        vendor: "nvidia",
        model: "RTX PRO 6000 Blackwell Max-Q",
        architecture: "blackwell",
        driver: "nvidia",
        memoryMiB: 97_119,
        count: 1,
        sharing: { strategy: "time-slicing", slices: 20 },
        device: "nvidia.com/gpu",
      },
      {
        name: "gpu-2",
        pool: "amd",
        vendor: "amd",
        model: "RX 7900 XTX",
        architecture: "rdna3",
        driver: "amdgpu",
        memoryMiB: 24_560,
        count: 2,
        sharing: { strategy: "none", slices: 1 },
        device: "amd.com/gpu",
      },
      {
        name: "gpu-3",
        pool: "intel",
        vendor: "intel",
        model: "Arc Pro B60",
        architecture: "xe2",
        driver: "xe",
        memoryMiB: 23_347,
        count: 1,
        sharing: { strategy: "time-slicing", slices: 10 },
        device: "gpu.intel.com/xe",
      },
    ]);
  });

  it("have a taint of their vendor in prod, unless the settings say no", () => {
    expect(machines.map(({ taints }) => taints)).toEqual([
      [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
      [{ key: "amd.com/gpu", value: "present", effect: "NoSchedule" }],
      [],
    ]);
  });

  it("have none in dev, unless the settings say so; a taint of that key that is there stays alone", () => {
    const settings = file("stacks/presets/homelab-gpu.yaml");
    const [machine] = settings.dedicated as { gpu: object; taints?: object[] }[];
    const taintsOf = (change: object, more: object = {}) =>
      gpuMachines(
        parseSettings({ ...settings, dedicated: [{ ...machine, ...more, gpu: { ...machine!.gpu, ...change } }] }),
      )[0]?.taints;
    const pools = [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }];
    settings.pools = pools;
    expect(taintsOf({})).toEqual([]);
    expect(taintsOf({ taint: true })).toEqual([{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
    const own = { key: "nvidia.com/gpu", value: "mine", effect: "PreferNoSchedule" };
    expect(taintsOf({ taint: true }, { taints: [own] })).toEqual([own]);
  });

  it("are none where the settings use no GPU, or where none is in the table", () => {
    const settings = parseSettings(file(three));
    const [first, second] = settings.dedicated;
    expect(gpuMachines({ dedicated: [{ ...first!, gpu: undefined }] })).toEqual([]);
    const unknown = { ...second!, gpu: { ...second!.gpu!, model: "RX 1" } };
    expect(gpuMachines({ dedicated: [unknown] })).toEqual([]);
  });
});
