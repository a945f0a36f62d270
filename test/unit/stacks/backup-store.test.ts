import { describe, expect, it } from "vitest";
import type { SettingsInput } from "../../../stacks/settings";
import { externalStoreAskedBy, plannedBackups } from "../../../stacks/settings/backups";
import { createEnvironment, testSettings } from "../components/environment";
import { at } from "../components/recorder";

const external = { endpoint: "https://fsn1.your-objectstorage.com", region: "fsn1" };
const secrets = { values: { "objects-access-key": "key", "objects-secret-key": "secret" } };
const velero = { enabled: true };

function settings(more: Partial<SettingsInput>) {
  return testSettings("dev", {}, { secrets, ...more });
}

async function location(more: Partial<SettingsInput>) {
  const { made } = await createEnvironment(settings(more));
  const { inputs } = made.one("BackupStorageLocation", "default");
  return {
    bucket: at(inputs, "spec", "objectStorage", "bucket"),
    url: at(inputs, "spec", "config", "s3Url"),
    servers: made.kind("StatefulSet").map(({ name }) => name),
  };
}

describe("backups go", () => {
  it("where services keep their objects: MinIO", async () => {
    const found = await location({ objects: { kind: "minio" }, backup: { velero } });
    expect(found).toEqual({ bucket: "velero", url: "http://minio.storage.svc:9000", servers: ["minio"] });
  });

  it("where services keep their objects: outside", async () => {
    const found = await location({ objects: { kind: "external", external }, backup: { velero } });
    expect(found).toEqual({ bucket: "test-velero", url: external.endpoint, servers: [] });
  });

  it("outside, while services use MinIO", async () => {
    const objects = { kind: "minio" as const, external, buckets: [{ name: "images" }] };
    const found = await location({ objects, backup: { store: "external", velero } });
    expect(found).toEqual({ bucket: "test-velero", url: external.endpoint, servers: ["minio"] });
  });
});

describe("plannedBackups", () => {
  it("lists what is switched on, and PostgreSQL's only where PostgreSQL runs", () => {
    const backup = { velero, etcd: { enabled: true } };
    expect(plannedBackups(settings({ backup })).map(({ setting }) => setting)).toEqual([
      "backup.velero",
      "backup.etcd",
    ]);
    const services = { postgres: { enabled: false, backup: { enabled: true } } };
    expect(plannedBackups(testSettings("dev", services))).toEqual([]);
  });
});

describe("externalStoreAskedBy", () => {
  it.each<[Partial<SettingsInput>, string | undefined]>([
    [{}, undefined],
    [{ objects: { kind: "external" } }, "objects.kind"],
    [{ backup: { store: "external", velero } }, "backup.store"],
    // Nothing is backed up yet.
    [{ backup: { store: "external" } }, undefined],
  ])("%j: %s", (more, expected) => {
    expect(externalStoreAskedBy(settings(more))).toBe(expected);
  });
});
