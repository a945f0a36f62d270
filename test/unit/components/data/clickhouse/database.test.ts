import { describe, expect, it } from "vitest";
import { checkDatabaseName } from "../../../../../components/data/clickhouse/names";
import { createDatabase, createUser, grantRights } from "../../../../../components/data/clickhouse/statements";
import { at, record } from "../../recorder";
import { consumer, server, whole } from "./servers";

describe("database()", () => {
  it("without a consumer: Secret beside the server, a Job, and no path", async () => {
    const before = await record(() => server());
    const made = await record(() => server().database("page_views"));
    expect(made.kind("NetworkPolicy")).toHaveLength(before.kind("NetworkPolicy").length);
    const secret = made.one("Secret", "clickhouse-page-views");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("db");
    expect(secret.inputs["stringData"]).toEqual({
      host: "clickhouse.db.svc",
      port: "9000",
      "http-port": "8123",
      secure: "false",
      username: "page_views",
      password: "made-up-clickhouse-page-views",
      database: "page_views",
      url: "clickhouse://page_views:made-up-clickhouse-page-views@clickhouse.db.svc:9000/page_views",
      "http-url": "http://page_views:made-up-clickhouse-page-views@clickhouse.db.svc:8123/?database=page_views",
      jdbc: "jdbc:clickhouse:http://clickhouse.db.svc:8123/page_views",
    });
  });

  it("comes after the servers and its Secret", async () => {
    const made = await record(() => server().database("page_views"));
    const database = made.component("orrery:data:ClickHouseDatabase", "clickhouse-page-views");
    expect(database.dependencies).toContain(made.one("ClickHouseInstallation", "clickhouse").urn);
    const job = made.component("orrery:kit:Service", "clickhouse-page-views");
    expect(job.dependencies).toContain(made.one("Secret", "clickhouse-page-views").urn);
  });

  it("for a consumer elsewhere: a Secret there too, the authority, and exactly its path", async () => {
    const made = await record(() => {
      const handle = whole().database("page_views", { consumer: consumer() });
      expect(handle).toMatchObject({
        port: 9440,
        secretName: "clickhouse-page-views",
        secretNamespace: "apps",
        caConfigMap: "internal-ca",
      });
    });
    const secrets = made
      .kind("Secret")
      .filter(({ inputs }) => at(inputs, "metadata", "name") === "clickhouse-page-views");
    expect(secrets.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual(["apps", "db"]);
    expect(secrets[0]?.inputs["stringData"]).toMatchObject({
      url: "clickhouse://page_views:made-up-clickhouse-page-views@clickhouse.db.svc:9440/page_views?secure=true",
    });
    const egress = made.one("NetworkPolicy", "web-to-clickhouse-secureclient-https-egress").inputs;
    expect(at(egress, "spec", "egress", 0, "ports")).toEqual([
      { port: 9440, protocol: "TCP" },
      { port: 8443, protocol: "TCP" },
    ]);
  });

  it("says statements by standard input, and shows no password on a command line or in a file", async () => {
    const made = await record(() => whole().database("page_views"));
    const spec = at(made.one("Job", "clickhouse-page-views").inputs, "spec", "template", "spec");
    const container = at(spec, "containers", 0);
    expect(JSON.stringify(container)).not.toContain("made-up");
    expect(at(container, "env")).toContainEqual({
      name: "CLICKHOUSE_PASSWORD",
      valueFrom: { secretKeyRef: { name: "clickhouse-passwords", key: "orrery" } },
    });
    const client = String(at(made.one("ConfigMap", "clickhouse-page-views").inputs, "data", "client.xml"));
    expect(client).toContain("<secure>1</secure>");
    expect(client).not.toContain("password");
  });

  it("read-only is another user of the same database", async () => {
    const made = await record(() => {
      const handle = server().database("page_views", { readOnly: true });
      expect(handle).toMatchObject({ database: "page_views", user: "page_views_reader" });
    });
    const command = JSON.stringify(at(made.one("Job", "clickhouse-page-views-reader").inputs, "spec"));
    expect(command).toContain('GRANT SHOW, SELECT, dictGet ON \\"page_views\\".* TO');
  });
});

describe("statements", () => {
  const facts = { database: "views", user: "views", readOnly: false, replicated: true };

  it("with Keepers a database is on every server, and its tables are carried out everywhere", () => {
    expect(createDatabase(facts)).toBe(
      `CREATE DATABASE IF NOT EXISTS "views" ON CLUSTER '{cluster}' ` +
        `ENGINE = Replicated('/clickhouse/databases/views', '{shard}', '{replica}')`,
    );
    expect(createDatabase({ ...facts, replicated: false })).toBe(
      'CREATE DATABASE IF NOT EXISTS "views" ENGINE = Atomic',
    );
  });

  it("grants nothing outside of the database, and nothing that leads out of the server", () => {
    const grant = grantRights(facts);
    expect(grant).toMatch(/ ON "views"\.\* TO "views"$/);
    expect(grant).not.toMatch(/ALL|DATABASE|SOURCES|S3|URL|SYSTEM|USER/);
    expect(createUser(facts, "$hash")).toContain("IDENTIFIED WITH sha256_hash BY '$hash'");
  });
});

describe("names of databases", () => {
  it.each(["system", "default", "orrery", "backup", "Views", "1st", "a-b", "a_", "x".repeat(41)])(
    "refuses %s",
    (name) => {
      expect(() => checkDatabaseName(name)).toThrow(/services\.clickhouse\.databases/);
    },
  );

  it.each(["a", "page_views", "v2"])("takes %s", (name) => {
    expect(() => checkDatabaseName(name)).not.toThrow();
  });
});
