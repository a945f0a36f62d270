import { describe, expect, it } from "vitest";
import { definitionCheck } from "../../definitions";
import { createEnvironment, testSettings } from "../../environment";
import type { Recorder } from "../../recorder";
import { shared } from "../../shared";

const folder = shared("crds", "custom resources of backups against the CustomResourceDefinitions");

const definitions: Record<string, string> = {
  BackupStorageLocation: "backupstoragelocations.velero.io",
  Schedule: "schedules.velero.io",
  ObjectStore: "objectstores.barmancloud.cnpg.io",
  ScheduledBackup: "scheduledbackups.postgresql.cnpg.io",
  Cluster: "clusters.postgresql.cnpg.io",
};

/** Everything that can be backed up, with objects in the cluster and a restore under way. */
async function backedUp(): Promise<Recorder> {
  const backup = {
    enabled: true,
    generation: 2,
    restore: { generation: 1, targetTime: "2026-11-21T12:00:00Z" },
  };
  const settings = testSettings(
    "dev",
    { postgres: { enabled: true, backup } },
    {
      certificates: { enabled: true },
      objects: { kind: "minio", buckets: [{ name: "images" }] },
      backup: {
        velero: { enabled: true },
        etcd: { enabled: true, ageRecipient: "age1khpnnl86pzx96ttyjmldptsl5yn2v9jgmmzcjcufvk00ttkph9zs0ytgec" },
      },
    },
  );
  return (await createEnvironment(settings)).made;
}

describe("an environment with every backup", () => {
  it("has one bucket for each, and those of the settings", async () => {
    const jobs = (await backedUp()).kind("Job").map(({ name }) => name);
    expect(jobs.filter((name) => name.startsWith("bucket-")).sort()).toEqual([
      "bucket-etcd-backup",
      "bucket-images",
      "bucket-postgres-backup",
      "bucket-velero",
    ]);
  });

  it.skipIf(folder === undefined).each(Object.entries(definitions))(
    "%s is as its definition says",
    async (kind, name) => {
      const found = (await backedUp()).kind(kind);
      expect(found.length).toBeGreaterThan(0);
      const check = definitionCheck(folder!, name);
      for (const { inputs } of found) {
        check(inputs);
        expect(check.errors ?? []).toEqual([]);
      }
    },
  );
});

describe("an environment that switches nothing of it on", () => {
  it("has nothing of it", async () => {
    const { made } = await createEnvironment(testSettings("dev"));
    const namespaces = made.kind("Namespace").map(({ name }) => name);
    for (const name of ["storage", "backup", "velero"]) expect(namespaces).not.toContain(name);
    expect(made.kind("CronJob")).toEqual([]);
    expect(made.kind("Job").map(({ name }) => name)).toEqual([]);
  });
});
