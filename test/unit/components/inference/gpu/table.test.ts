import { describe, expect, it } from "vitest";
import { dedicatedModels } from "../../../../../components/hetzner/market";
import { gpuNameOf, gpuOf } from "../../../../../components/inference/gpu/of-machine";
import { deviceOf, gpuModelOf, gpuModels, labelOf } from "../../../../../components/inference/gpu/table";

const models = Object.values(gpuModels);

describe("the table of GPUs", () => {
  it("knows the GPU of each of Hetzner's models, with less memory than stands on the box", () => {
    for (const { model, gpu } of Object.values(dedicatedModels)) {
      if (gpu === undefined) continue;
      const known = gpuModelOf(gpu.name);
      expect(known?.vendor, model).toBe(gpu.vendor);
      expect(known!.memoryMiB, model).toBeLessThan(gpu.memoryGiB * 1024);
      expect(known!.memoryMiB, model).toBeGreaterThan(gpu.memoryGiB * 1024 * 0.9);
    }
  });

  it("says of each what its driver reports, where that is from, and what is left of it", () => {
    for (const { name, memoryMiB, reportedMiB, source } of models) {
      expect(source, name).not.toBe("");
      expect(memoryMiB, name).toBeLessThanOrEqual(reportedMiB);
      expect(Number.isInteger(memoryMiB), name).toBe(true);
    }
    expect(gpuModels["RTX PRO 6000 Blackwell Max-Q"]?.memoryMiB).toBe(97_119);
    expect(gpuModels["RX 7900 XTX"]?.memoryMiB).toBe(24_560);
  });

  it("drives each vendor's cards with its drivers; Blackwell needs the open modules, and nothing else does", () => {
    const drivers = { nvidia: ["nvidia"], amd: ["amdgpu"], intel: ["i915", "xe"] };
    for (const { name, vendor, driver, architecture, needsOpenModules } of models) {
      expect(drivers[vendor], name).toContain(driver);
      expect(needsOpenModules, name).toBe(architecture === "blackwell");
    }
    expect(gpuModels["Arc A770"]?.driver).toBe("i915");
    expect(gpuModels["Arc Pro B60"]?.driver).toBe("xe");
  });

  it("has names that are label values once blanks are hyphens, and stay apart", () => {
    const labels = models.map(({ name }) => labelOf(name));
    for (const label of labels) expect(label).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
    expect(new Set(labels).size).toBe(labels.length);
    expect(labelOf("RTX PRO 6000 Blackwell Max-Q")).toBe("RTX-PRO-6000-Blackwell-Max-Q");
  });

  it("finds nothing under another name, and nothing that every object has", () => {
    expect(gpuModelOf("RTX 9999")).toBeUndefined();
    expect(gpuModelOf("constructor")).toBeUndefined();
    expect(gpuModelOf(undefined)).toBeUndefined();
  });

  it.each([
    ["nvidia", "nvidia.com/gpu"],
    ["amdgpu", "amd.com/gpu"],
    ["i915", "gpu.intel.com/i915"],
    ["xe", "gpu.intel.com/xe"],
  ] as const)("the device of %s is %s", (driver, device) => {
    expect(deviceOf(driver)).toBe(device);
  });
});

const none = { strategy: "none", slices: 20 } as const;

describe("the GPUs of a machine", () => {
  it("are those of Hetzner's model", () => {
    const machine = { model: "GEX131", gpu: { vendor: "nvidia", count: 1, sharing: none } } as const;
    expect(gpuNameOf(machine)).toBe("RTX PRO 6000 Blackwell Max-Q");
    expect(gpuOf(machine)).toMatchObject({ vendor: "nvidia", count: 1, model: { architecture: "blackwell" } });
  });

  it("are those that the settings of one's own machine name", () => {
    const gpu = { vendor: "amd", model: "RX 7900 XTX", count: 2, sharing: none } as const;
    expect(gpuOf({ model: "own", gpu })).toMatchObject({ count: 2, model: { name: "RX 7900 XTX" } });
  });

  it("have one slice each without sharing, whatever number stands there", () => {
    const gpu = { vendor: "nvidia", count: 1, sharing: none } as const;
    expect(gpuOf({ model: "GEX45", gpu })?.sharing).toEqual({ strategy: "none", slices: 1 });
    const sharing = { strategy: "time-slicing", slices: 10 } as const;
    expect(gpuOf({ model: "GEX45", gpu: { ...gpu, sharing } })?.sharing).toEqual(sharing);
  });

  it("are none where the settings do not use them, and an error where nobody knows them", () => {
    expect(gpuOf({ model: "GEX45" })).toBeUndefined();
    expect(() => gpuOf({ model: "own", gpu: { vendor: "amd", count: 1, model: "RX 1", sharing: none } })).toThrow(
      "RX 1",
    );
    expect(() => gpuOf({ model: "own", gpu: { vendor: "amd", count: 1, sharing: none } })).toThrow("(none)");
  });
});
