import { describe, expect, it } from "vitest";
import { dedicatedSpec } from "../../../../sandbox/daemon/dedicated";
import { machineFlags } from "../../../../sandbox/machines/flags";

const at = { name: "gpu-1", address: "127.80.0.2" };

describe("a dedicated machine of the sandbox", () => {
  it("is as Hetzner's table says, with its GPU, whatever the settings use of it", () => {
    const { key, hardware, disk } = dedicatedSpec({ ...at, model: "GEX131", extensions: ["amd-ucode"] });
    expect(key).toBe("dedicated-gpu-1");
    expect(hardware).toMatchObject({
      cores: 24,
      memoryGiB: 256,
      gpus: { vendor: "nvidia", count: 1, driver: "nvidia", memoryMiB: 97_119, openModulesOnly: true },
    });
    expect(disk).toMatchObject({ os: "talos", platform: "metal", extensions: ["amd-ucode"] });
  });

  it("has no GPU where the model has none", () => {
    expect(dedicatedSpec({ ...at, model: "EX44", gpu: { model: "RTX 4090" } }).hardware.gpus).toBeUndefined();
  });

  it("is as the settings say, where it is one's own", () => {
    const own = { ...at, model: "own", hardware: { cores: 16, memoryGiB: 64, diskGB: 1000 } };
    expect(dedicatedSpec(own).hardware).toEqual({ cores: 16, memoryGiB: 64, diskGiB: 1000, architecture: "x86" });
    const { hardware } = dedicatedSpec({ ...own, gpu: { model: "Arc Pro B60", count: 2 } });
    expect(hardware.gpus).toMatchObject({ vendor: "intel", count: 2, driver: "xe", openModulesOnly: false });
  });

  it("tells the double what its GPUs are", () => {
    const paths = { disk: "d", netmap: "n", discovery: "s", apiServer: "a" };
    const flags = machineFlags(dedicatedSpec({ ...at, model: "GEX45" }), paths, false);
    expect(flags).toEqual(
      expect.arrayContaining([
        "-gpu-vendor=nvidia",
        "-gpu-model=RTX PRO 4000 Blackwell SFF",
        "-gpu-memory-mib=23699",
        "-gpu-driver=nvidia",
        "-gpu-open-modules-only=true",
      ]),
    );
    const amd = {
      ...at,
      model: "own",
      hardware: { cores: 8, memoryGiB: 32, diskGB: 500 },
      gpu: { model: "RX 7900 XTX" },
    };
    expect(machineFlags(dedicatedSpec(amd), paths, false).join(" ")).not.toContain("open-modules");
  });

  it("is an error where nobody knows what it has", () => {
    expect(() => dedicatedSpec({ ...at, model: "GEX1" })).toThrow("own with hardware");
    expect(() => dedicatedSpec({ ...at, model: "own" })).toThrow('"own" is not known');
  });
});
