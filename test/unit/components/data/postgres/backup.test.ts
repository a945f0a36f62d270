import { describe, expect, it } from "vitest";
import { Postgres } from "../../../../../components/data/postgres";
import type { PostgresBackupSettings } from "../../../../../components/data/postgres/backup";
import { Minio } from "../../../../../components/platform/objects";
import { fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, record } from "../../recorder";

type More = Partial<PostgresBackupSettings> & { encrypted?: boolean; backup?: boolean };

function create({ encrypted = false, backup = true, ...more }: More = {}) {
  const { certificates, asked } = fakeCertificates();
  const made = record(() => {
    const spaces = namespaces();
    const objects = new Minio("minio", {
      namespaces: spaces,
      certificates: encrypted ? certificates : undefined,
      storageGiB: 10,
      storageClass: "x",
    });
    const settings = { objects, certificates, bucket: "postgres-backup", schedule: "0 1 * * *", retentionDays: 14 };
    new Postgres("postgres", {
      charts: {},
      namespaces: spaces,
      storageGiB: 10,
      storageClass: "x",
      backup: backup ? { ...settings, ...more } : undefined,
    });
  });
  return { made, asked };
}

describe("a PostgreSQL cluster with backups", () => {
  it("archives every change to an archive of its generation", async () => {
    const { inputs } = (await create({ generation: 3 }).made).one("Cluster", "postgres");
    expect(at(inputs, "spec", "plugins")).toEqual([
      {
        name: "barman-cloud.cloudnative-pg.io",
        enabled: true,
        isWALArchiver: true,
        parameters: { barmanObjectName: "postgres-backup", serverName: "postgres-3" },
      },
    ]);
    expect(at(inputs, "spec", "inheritedMetadata", "labels", "orrery.dev/backup")).toBe("native");
  });

  it("says where the archive is, for how long, and with which keys", async () => {
    const { inputs } = (await create().made).one("ObjectStore", "postgres-backup");
    expect(at(inputs, "spec")).toMatchObject({
      retentionPolicy: "14d",
      configuration: {
        destinationPath: "s3://postgres-backup/",
        endpointURL: "http://minio.storage.svc:9000",
        s3Credentials: { secretAccessKey: { name: "bucket-postgres-backup", key: "AWS_SECRET_ACCESS_KEY" } },
      },
    });
    expect(at(inputs, "spec", "configuration")).not.toHaveProperty("endpointCA");
    expect(at(inputs, "metadata", "namespace")).toBe("db");
  });

  it("takes the store's authority from a certificate's Secret: Barman reads no ConfigMap", async () => {
    const { made, asked } = create({ encrypted: true });
    const { inputs } = (await made).one("ObjectStore", "postgres-backup");
    expect(at(inputs, "spec", "configuration", "endpointCA")).toEqual({
      name: "postgres-backup-authority-tls",
      key: "ca.crt",
    });
    expect(asked.map(({ name, namespace }) => [name, namespace])).toContainEqual(["postgres-backup-authority", "db"]);
  });

  it("takes base backups by the plugin, with seconds in the schedule, the first one at once", async () => {
    const { inputs } = (await create().made).one("ScheduledBackup", "postgres-backup");
    expect(at(inputs, "spec")).toMatchObject({
      schedule: "0 0 1 * * *",
      cluster: { name: "postgres" },
      method: "plugin",
      pluginConfiguration: { name: "barman-cloud.cloudnative-pg.io" },
      immediate: true,
    });
  });

  it("has the plugin beside the operator, reached by it alone, before the cluster", async () => {
    const made = await create().made;
    const release = made.releases().find(({ name }) => name === "barman-cloud");
    expect(release?.inputs["namespace"]).toBe("cnpg-system");
    const ingress = made.kind("NetworkPolicy").find(({ name }) => name === "barman-cloud-operator-ingress");
    expect(at(ingress?.inputs, "spec", "ingress", 0, "ports")).toEqual([{ port: 9090, protocol: "TCP" }]);
    expect(made.one("Cluster", "postgres").dependencies).toContain(made.one("ObjectStore", "postgres-backup").urn);
  });

  it("begins with another archive when it is told to, and goes on in its own", async () => {
    const restore = { generation: 1, targetTime: "2026-11-21T12:00:00Z" };
    const { inputs } = (await create({ generation: 2, restore }).made).one("Cluster", "postgres");
    expect(at(inputs, "spec", "bootstrap")).toEqual({
      recovery: {
        source: "origin",
        database: "app",
        owner: "app",
        recoveryTarget: { targetTime: "2026-11-21T12:00:00Z" },
      },
    });
    expect(at(inputs, "spec", "externalClusters", 0, "plugin", "parameters", "serverName")).toBe("postgres-1");
    expect(at(inputs, "spec", "plugins", 0, "parameters", "serverName")).toBe("postgres-2");
  });
});

describe("a PostgreSQL cluster without backups", () => {
  it("has nothing of it, and says so", async () => {
    const made = await create({ backup: false }).made;
    const { inputs } = made.one("Cluster", "postgres");
    expect(at(inputs, "spec")).not.toHaveProperty("plugins");
    expect(at(inputs, "spec", "bootstrap")).toHaveProperty("initdb");
    expect(at(inputs, "spec", "inheritedMetadata", "labels", "orrery.dev/backup")).toBe("none");
    expect(made.releases().map(({ name }) => name)).not.toContain("barman-cloud");
    expect(made.kind("ObjectStore")).toEqual([]);
  });
});
