import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickhouseSignals } from "../../components/data/clickhouse/signals";
import { clickhouseSource } from "../../components/observability/sources/clickhouse";
import { repository, toolsDirectory } from "../../sandbox/paths";
import { createProgress } from "../../sandbox/progress";
import { issueCertificate } from "../../sandbox/stand-ins/operators/certificates";
import { ensureTools } from "../../sandbox/tools/build";
import { testToolModules } from "../../sandbox/tools/catalog";
import { Store, server, whole } from "../unit/components/data/clickhouse/servers";
import { at, type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { ADMINISTRATOR, type Answer, Engine } from "./programs/clickhouse";
import { wheelMissing } from "./programs/packages";

const missing = wheelMissing();
const storeAddress = "127.84.62.1";
const keeperAddress = "127.84.62.2";
const keeperPort = 2281;
const storeKeys = { user: "clickhouse-backup", password: "kept-from-everybody" };

/** The store's bucket, at an address of this machine. */
class LocalStore extends Store {
  override bucket(name: string, args: Parameters<Store["bucket"]>[1]) {
    return { ...super.bucket(name, args), endpoint: `https://${storeAddress}:9000` };
  }
}

/** Files of a server, by their path in its configuration's folder. */
function filesOf(made: Recorder, tlsFolder: string): Record<string, string> {
  const files = at(made.one("ClickHouseInstallation", "clickhouse").inputs, "spec", "configuration", "files");
  return Object.fromEntries(
    Object.entries(files as Record<string, string>).map(([name, text]) => [
      name,
      text.replaceAll("/etc/clickhouse-tls", tlsFolder),
    ]),
  );
}

/** The server's variables as the kubelet fills them in. */
function variablesOf(made: Recorder): Record<string, string> {
  const pod = at(made.one("ClickHouseInstallation", "clickhouse").inputs, "spec", "templates", "podTemplates", 0);
  const env = at(pod, "spec", "containers", 0, "env") as {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef: { name: string; key: string } };
  }[];
  const passwords = at(made.one("Secret", "clickhouse-passwords").inputs, "stringData") as Record<string, string>;
  const bucket = { AWS_ACCESS_KEY_ID: storeKeys.user, AWS_SECRET_ACCESS_KEY: storeKeys.password };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => {
      const { name: secret, key } = valueFrom?.secretKeyRef ?? { name: "", key: "" };
      const from: Record<string, string> = secret.startsWith("bucket-") ? bucket : passwords;
      return [name, value ?? from[key]!];
    }),
  );
}

/** Statements of a Job, as the client gets them. */
function statementsOf(made: Recorder, kind: "Job" | "CronJob", name: string): string[] {
  const { inputs } = made.one(kind, name);
  const spec = kind === "Job" ? at(inputs, "spec") : at(inputs, "spec", "jobTemplate", "spec");
  const script = String(at(spec, "template", "spec", "containers", 0, "command", 2));
  const said = script.split("<<STATEMENTS\n")[1]!.split("\nSTATEMENTS")[0]!;
  return said
    .split(";\n")
    .map((each) => each.replace(/;$/, ""))
    .map((each) => each.replaceAll("$hash", "ab".repeat(32)).replaceAll("$now", "2026-11-21T01-30-00Z"));
}

const quoted = (statement: string) => `'${statement.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
const textOf = ({ text, error }: Answer = {}) => text ?? `refused: ${error}`;
const grants = (...queries: string[]) => `<grants>${queries.map((each) => `<query>${each}</query>`).join("")}</grants>`;

describe.skipIf(missing !== undefined)(
  `ClickHouse, as rendered${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  { timeout: 180_000 },
  () => {
    let folder: string;
    let made: Recorder;
    let plain: Recorder;
    let engine: Engine;
    let store: ChildProcess;
    let keeper: tls.Server;
    let handshakes = 0;

    beforeAll(async () => {
      const minio = testToolModules(repository).filter(({ name }) => name === "minio");
      await ensureTools(createProgress(process.stderr), minio);
      folder = await mkdtemp(path.join(tmpdir(), "orrery-clickhouse-"));
      for (const each of ["tls", "certs/CAs", "drives"]) await mkdir(path.join(folder, each), { recursive: true });
      made = await record(() => {
        const clickhouse = whole(new LocalStore());
        clickhouse.database("views");
        clickhouse.database("views", { readOnly: true });
      });
      plain = await record(() => server().database("views"));
      const pair = await writeCertificates(folder);
      engine = new Engine(folder, variablesOf(made));
      await engine.configure(filesOf(made, path.join(folder, "tls")));
      keeper = tls.createServer({ key: pair.privateKeyPem, cert: pair.certificatePem }, (socket) => {
        socket
          .on("error", () => undefined)
          .once("data", (data) => {
            // The first words of ZooKeeper's protocol: the length of what follows.
            if (data.readInt32BE(0) === data.length - 4) handshakes += 1;
            socket.destroy();
          });
      });
      keeper.on("tlsClientError", () => undefined).listen(keeperPort, keeperAddress);
      store = startStore(folder);
      await storeClient(folder, "mb", "store/clickhouse-backup");
    }, 20 * 60_000);

    afterAll(async () => {
      keeper?.close();
      if (store?.exitCode === null) {
        store.kill("SIGTERM");
        await once(store, "exit");
      }
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });

    it("takes the configuration: TLS alone, the memory's share, tables without arguments", async () => {
      const [answer] = await engine.say(ADMINISTRATOR, [
        "SELECT name, value FROM system.server_settings WHERE changed",
      ]);
      const settings = new Map(
        textOf(answer)
          .split("\n")
          .map((line) => line.split("\t") as [string, string]),
      );
      // Of the ports, these are what the engine says of itself; the others are a server's own.
      expect(settings.has("interserver_http_port")).toBe(false);
      expect(Object.fromEntries(settings)).toMatchObject({
        interserver_https_port: "9009",
        max_server_memory_usage_to_ram_ratio: "0.8",
        default_replica_path: "/clickhouse/tables/{uuid}/{shard}",
        "openSSL.client.verificationMode": "strict",
        "openSSL.server.certificateFile": path.join(folder, "tls/tls.crt"),
      });
    });

    it("has the users of the file, and what each of them may", async () => {
      const [users, backup, profile, collection] = await engine.say(ADMINISTRATOR, [
        "SELECT name, auth_type FROM system.users ORDER BY name",
        "SHOW GRANTS FOR backup",
        "SELECT setting_name, value, max FROM system.settings_profile_elements WHERE profile_name = 'consumer' AND setting_name LIKE '%memory%'",
        "SELECT name FROM system.named_collections",
      ]);
      expect(textOf(users)).toBe(
        "backup\t['sha256_password']\ndefault\t['plaintext_password']\norrery\t['sha256_password']\n",
      );
      expect(textOf(backup).split("\n").sort().join("; ").trim()).toBe(
        "; GRANT BACKUP, CLUSTER ON *.* TO backup; GRANT NAMED COLLECTION ON backups TO backup; GRANT S3 ON *.* TO backup".trim(),
      );
      expect(textOf(profile)).toBe(
        "max_memory_usage\t1073741824\t1073741824\nmax_memory_usage_for_user\t1073741824\t1073741824\n",
      );
      expect(textOf(collection)).toBe("backups\n");
    });

    it("keeps its own logs for a week", async () => {
      const [, , tables] = await engine.say(ADMINISTRATOR, [
        "SELECT 1",
        "SYSTEM FLUSH LOGS",
        "SELECT name, engine_full FROM system.tables WHERE database = 'system' AND engine = 'MergeTree'",
      ]);
      const names = textOf(tables).trim().split("\n");
      expect(names.length).toBeGreaterThan(0);
      for (const line of names) expect(line).toContain("TTL event_date + toIntervalDay(7)");
    });

    it("understands every statement of the Jobs, with Keepers and without", async () => {
      const all = [
        ...statementsOf(made, "Job", "clickhouse-views"),
        ...statementsOf(made, "Job", "clickhouse-views-reader"),
        ...statementsOf(plain, "Job", "clickhouse-views"),
        ...statementsOf(made, "CronJob", "clickhouse-backup"),
      ];
      expect(all).toHaveLength(10);
      const answers = await engine.say(
        ADMINISTRATOR,
        all.map((each) => `SELECT formatQuery(${quoted(each)})`),
      );
      for (const [index, { error }] of answers.entries()) expect(error, all[index]).toBeUndefined();
    });

    it("carries out what it can: the database, and the user up to where it would be kept", async () => {
      const [database, user] = statementsOf(plain, "Job", "clickhouse-views");
      const answers = await engine.say(ADMINISTRATOR, [
        database!,
        database!,
        "SELECT engine FROM system.databases WHERE name = 'views'",
        "CREATE TABLE views.pages (at DateTime, page String) ENGINE = MergeTree ORDER BY at",
        "INSERT INTO views.pages VALUES (now(), 'one'), (now(), 'two')",
        "CREATE DATABASE others",
        "CREATE TABLE others.secrets (text String) ENGINE = MergeTree ORDER BY text",
        user!,
      ]);
      for (const { error } of answers.slice(0, 7)) expect(error).toBeUndefined();
      expect(textOf(answers[2])).toBe("Atomic\n");
      // Password, profile and default database were looked at; the library has nowhere to write a user.
      expect(answers[7]?.error).toContain("no writeable access storage");
    });

    const grantOf = (job: string) => statementsOf(made, "Job", job)[2]!.replace(/ TO "\w+"$/, "");

    it("lets a writer do everything with tables of its database, and nothing else", async () => {
      const allowed = [
        "CREATE TABLE views.mine (a Int32) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO views.mine VALUES (1)",
        "ALTER TABLE views.mine ADD COLUMN b String",
        "CREATE VIEW views.some AS SELECT a FROM views.mine",
        "OPTIMIZE TABLE views.mine",
        "SELECT count() FROM views.mine",
        "TRUNCATE TABLE views.mine",
        "DROP TABLE views.mine",
        "DROP VIEW views.some",
      ];
      const refused = [
        "SELECT * FROM others.secrets",
        "CREATE DATABASE more",
        "DROP DATABASE views",
        "CREATE USER somebody",
        "SELECT * FROM url('https://127.84.62.9/', 'TSV', 'a String')",
        "SELECT * FROM s3('https://127.84.62.9/bucket/f', 'TSV', 'a String')",
        "SELECT * FROM remote('127.84.62.9', system.one)",
        "SELECT * FROM file('/etc/passwd', 'TSV', 'a String')",
        "BACKUP DATABASE views TO S3(backups, 'mine')",
        "SYSTEM SHUTDOWN",
        "SELECT * FROM system.users",
      ];
      const answers = await engine.say(grants(grantOf("clickhouse-views")), [...allowed, ...refused]);
      for (const [index, statement] of allowed.entries()) expect(answers[index]?.error, statement).toBeUndefined();
      for (const [index, statement] of refused.entries()) {
        expect(answers[allowed.length + index]?.error, statement).toMatch(/ACCESS_DENIED/);
      }
    });

    it("lets a reader read, and a query not take more memory than the profile has", async () => {
      const answers = await engine.say(
        grants(grantOf("clickhouse-views-reader")),
        [
          "SELECT count() FROM views.pages",
          "INSERT INTO views.pages VALUES (now(), 'three')",
          "DROP TABLE views.pages",
          "SELECT 1 SETTINGS max_memory_usage = 2000000000",
          "SELECT 1 SETTINGS max_memory_usage = 1000000",
        ],
        "consumer",
      );
      expect(textOf(answers[0])).toBe("2\n");
      expect(answers[1]?.error).toMatch(/ACCESS_DENIED/);
      expect(answers[2]?.error).toMatch(/ACCESS_DENIED/);
      expect(answers[3]?.error).toMatch(/SETTING_CONSTRAINT_VIOLATION/);
      expect(answers[4]?.error).toBeUndefined();
    });

    it("writes a backup over TLS with the rights of its user alone, and brings it back", async () => {
      const rights = [
        .../<backup>[\s\S]*<\/backup>/
          .exec(filesOf(made, "")["users.d/orrery.xml"]!)![0]
          .matchAll(/<query>(.*)<\/query>/g),
      ].map(([, query]) => query!);
      expect(rights.length).toBeGreaterThan(2);
      // The library is no cluster.
      const [statement] = statementsOf(made, "CronJob", "clickhouse-backup").map((each) =>
        each.replace(" ON CLUSTER '{cluster}'", ""),
      );
      const [backup] = await engine.say(grants(...rights), [statement!]);
      expect(textOf(backup)).toContain("BACKUP_CREATED");
      expect(await storeClient(folder, "ls", "--recursive", "store/clickhouse-backup")).toContain(
        "2026-11-21T01-30-00Z/.backup",
      );
      const answers = await engine.say(ADMINISTRATOR, [
        "RESTORE DATABASE views AS views_back FROM S3(backups, '2026-11-21T01-30-00Z')",
        "SELECT count() FROM views_back.pages",
        "SELECT count() FROM system.query_log WHERE query LIKE '%kept-from-everybody%'",
      ]);
      expect(textOf(answers[0])).toContain("RESTORED");
      expect(textOf(answers[1])).toBe("2\n");
    });

    it("speaks TLS with Keepers, and believes no other authority", async () => {
      const nodes = at(made.one("ClickHouseInstallation", "clickhouse").inputs, "spec", "configuration", "zookeeper");
      expect(at(nodes, "nodes", 0)).toMatchObject({ port: keeperPort, secure: "yes" });
      const zookeeper = `<yandex><zookeeper><node><host>${keeperAddress}</host><port>${keeperPort}</port><secure>1</secure></node></zookeeper></yandex>`;
      const replicated = [
        statementsOf(made, "Job", "clickhouse-views")[0]!
          .replace(" ON CLUSTER '{cluster}'", "")
          .replace('"views"', '"agreed"'),
      ];
      await engine.configure({
        ...filesOf(made, path.join(folder, "tls")),
        "conf.d/chop-generated-zookeeper.xml": zookeeper,
      });
      await engine.say(ADMINISTRATOR, replicated);
      expect(handshakes).toBeGreaterThan(0);
      const before = handshakes;
      await engine.configure({
        ...filesOf(made, path.join(folder, "others")),
        "conf.d/chop-generated-zookeeper.xml": zookeeper,
      });
      const [refused] = await engine.say(ADMINISTRATOR, replicated);
      expect(refused?.error).toMatch(/certificate/i);
      expect(handshakes).toBe(before);
    });

    it("exports the metrics that the signals and the dashboard ask for", async () => {
      await engine.configure(filesOf(made, path.join(folder, "tls")));
      const [metrics, events] = await engine.say(ADMINISTRATOR, [
        "SELECT metric FROM system.metrics",
        "SELECT event FROM system.events SETTINGS system_events_show_zero_values = 1",
      ]);
      // The asynchronous ones are measured by a server only.
      const there = new Set([
        ...textOf(metrics)
          .trim()
          .split("\n")
          .map((name) => `ClickHouseMetrics_${name}`),
        ...textOf(events)
          .trim()
          .split("\n")
          .map((name) => `ClickHouseProfileEvents_${name}`),
      ]);
      const asked = [...clickhouseSignals.metrics, ...clickhouseSource.metrics].filter(
        (name) => !name.startsWith("ClickHouseAsyncMetrics_"),
      );
      expect(asked.length).toBeGreaterThan(3);
      expect(asked.filter((name) => !there.has(name))).toEqual([]);
    });
  },
);

/** Of the store, the Keeper and the server, as the Secret's volume has them; and an authority that is not theirs. */
async function writeCertificates(folder: string) {
  const authority = await issueCertificate({ commonName: "test", dnsNames: [], isAuthority: true, validDays: 2 });
  const other = await issueCertificate({ commonName: "other", dnsNames: [], isAuthority: true, validDays: 2 });
  const names = [storeAddress, keeperAddress];
  const request = { commonName: "clickhouse", dnsNames: names, isAuthority: false, validDays: 2 };
  const pair = await issueCertificate(request, authority);
  await mkdir(path.join(folder, "others"));
  for (const [file, text] of Object.entries({
    "tls/tls.crt": pair.certificatePem,
    "tls/tls.key": pair.privateKeyPem,
    "tls/ca.crt": authority.certificatePem,
    "others/tls.crt": pair.certificatePem,
    "others/tls.key": pair.privateKeyPem,
    "others/ca.crt": other.certificatePem,
    "certs/public.crt": pair.certificatePem,
    "certs/private.key": pair.privateKeyPem,
  })) {
    await writeFile(path.join(folder, file), text);
  }
  return pair;
}

function startStore(folder: string): ChildProcess {
  const args = ["server", "--certs-dir", `${folder}/certs`, "--address", `${storeAddress}:9000`, `${folder}/drives`];
  return spawn(path.join(toolsDirectory, "minio"), args, {
    env: { HOME: folder, MINIO_ROOT_USER: storeKeys.user, MINIO_ROOT_PASSWORD: storeKeys.password },
    stdio: "ignore",
  });
}

/** MinIO's client, tried until the store answers. */
async function storeClient(folder: string, ...args: string[]): Promise<string> {
  const url = `https://${storeKeys.user}:${storeKeys.password}@${storeAddress}:9000`;
  for (let tries = 60; ; tries -= 1) {
    try {
      return await run(path.join(toolsDirectory, "mc"), ["--insecure", ...args], {
        env: { HOME: folder, MC_CONFIG_DIR: `${folder}/mc`, MC_HOST_store: url },
      });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
