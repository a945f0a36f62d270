import { describe, expect, it } from "vitest";
import { schematic } from "../../../../components/talos/schematic";
import { writtenExtensions } from "../../../../sandbox/engine/dedicated-disk";
import { extensionsIn } from "../../../../sandbox/hetzner/image-factory";

describe("what is on a dedicated machine's disk", () => {
  it("is the image that the program's output names", () => {
    const longhorn = {
      "orrery:storage": { longhorn: { enabled: true } },
      "orrery:talos": { extensions: ["siderolabs/tailscale"] },
    };
    expect(writtenExtensions(longhorn, { model: "own", gpu: { vendor: "amd", model: "RX 7900 XTX" } })).toEqual([
      "amd-ucode",
      "amdgpu",
      "intel-ucode",
      "iscsi-tools",
      "tailscale",
      "util-linux-tools",
    ]);
    expect(writtenExtensions({}, { model: "EX44" })).toEqual(["amd-ucode", "intel-ucode"]);
  });

  it("is nothing where the settings are wrong: the program says so", () => {
    expect(writtenExtensions({ "orrery:storage": { longhorn: "yes" } }, {})).toEqual([]);
  });
});

describe("a schematic", () => {
  it("says which extensions are in the image", () => {
    const { yaml } = schematic({ platform: "hcloud", extensions: ["siderolabs/iscsi-tools"] });
    expect(extensionsIn(yaml)).toEqual(["iscsi-tools", "qemu-guest-agent"]);
    expect(extensionsIn("customization: {}\n")).toEqual([]);
  });
});
