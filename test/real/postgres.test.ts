import { type ChildProcess, spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Postgres } from "../../components/data/postgres";
import { consumerOf } from "../../components/kit/service";
import { issueCertificate, type KeyPair } from "../../sandbox/stand-ins/operators/certificates";
import { fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import { run } from "./programs/cache";
import { debianEnvironment, debianMissing, debianProgram } from "./programs/debian";
import { wheelMissing } from "./programs/packages";
import { postgresProgram } from "./programs/postgres";

const missing = debianMissing() ?? wheelMissing();
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);
const ADDRESS = "127.72.6.1";
/** PostgreSQL does not run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** What the operator puts before and after the rules of the Cluster (CloudNativePG 1.30). */
const hba = (rules: string[]) =>
  [
    "local all all peer map=local",
    "hostssl postgres streaming_replica all cert map=cnpg_streaming_replica",
    "hostssl replication streaming_replica all cert map=cnpg_streaming_replica",
    "hostssl all cnpg_pooler_pgbouncer all cert map=cnpg_pooler_pgbouncer",
    ...rules,
    "host all all all scram-sha-256",
  ].join("\n");

interface Connection {
  readonly host: string;
  readonly dbname: string;
  readonly user: string;
  readonly password: string;
  readonly sslmode: string;
}

describe.skipIf(missing !== undefined)(title("PostgreSQL 18 with pgvector, as rendered"), () => {
  let root: string;
  let made: Recorder;
  let dnsNames: readonly string[];
  let server: ChildProcess;
  let client: NodeJS.ProcessEnv;
  let clients: KeyPair;
  let log = "";

  const file = (name: string) => path.join(root, name);
  /** The consumer's, or the one beside the server: they are equal. */
  const secret = (name: string) => {
    const found = made.kind("Secret").filter(({ inputs }) => at(inputs, "metadata", "name") === name);
    return at(found.at(-1)?.inputs, "stringData") as Connection;
  };
  const spec = () => at(made.one("Cluster", "postgres").inputs, "spec", "postgresql");

  /** psql with a connection string; the password is in the environment. */
  const query = (parameters: Record<string, string>, sql: string, password = "") => {
    const all = { hostaddr: ADDRESS, port: "5432", connect_timeout: "5", ...parameters };
    const text = Object.entries(all)
      .map(([key, value]) => `${key}='${value}'`)
      .join(" ");
    const env = { ...client, PGPASSWORD: password };
    return run("psql", ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", text, "-c", sql], { env }).then((out) =>
      out.trim(),
    );
  };
  const as = ({ host, dbname, user, password, sslmode }: Connection, sql: string, more: Record<string, string> = {}) =>
    query({ host, dbname, user, sslmode, sslrootcert: file("ca.crt"), ...more }, sql, password);
  /** What the operator does, over the socket. */
  const operator = (sql: string, dbname = "postgres") =>
    query({ hostaddr: "", host: file("run"), user: "postgres", dbname }, sql);

  beforeAll(async () => {
    const [program, debian] = await Promise.all([postgresProgram(), debianProgram(["postgresql-client-15", "libpq5"])]);
    made = await record(() => {
      const { certificates, asked } = fakeCertificates();
      const spaces = namespaces("prod");
      const postgres = new Postgres("postgres", {
        charts: {},
        namespaces: spaces,
        certificates,
        instances: 3,
        storageGiB: 10,
        storageClass: "x",
        pooler: {},
      });
      const namespace = spaces.get("vec");
      const consumer = consumerOf("web", { software: "web", component: "web", namespace });
      postgres.database("shop", { extensions: ["vector"], consumer });
      postgres.database("mail");
      dnsNames = asked[0]!.dnsNames;
    });
    root = await mkdtemp(path.join(tmpdir(), "postgres-"));
    await chmod(root, 0o755);
    // A cache below root's home could not be read by anybody else.
    cpSync(path.join(program, "native"), file("native"), { recursive: true, verbatimSymlinks: true });
    client = { ...debianEnvironment(debian), PGSSLCERT: "", PGSSLKEY: "" };
    client["PATH"] = [path.join(debian, "usr/lib/postgresql/15/bin"), client["PATH"]].join(path.delimiter);
    const authority = await issueCertificate({ commonName: "internal", dnsNames: [], isAuthority: true, validDays: 9 });
    clients = await issueCertificate({ commonName: "postgres", dnsNames: [], isAuthority: true, validDays: 9 });
    const request = { commonName: dnsNames[0]!, dnsNames: [...dnsNames], isAuthority: false, validDays: 9 };
    const certificate = await issueCertificate(request, authority);
    await writeFiles({ "ca.crt": authority.certificatePem, "client-ca.crt": clients.certificatePem });
    await writeFiles({ "tls.crt": certificate.certificatePem, "tls.key": certificate.privateKeyPem }, true);
    await start();
    for (const resource of made.kind("DatabaseRole")) await operator(roleSql(at(resource.inputs, "spec")));
    for (const resource of made.kind("Database")) await createDatabase(at(resource.inputs, "spec"));
  }, 180_000);

  afterAll(async () => {
    if (server?.exitCode === null) {
      await new Promise((resolve) => {
        server.once("exit", resolve);
        server.kill("SIGINT");
      });
    }
    await rm(root, { recursive: true, force: true });
  });

  async function writeFiles(files: Record<string, string>, own = false): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(file(name), text, { mode: own ? 0o600 : 0o644 });
      if (own && nobody.uid !== undefined) await chown(file(name), nobody.uid, nobody.gid);
    }
  }

  async function start(): Promise<void> {
    for (const name of ["data", "run"]) {
      await mkdir(file(name), { mode: 0o700 });
      if (nobody.uid !== undefined) await chown(file(name), nobody.uid, nobody.gid);
    }
    // Root asks over the socket, and nobody else may.
    await chmod(file("run"), 0o755);
    const env = { ...process.env, LD_LIBRARY_PATH: file("native/lib"), LC_ALL: "C" };
    const initdb = ["--username=postgres", "--encoding=UTF8", "--data-checksums", "--pgdata", file("data")];
    await run(file("native/bin/initdb"), initdb, { env, ...nobody });
    const rules = at(spec(), "pg_hba") as string[];
    await writeFile(file("data/pg_hba.conf"), `${hba(rules)}\n`);
    const maps = ["cnpg_streaming_replica streaming_replica streaming_replica"]
      .concat("cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer")
      .concat(`local ${userInfo().username} postgres`);
    await writeFile(file("data/pg_ident.conf"), `${maps.join("\n")}\n`);
    const parameters = {
      ...(at(spec(), "parameters") as Record<string, string>),
      listen_addresses: ADDRESS,
      unix_socket_directories: file("run"),
      ssl: "on",
      ssl_cert_file: file("tls.crt"),
      ssl_key_file: file("tls.key"),
      ssl_ca_file: file("client-ca.crt"),
    };
    const args = Object.entries(parameters).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    server = spawn(file("native/bin/postgres"), ["-D", file("data"), ...args], { env, ...nobody });
    server.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    for (let turn = 0; ; turn += 1) {
      const answer = await operator("select 1").catch((error: Error) => error.message);
      if (answer === "1") return;
      if (turn > 100 || server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${answer}\n${log}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  function roleSql(role: unknown): string {
    const { password, user } = secret(String(at(role, "passwordSecret", "name")));
    expect(user).toBe(at(role, "name"));
    return `create role ${user} ${at(role, "login") === true ? "login" : "nologin"} password '${password}'`;
  }

  async function createDatabase(database: unknown): Promise<void> {
    const name = String(at(database, "name"));
    await operator(`create database ${name} owner ${String(at(database, "owner"))}`);
    for (const each of (at(database, "extensions") ?? []) as { name: string }[]) {
      await operator(`create extension ${each.name}`, name);
    }
  }

  it("takes the parameters of the cluster", async () => {
    const shown: Record<string, string> = { "1024MB": "1GB", on: "pglz" };
    for (const [name, value] of Object.entries(at(spec(), "parameters") as Record<string, string>)) {
      expect(await operator(`show ${name}`), name).toBe(shown[value] ?? value);
    }
  });

  it("lets a role into its own database, with a certificate that the client checks by name", async () => {
    const shop = secret("postgres-shop");
    expect(shop.sslmode).toBe("verify-full");
    expect(await as(shop, "select current_user || ' ' || ssl from pg_stat_ssl where pid = pg_backend_pid()")).toBe(
      "shop true",
    );
    for (const host of dnsNames) expect(await as({ ...shop, host }, "select 1"), host).toBe("1");
    await expect(as({ ...shop, host: "postgres.example.com" }, "select 1")).rejects.toThrow(/does not match host name/);
    await expect(as(shop, "select 1", { sslrootcert: file("client-ca.crt") })).rejects.toThrow(
      /certificate verify failed/,
    );
  });

  it("keeps it out of every other one, out of plain text, and out with another's password", async () => {
    const shop = secret("postgres-shop");
    await expect(as(shop, "select 1", { dbname: "mail" })).rejects.toThrow(/pg_hba\.conf rejects connection/);
    await expect(as(shop, "select 1", { dbname: "postgres" })).rejects.toThrow(/pg_hba\.conf rejects connection/);
    await expect(as(shop, "select 1", { sslmode: "disable" })).rejects.toThrow(
      /pg_hba\.conf rejects connection.*no encryption/,
    );
    await expect(as({ ...shop, password: secret("postgres-mail").password }, "select 1")).rejects.toThrow(
      /password authentication failed/,
    );
    await expect(as({ ...shop, user: "postgres", dbname: "postgres" }, "select 1")).rejects.toThrow(/password/);
  });

  it("finds what is near with pgvector, over an index built with the cluster's memory", async () => {
    const shop = secret("postgres-shop");
    await as(
      shop,
      `create table things (name text, place vector(3));
       insert into things values ('near', '[1,2,3]'), ('far', '[9,9,9]');
       create index on things using hnsw (place vector_l2_ops);`,
    );
    expect(await as(shop, "select name from things order by place <-> '[1,2,4]' limit 1")).toBe("near");
    expect(await as(shop, "select extversion >= '0.8' from pg_extension where extname = 'vector'")).toBe("t");
    await expect(as(shop, "create extension dblink")).rejects.toThrow(/permission denied/);
  });

  it("lets the pooler ask for digests with its certificate, and nobody else by that name", async () => {
    await operator(
      `create role cnpg_pooler_pgbouncer login;
       grant connect on database postgres to cnpg_pooler_pgbouncer;
       create function user_search(uname text) returns table (usename name, passwd text) language sql security definer
         as 'select usename, passwd from pg_shadow where usename = $1';
       revoke all on function user_search(text) from public;
       grant execute on function user_search(text) to cnpg_pooler_pgbouncer;`,
    );
    const request = { commonName: "cnpg_pooler_pgbouncer", dnsNames: [], isAuthority: false, validDays: 9 };
    const { certificatePem, privateKeyPem } = await issueCertificate(request, clients);
    await writeFile(file("pooler.crt"), certificatePem);
    await writeFile(file("pooler.key"), privateKeyPem, { mode: 0o600 });
    const pooler = {
      host: "postgres-rw.db.svc",
      dbname: "postgres",
      user: "cnpg_pooler_pgbouncer",
      sslmode: "verify-ca",
    };
    const own = { sslrootcert: file("ca.crt"), sslcert: file("pooler.crt"), sslkey: file("pooler.key") };
    const digest = "select passwd from user_search('shop')";
    expect(await query({ ...pooler, ...own }, digest)).toMatch(/^SCRAM-SHA-256\$/);
    await expect(query({ ...pooler, sslrootcert: own.sslrootcert }, digest)).rejects.toThrow(/certificate/);
    // With that certificate shown, a role comes in as itself, by its password, into its own database alone.
    const shop = secret("postgres-shop");
    expect(await as(shop, "select current_user", own)).toBe("shop");
    await expect(as(shop, "select 1", { ...own, dbname: "mail" })).rejects.toThrow(/rejects connection/);
  });
});
