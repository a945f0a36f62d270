import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Elasticsearch } from "../../components/data/elasticsearch";
import { trustStoreScript } from "../../components/data/elasticsearch/snapshot-store";
import { images } from "../../components/kit/images";
import { Minio } from "../../components/platform/objects";
import { issueCertificate } from "../../sandbox/stand-ins/operators/certificates";
import { fakeCertificates, namespaces } from "../unit/components/platform/objects/capabilities";
import { at, type Recorder, record } from "../unit/components/recorder";
import {
  elasticsearchJars,
  type FileUsers,
  jdkHome,
  runJava,
  SERVER_VERSION,
  type Server,
  serverJars,
  startElasticsearch,
} from "./programs/elasticsearch";
import { type Front, type Stored, startFront } from "./programs/elasticsearch-front";
import { javaMissing } from "./programs/java";
import { renderedContainer } from "./programs/rendered";

const run = promisify(execFile);
const missing = javaMissing(17);
/** The deployed version is compiled for a newer Java. */
const newJdk = jdkHome(21);
const address = "127.85.40.1";
const host = "elasticsearch-es-http.elastic.svc";
/** The server looks at its files every second. */
const RELOAD_MS = 5000;
const FRONT_PORT = 19_200;
const elastic = "made-up-elastic";

/** What the program declares: two indices, read and managed by their users, a data stream, and snapshots. */
async function declare() {
  const { certificates, asked } = fakeCertificates();
  const made = await record(() => {
    const spaces = namespaces("dev");
    const storage = { storageGiB: 20, storageClass: "hcloud" };
    const objects = new Minio("minio", { namespaces: spaces, certificates, ...storage });
    const elasticsearch = new Elasticsearch("elasticsearch", {
      charts: {},
      namespaces: spaces,
      certificates,
      ...storage,
      backup: { objects, bucket: "backups", schedule: "30 1 * * mon-fri", retentionDays: 14 },
    });
    elasticsearch.index("catalogue");
    elasticsearch.index("prices", { access: "manage", shards: 2 });
    elasticsearch.index("stock", { access: "read" });
    elasticsearch.index("events", { retentionDays: 30 });
  });
  return { made, dnsNames: asked.find(({ name }) => name === "elasticsearch")!.dnsNames };
}

const nodeConfig = (made: Recorder) =>
  at(made.one("Elasticsearch", "elasticsearch").inputs, "spec", "nodeSets", 0, "config") as Record<string, unknown>;
const secret = (made: Recorder, name: string, key: string) =>
  String(at(made.one("Secret", name).inputs, "stringData", key));

/** Settings of modules that Maven Central does not have. */
const unproved = (key: string) => key.startsWith("s3.client.") || key.startsWith("ingest.geoip.");

describe.skipIf(missing)(`Elasticsearch ${SERVER_VERSION}${missing === undefined ? "" : ` (${missing})`}`, () => {
  let made: Recorder;
  let server: Server;
  let front: Front;
  let folder: string;

  beforeAll(async () => {
    const declared = await declare();
    made = declared.made;
    folder = await mkdtemp(path.join(tmpdir(), "orrery-elasticsearch-client-"));
    const config = Object.fromEntries(Object.entries(nodeConfig(made)).filter(([key]) => !unproved(key)));
    const exporter = (key: string) => secret(made, "elasticsearch-exporter", key);
    server = await startElasticsearch({
      address,
      dnsNames: declared.dnsNames,
      config,
      // The superuser is the operator's own; the exporter is ours, by way of the file realm.
      users: {
        elastic: { password: elastic, roles: ["superuser"] },
        [exporter("username")]: { password: exporter("password"), roles: [exporter("roles")] },
      },
      roles: secret(made, "elasticsearch-roles", "roles.yml"),
    });
    front = await startFront(server, address, FRONT_PORT, declared.dnsNames);
    await writeFile(path.join(folder, "ca.crt"), server.authority.certificatePem);
    await writeFile(path.join(folder, ".curlrc"), `connect-to = "${host}:9200:${address}:${FRONT_PORT}"\n`);
  }, 600_000);

  afterAll(async () => {
    await front?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** The Job's own script, against its own URL; only its files lie elsewhere. */
  async function runJob(name: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
    const { inputs } = made.one("Job", name);
    // Only the cluster's operator knows this one.
    const withUser = Object.assign(Object.create(made) as Recorder, {
      kind: (kind: string) => [...made.kind(kind), ...(kind === "Secret" ? [elasticSecret] : [])],
      one: () => ({ inputs }),
    });
    const { command, environment } = renderedContainer(withUser, "Job", name);
    const script = command[2]!.replaceAll("/tmp/", `${folder}/`);
    const env = {
      ...process.env,
      ...environment,
      CURL_CA_BUNDLE: path.join(folder, "ca.crt"),
      CURL_HOME: folder,
      ...more,
    };
    const { stdout } = await run("/bin/sh", [command[1]!, script], { env });
    return stdout;
  }

  const elasticSecret = {
    inputs: {
      metadata: { namespace: "elastic", name: "elasticsearch-es-elastic-user" },
      stringData: { elastic },
    },
  };

  /** A request as a client makes it: with the authority, by the server's name. */
  function ask(user: string, password: string, method: string, where: string, body?: object) {
    return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      const sent = request(
        {
          host: address,
          port: 9200,
          servername: host,
          ca: server.authority.certificatePem,
          auth: `${user}:${password}`,
          method,
          path: where,
          headers: { "content-type": "application/json" },
          agent: false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const parsed: unknown = text.startsWith("{") ? JSON.parse(text) : {};
            resolve({ status: response.statusCode!, body: parsed as Record<string, unknown> });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  const as = (index: string) => {
    const credential = (key: string) => secret(made, `elasticsearch-${index}`, key);
    return async (method: string, where: string, body?: object) =>
      (await ask(credential("username"), credential("password"), method, where, body)).status;
  };

  it("runs with the settings of the nodes", async () => {
    const { status, body } = await ask("elastic", elastic, "GET", "/_nodes/_local/settings?flat_settings=true");
    expect(status).toBe(200);
    const [node] = Object.values(body["nodes"] as Record<string, { settings: Record<string, unknown> }>);
    expect(node!.settings).toMatchObject({
      "node.roles": ["master", "data", "ingest", "transform"],
      "node.store.allow_mmap": "false",
      "xpack.ml.enabled": "false",
    });
  });

  it("lets the Job make an index, its role and its user, and do so again", async () => {
    for (const name of ["index-catalogue", "index-prices", "index-stock", "index-catalogue"]) {
      expect(await runJob(name)).toContain('"created"');
    }
    const { stored } = front;
    expect(stored.map(({ kind, name }) => `${kind} ${name}`).slice(-2)).toEqual([
      "role index-catalogue",
      "user index-catalogue",
    ]);
    const of = (kind: Stored["kind"]) => stored.filter((each) => each.kind === kind);
    await server.add(
      Object.fromEntries(of("user").map(({ name, body }) => [name, body as FileUsers[string]])),
      // roles.yml is YAML, of which JSON is a part; each role once.
      Object.entries(Object.fromEntries(of("role").map(({ name, body }) => [name, JSON.stringify(body)])))
        .map(([name, body]) => `${name}: ${body}\n`)
        .join(""),
    );
    await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    const { body } = await ask("elastic", elastic, "GET", "/prices/_settings?flat_settings=true");
    expect(body["prices"]).toMatchObject({
      settings: { "index.number_of_shards": "2", "index.number_of_replicas": "0" },
    });
  });

  it("fails when something is refused, and says what", async () => {
    const failed = runJob("index-stock", { INDEX: "Stock" }).catch((error: { stdout: string }) => error);
    expect(await failed).toMatchObject({ code: 22, stdout: expect.stringContaining("invalid_index_name_exception") });
  });

  it("is green on one node: no index has copies that find no place", async () => {
    const { body } = await ask("elastic", elastic, "GET", "/_cluster/health?wait_for_status=green&timeout=30s");
    expect(body).toMatchObject({ status: "green", timed_out: false });
  });

  it("lets a user do with its index what it may, and nothing with another one", async () => {
    const catalogue = as("catalogue");
    expect(await catalogue("PUT", "/catalogue/_doc/1?refresh=true", { name: "lamp" })).toBe(201);
    expect(await catalogue("GET", "/catalogue/_search?q=name:lamp")).toBe(200);
    expect(await catalogue("DELETE", "/catalogue/_doc/1")).toBe(200);
    for (const [method, where] of [
      ["GET", "/prices/_search"],
      ["PUT", "/prices/_doc/1"],
      ["PUT", "/other/_doc/1"],
      ["PUT", "/catalogue/_settings"],
      ["DELETE", "/catalogue"],
      ["GET", "/_cluster/health"],
      ["GET", "/_security/user"],
    ] as const) {
      expect(
        await catalogue(method, where, method === "PUT" ? { index: { refresh_interval: "5s" } } : undefined),
        where,
      ).toBe(403);
    }
  });

  it("lets a user that reads only read, and one that manages change mapping and settings", async () => {
    expect(await as("stock")("GET", "/stock/_search")).toBe(200);
    expect(await as("stock")("PUT", "/stock/_doc/1", { count: 1 })).toBe(403);
    expect(await as("prices")("PUT", "/prices/_mapping", { properties: { cents: { type: "long" } } })).toBe(200);
    expect(await as("prices")("PUT", "/prices/_settings", { index: { refresh_interval: "5s" } })).toBe(200);
    expect(await as("prices")("PUT", "/catalogue/_mapping", { properties: {} })).toBe(403);
  });

  it("shows the exporter's user its figures, and no document", async () => {
    const exporter = async (where: string) =>
      (await ask("exporter", secret(made, "elasticsearch-exporter", "password"), "GET", where)).status;
    for (const where of ["/_cluster/health", "/_nodes/stats", "/_all/_stats", "/_cluster/settings", "/_snapshot"]) {
      expect(await exporter(where), where).toBe(200);
    }
    for (const where of ["/catalogue/_search", "/_security/user", "/catalogue/_mapping"]) {
      expect(await exporter(where), where).toBe(403);
    }
  });

  it("does not know a user without its password", async () => {
    expect((await ask("index-catalogue", "wrong", "GET", "/catalogue/_search")).status).toBe(401);
  });
});

/** The bodies of the requests that the server above has no module for, as files; as its own parsers' arguments. */
async function bodies(folder: string, made: Recorder): Promise<string[]> {
  const value = (job: string, name: string) => {
    const env = at(made.one("Job", job).inputs, "spec", "template", "spec", "containers", 0, "env");
    return (env as { name: string; value?: string }[]).find((each) => each.name === name)!.value!;
  };
  const files = {
    lifecycle: value("index-events", "POLICY"),
    template: value("index-events", "TEMPLATE"),
    snapshots: value("elasticsearch-snapshots", "POLICY"),
    schedules: ["0 30 1 ? * MON-FRI", "0 0 3 ? * SUN", "0 5 4 1,15 * ?"].join("\n"),
    settings: JSON.stringify(nodeConfig(made)),
  };
  const written = Object.entries(files).map(async ([kind, text]) => {
    const file = path.join(folder, kind);
    await writeFile(file, text);
    return [kind, file];
  });
  return (await Promise.all(written)).flat();
}

const tooOld = newJdk === undefined ? "no JDK 21 or newer on this machine" : undefined;

describe.each([
  { version: SERVER_VERSION, jars: serverJars, home: undefined, skip: missing },
  {
    version: images.elasticsearch.tag,
    jars: () => elasticsearchJars(images.elasticsearch.tag),
    home: newJdk,
    skip: missing ?? tooOld,
  },
])("the parsers of Elasticsearch $version", ({ jars, home, skip }) => {
  it.skipIf(skip)(
    `take what lifecycles, streams and snapshots are asked for with${skip ? ` (${skip})` : ""}`,
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), "orrery-elasticsearch-bodies-"));
      try {
        const { made } = await declare();
        const output = await runJava("ElasticsearchBodies.java", await jars(), await bodies(folder, made), home);
        expect(output).toMatch(/lifecycle: \{hot=[\s\S]*"max_age" : "3d"[\s\S]*delete=[\s\S]*"min_age" : "30d"/);
        expect(output).toContain("template: [events] data stream true");
        expect(output).toContain("snapshots: 0 30 1 ? * MON-FRI problems null");
        // 2026 begins with a Thursday.
        const next = ["2026-01-01T01:30:00Z", "2026-01-04T03:00:00Z", "2026-01-01T04:05:00Z"];
        expect(output).toContain(`schedules: ${next.map((time) => Date.parse(time) / 1000).join(" ")}`);
        const unknown = /settings: unknown \[(.*)\]/.exec(output)![1]!.split(", ");
        expect(unknown).toEqual(unknown.filter(unproved));
        expect(unknown).toContain("ingest.geoip.downloader.enabled");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    600_000,
  );
});

const jdk = jdkHome(17);

describe.skipIf(jdk === undefined)(`the trust store${jdk === undefined ? " (no JDK on this machine)" : ""}`, () => {
  it("is Java's own with our authority in it", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "orrery-trust-store-"));
    try {
      const authority = path.join(folder, "ca.crt");
      const store = path.join(folder, "cacerts");
      const made = await issueCertificate({ commonName: "internal", dnsNames: [], isAuthority: true, validDays: 1 });
      await writeFile(authority, made.certificatePem);
      const env = { ...process.env, JDK: jdk, STORE: store, AUTHORITY: authority };
      await run("/bin/sh", ["-ec", trustStoreScript], { env });
      const list = async (file: string) =>
        (await run(path.join(jdk!, "bin/keytool"), ["-list", "-keystore", file, "-storepass", "changeit"])).stdout;
      expect(await list(store)).toContain("orrery-internal-ca, ");
      const count = (text: string) => text.match(/trustedCertEntry/g)!.length;
      expect(count(await list(store))).toBe(count(await list(path.join(jdk!, "lib/security/cacerts"))) + 1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
