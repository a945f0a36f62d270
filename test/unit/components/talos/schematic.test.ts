import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalYaml, diskImageUrl, installerImage, schematic } from "../../../../components/talos/schematic";

const idOf = (extensions: string[]) => createHash("sha256").update(canonicalYaml(extensions)).digest("hex");

test("ids are those that the image factory publishes", () => {
  expect(idOf([])).toBe("376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba");
  expect(schematic({ platform: "hcloud", extensions: [] }).id).toMatch(/^ce4c980550dd/);
});

test("the order in the settings makes no difference, and nothing is there twice", () => {
  const a = schematic({ platform: "hcloud", extensions: ["siderolabs/util-linux-tools", "siderolabs/iscsi-tools"] });
  const b = schematic({
    platform: "hcloud",
    extensions: ["siderolabs/iscsi-tools", "siderolabs/util-linux-tools", "siderolabs/qemu-guest-agent"],
  });
  expect(a).toEqual(b);
});

test("NVIDIA gets modules and toolkit of the same branch", () => {
  const { extensions } = schematic({ platform: "metal", extensions: [], gpu: { vendor: "nvidia" } });
  expect(extensions).toContain("siderolabs/nvidia-open-gpu-kernel-modules-lts");
  expect(extensions).toContain("siderolabs/nvidia-container-toolkit-lts");
  expect(extensions).not.toContain("siderolabs/qemu-guest-agent");
});

test.each([
  ["amd", "siderolabs/amdgpu"],
  ["intel", "siderolabs/i915"],
] as const)("%s gets %s", (vendor, extension) => {
  expect(schematic({ platform: "metal", extensions: [], gpu: { vendor } }).extensions).toContain(extension);
});

test("a name that YAML would read otherwise is refused", () => {
  expect(() => canonicalYaml(["siderolabs/x: y"])).toThrow("talos.extensions");
});

test("images are named as the factory names them", () => {
  const image = { schematicId: "abc", version: "v1.12.1", platform: "hcloud" } as const;
  expect(diskImageUrl({ ...image, architecture: "arm" })).toBe(
    "https://factory.talos.dev/image/abc/v1.12.1/hcloud-arm64.raw.xz",
  );
  expect(diskImageUrl({ ...image, platform: "metal", architecture: "x86" })).toBe(
    "https://factory.talos.dev/image/abc/v1.12.1/metal-amd64.raw.xz",
  );
  expect(installerImage(image)).toBe("factory.talos.dev/hcloud-installer/abc:v1.12.1");
});
