import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dedicatedLabels } from "../../../../components/talos/config/labels";
import { dedicatedNode } from "../../../../components/talos/nodes";
import { parseSettings, readStackFile } from "../../../../stacks/settings";

const fixture = join(__dirname, "../../../fixtures/settings/must-pass/own-gpu-machines.yaml");
const { dedicated } = parseSettings(readStackFile(readFileSync(fixture, "utf8")));
const [nvidia, amd, intel] = dedicated.map((machine) => dedicatedNode("demo", machine));

describe("a dedicated machine's node", () => {
  test("has its machine's name and GPU as labels, and the settings' own", () => {
    expect(nvidia!.labels).toEqual({
      "orrery.dev/machine": "gpu-1",
      "orrery.dev/gpu": "nvidia",
      "orrery.dev/gpu-model": "RTX-PRO-6000-Blackwell-Max-Q",
      "orrery.dev/gpu-memory-gib": "94",
      "orrery.dev/gpu-sharing": "time-slicing-20",
      "nvidia.com/device-plugin.config": "time-slicing-20",
    });
    const plain = { ...dedicated[0]!, gpu: undefined, labels: { "example.com/tier": "batch" } };
    expect(dedicatedLabels(plain)).toEqual({ "orrery.dev/machine": "gpu-1", "example.com/tier": "batch" });
  });

  test("offers as many devices as its GPUs have slices", () => {
    expect(nvidia!.devices).toEqual({ "nvidia.com/gpu": 20 });
    expect(amd!.devices).toEqual({ "amd.com/gpu": 2 });
    expect(intel!.devices).toEqual({ "gpu.intel.com/xe": 10 });
    expect(dedicatedNode("demo", { ...dedicated[0]!, gpu: undefined }).devices).toEqual({});
  });

  test("says what one's own has and costs; Hetzner's stands in the price list", () => {
    expect(nvidia).not.toHaveProperty("hardware");
    expect(amd!.hardware).toEqual({ cores: 32, memoryGiB: 128, monthlyEur: 80 });
    expect(intel!.hardware).toEqual({ cores: 16, memoryGiB: 64 });
  });
});
