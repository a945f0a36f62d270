import { describe, expect, it } from "vitest";
import { machineFlags, networkMap } from "../../../../sandbox/machines/flags";
import type { MachineSpec } from "../../../../sandbox/machines/types";

const spec: MachineSpec = {
  key: "server-1",
  name: "demo-general-1",
  address: "127.83.12.11",
  privateAddress: "10.0.0.11",
  location: "fsn1",
  serverType: "cpx32",
  hardware: { cores: 4, memoryGiB: 8, diskGiB: 160, architecture: "arm", gpus: { vendor: "amd", count: 2 } },
  disk: {
    os: "talos",
    version: "v1.12.1",
    schematicId: "abc",
    platform: "hcloud",
    extensions: ["iscsi-tools", "i915"],
  },
};
const paths = { disk: "/d", userData: "/u", netmap: "/n", discovery: "/s", apiServer: "/a" };

describe("machineFlags", () => {
  it("hands everything about the machine to the double", () => {
    expect(machineFlags(spec, paths, true)).toEqual([
      "-key=server-1",
      "-name=demo-general-1",
      "-addr=127.83.12.11",
      "-private-address=10.0.0.11",
      "-platform=hcloud",
      "-version=v1.12.1",
      "-schematic=abc",
      "-extensions=iscsi-tools,i915",
      "-dir=/d",
      "-userdata=/u",
      "-netmap=/n",
      "-discovery=/s",
      "-apiserver=/a",
      "-location=fsn1",
      "-server-type=cpx32",
      "-architecture=arm",
      "-cores=4",
      "-memory-gib=8",
      "-disk-gib=160",
      "-gpu-vendor=amd",
      "-gpu-count=2",
      "-wait-for-cni",
    ]);
  });

  it("leaves out what the machine does not have", () => {
    const bare = { ...spec, privateAddress: undefined, hardware: { ...spec.hardware, gpus: undefined } };
    const flags = machineFlags(bare, { ...paths, userData: undefined }, false).join(" ");
    expect(flags).not.toMatch(/private-address|userdata|gpu|wait-for-cni|undefined/);
  });

  it("refuses a disk without Talos", () => {
    expect(() => machineFlags({ ...spec, disk: { os: "other" } }, paths, false)).toThrow(/server-1.*no Talos image/);
  });
});

describe("networkMap", () => {
  it("has the machines with a private address and the aliases", () => {
    const public_ = { ...spec, key: "server-2", address: "127.83.12.12", privateAddress: undefined };
    expect(networkMap([spec, public_], { "10.0.0.2": "127.83.12.2" })).toEqual({
      "10.0.0.11": "127.83.12.11",
      "10.0.0.2": "127.83.12.2",
    });
  });
});
