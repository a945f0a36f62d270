import { expect, it } from "vitest";
import { dedicatedImages } from "../../../../components/talos/dedicated-image";
import { parseSettings } from "../../../../stacks/settings";

const settings = parseSettings({
  environment: "dev",
  cluster: { name: "orrery-dev", domain: "dev.example.com" },
  access: { adminCidrs: ["203.0.113.7/32"] },
  pools: [{ name: "general", count: 1, serverType: "cpx42", locations: ["fsn1"] }],
  talos: { extensions: ["siderolabs/iscsi-tools"] },
  dedicated: [
    { name: "gpu-1", address: "203.0.113.40", model: "GEX131", robotNumber: 1, gpu: { vendor: "nvidia" } },
    { name: "big-1", address: "203.0.113.41", model: "AX102", robotNumber: 2, pool: "big" },
  ],
});

it("names what each dedicated machine's disk needs: metal, its GPU's modules, the settings' extensions", () => {
  const images = dedicatedImages(settings);
  expect(Object.keys(images)).toEqual(["gpu-1", "big-1"]);
  expect(images["gpu-1"]!.schematic).toContain("siderolabs/nvidia-open-gpu-kernel-modules-lts");
  expect(images["gpu-1"]!.schematic).toContain("siderolabs/iscsi-tools");
  expect(images["big-1"]!.schematic).not.toContain("nvidia");
  expect(images["big-1"]!.url).toMatch(
    /^https:\/\/factory\.talos\.dev\/image\/[0-9a-f]{64}\/v1\.12\.1\/metal-amd64\.raw\.(xz|zst)$/,
  );
  expect(images["gpu-1"]!.url).not.toBe(images["big-1"]!.url);
});

it("goes by the card of one's own machine, and by NVIDIA's settings", () => {
  const [machine] = settings.dedicated;
  const sharing = { strategy: "none", slices: 20 } as const;
  const gpu = { vendor: "intel", model: "Arc B580", count: 1, sharing } as const;
  const own = { ...machine!, model: "own", gpu };
  const talos = { ...settings.talos, nvidia: { modules: "open", branch: "production" } as const };
  const images = dedicatedImages({ ...settings, talos, dedicated: [machine!, { ...own, name: "own-1" }] });
  expect(images["own-1"]!.schematic).toContain("siderolabs/xe\n");
  expect(images["gpu-1"]!.schematic).toContain("siderolabs/nvidia-container-toolkit-production");
  expect(images["gpu-1"]!.schematic).not.toContain("lts");
});
