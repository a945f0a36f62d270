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
  ["open", "lts", "nvidia-open-gpu-kernel-modules-lts"],
  ["open", "production", "nvidia-open-gpu-kernel-modules-production"],
  ["closed", "lts", "nonfree-kmod-nvidia-lts"],
  ["closed", "production", "nonfree-kmod-nvidia-production"],
] as const)("NVIDIA's %s modules of %s, with the toolkit of that branch and nothing else", (modules, branch, name) => {
  const nvidia = { modules, branch };
  const { extensions } = schematic({ platform: "metal", extensions: [], gpu: { vendor: "nvidia" }, nvidia });
  expect(extensions.filter((each) => each.includes("nvidia"))).toEqual(
    [`siderolabs/${name}`, `siderolabs/nvidia-container-toolkit-${branch}`].sort(),
  );
});

test("NVIDIA's settings change nothing of other machines", () => {
  const nvidia = { modules: "closed", branch: "production" } as const;
  expect(schematic({ platform: "metal", extensions: [], nvidia }).extensions.join()).not.toContain("nvidia");
});

test("Intel's driver follows from the card", () => {
  const of = (driver: "i915" | "xe") =>
    schematic({ platform: "metal", extensions: [], gpu: { vendor: "intel", model: { driver } } }).extensions;
  expect(of("xe")).toContain("siderolabs/xe");
  expect(of("xe")).not.toContain("siderolabs/i915");
  expect(of("i915")).toContain("siderolabs/i915");
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
