import { describe, expect, it } from "vitest";
import { dedicatedImages } from "../../../../components/talos/dedicated-image";
import { machineExtensions, storageRequirements } from "../../../../components/talos/storage-requirements";
import { parseSettings, type SettingsInput } from "../../../../stacks/settings";
import { StorageSettings } from "../../../../stacks/settings/schema/storage";

const of = (storage: SettingsInput["storage"]) => storageRequirements(StorageSettings.parse(storage ?? {}));

describe("what storage needs of every machine", () => {
  it("is a directory for local volumes, and no extension", () => {
    expect(of({})).toEqual({ extensions: [], directories: ["local-path"], kubeletMounts: [] });
    expect(of({ localPath: { enabled: false } }).directories).toEqual([]);
  });

  it("is the initiator and a shared mount for Longhorn", () => {
    expect(of({ longhorn: { enabled: true } })).toEqual({
      extensions: ["siderolabs/iscsi-tools", "siderolabs/util-linux-tools"],
      directories: ["local-path"],
      kubeletMounts: [
        {
          destination: "/var/lib/longhorn",
          source: "/var/lib/longhorn",
          type: "bind",
          options: ["bind", "rshared", "rw"],
        },
      ],
    });
  });

  it("is nothing for NFS: the driver brings its own client", () => {
    expect(of({ nfs: { enabled: true, server: "10.0.0.5" } })).toEqual(of({}));
  });
});

describe("images", () => {
  const settings = (storage: SettingsInput["storage"]) =>
    parseSettings({
      environment: "dev",
      cluster: { name: "demo", domain: "demo.example.com" },
      access: { adminCidrs: ["203.0.113.7/32"] },
      pools: [{ name: "general", count: 2, serverType: "cpx42", locations: ["fsn1"] }],
      dedicated: [{ name: "big-1", address: "203.0.113.41", model: "AX102", robotNumber: 2, pool: "big" }],
      talos: { extensions: ["siderolabs/tailscale"] },
      storage,
    });

  it("have the settings' extensions and those that storage needs", () => {
    expect(machineExtensions(settings({}))).toEqual(["siderolabs/tailscale"]);
    expect(machineExtensions(settings({ longhorn: { enabled: true } }))).toEqual([
      "siderolabs/tailscale",
      "siderolabs/iscsi-tools",
      "siderolabs/util-linux-tools",
    ]);
  });

  it("of dedicated machines follow by themselves", () => {
    const schematic = (storage: SettingsInput["storage"]) => dedicatedImages(settings(storage))["big-1"]!.schematic;
    expect(schematic({})).not.toContain("iscsi-tools");
    expect(schematic({ longhorn: { enabled: true } })).toContain("siderolabs/iscsi-tools");
  });
});
