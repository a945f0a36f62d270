import { readFile } from "node:fs/promises";
import https from "node:https";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Neo4j } from "../../components/data/neo4j";
import type { Objects } from "../../components/kit/bucket";
import { Namespaces } from "../../components/kit/namespace";
import { consumer, fakeCertificates } from "../unit/components/platform/objects/capabilities";
import { type Recorder, record } from "../unit/components/recorder";
import { javaMissing } from "./programs/java";
import { Neo4jPod } from "./programs/neo4j";

const missing = javaMissing(17);
const title = (what: string) => (missing === undefined ? what : `${what} (skipped: ${missing})`);
const address = "127.87.74.1";
const host = "neo4j.graph.svc";
/** Each question is a Java machine of its own. */
const patient = { timeout: 480_000 };

/** Neo4j with TLS, backups, and two users. */
async function render(): Promise<{ made: Recorder; dnsNames: readonly string[] }> {
  const { certificates, asked } = fakeCertificates();
  const made = await record(() => {
    const objects: Objects = {
      bucket: (bucket, { consumer: { namespace } }) => ({
        bucket,
        endpoint: "https://store.example.com",
        region: "fsn1",
        secretName: `bucket-${bucket}`,
        secretNamespace: namespace.name,
        ready: namespace,
      }),
    };
    const neo4j = new Neo4j("neo4j", {
      namespaces: new Namespaces({ environment: "dev" }, {}),
      certificates,
      storageGiB: 20,
      storageClass: "hcloud",
      boltAddress: "bolt.example.com:443",
      backup: { objects, bucket: "neo4j-backup", schedule: "30 2 * * *", retentionDays: 14 },
    });
    neo4j.graph("shop", { consumer: consumer("shop") });
    neo4j.graph("reports");
  });
  return { made, dnsNames: asked[0]!.dnsNames };
}

describe.skipIf(missing !== undefined)(title("Neo4j, as rendered"), () => {
  let pod: Neo4jPod;
  let dnsNames: readonly string[];
  const shop = (statements: string) => pod.cypher("observability", "neo4j-shop", statements);
  /** As Cypher writes it: quotes, a backslash, a new line, a letter that is not ASCII. */
  const text = 'a \\"quoted\\" \\\\ line\\nand ünicode';

  /** An answer of the server at the port, with its certificate checked; to a query of the consumer, where there is one. */
  async function request(
    port: number,
    headers: Record<string, string> = {},
    query?: string,
  ): Promise<{ status?: number; body: string }> {
    const ca = await readFile(`${pod.root}/etc/neo4j-ca/ca.crt`);
    const { username, password } = pod.secret("observability", "neo4j-shop");
    const asking =
      query === undefined
        ? { headers }
        : {
            method: "POST",
            path: "/db/neo4j/query/v2",
            auth: `${username}:${password}`,
            headers: { ...headers, "Content-Type": "application/json" },
          };
    return new Promise((resolve, reject) => {
      const asked = https.request({ host: address, servername: host, port, ca, ...asking }, (response) => {
        let body = "";
        response.on("data", (data) => (body += String(data)));
        response.on("end", () => resolve({ status: response.statusCode, body }));
      });
      asked.end(query && JSON.stringify({ statement: query }));
      asked.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode, body: "" });
      });
      asked.on("error", reject);
    });
  }

  beforeAll(async () => {
    const rendered = await render();
    dnsNames = rendered.dnsNames;
    pod = await Neo4jPod.create(rendered.made, { host, address, dnsNames });
    await pod.runContainer("StatefulSet", "neo4j", "initial-password");
    await pod.start();
  }, 15 * 60_000);

  afterAll(() => pod?.remove());

  it("starts with a configuration of which it knows every key, and answers with its certificate", async () => {
    const { status, body } = await request(7473);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      neo4j_edition: "community",
      bolt_routing: "neo4j://bolt.example.com:443",
      bolt_direct: "bolt://bolt.example.com:443",
    });
    expect(await pod.isLive()).toBe(true);
  });

  it("speaks Bolt over WebSocket, as a route brings it", async () => {
    const { status } = await request(7687, {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    });
    expect(status).toBe(101);
  });

  it("makes users by their Jobs, and a second time as well", patient, async () => {
    for (const user of ["shop", "shop", "reports"]) await pod.runContainer("Job", `neo4j-${user}-user`, "neo4j");
  });

  it("keeps what a consumer writes, over its Secret's address with another one advertised", patient, async () => {
    const found = await shop(
      `CREATE (:Thing {text: "${text}"})-[:NEXT {n: 1}]->(:Thing {text: "b"});` +
        "CREATE INDEX thing FOR (t:Thing) ON (t.text);" +
        "ALTER USER reports SET PLAINTEXT PASSWORD 'something-else' CHANGE NOT REQUIRED;" +
        "SHOW CURRENT USER YIELD user;",
    );
    expect(found).toContain('"shop"');
  });

  it("gives a user whose password was changed the one in its Secret", patient, async () => {
    await pod.runContainer("Job", "neo4j-reports-user", "neo4j");
    const found = await pod.cypher("graph", "neo4j-reports", "MATCH (a)-[r]->(b) RETURN r.n, b.text;");
    expect(found).toContain('1, "b"');
  });

  it("lets queries call what the backup needs of APOC, and no more", patient, async () => {
    await expect(shop("RETURN apoc.text.capitalize('x');")).rejects.toThrow(/Unknown function/);
    await expect(shop("LOAD CSV FROM 'file:///neo4j.conf' AS line RETURN line;")).rejects.toThrow(/file/);
  });

  it("is exported while it runs, and comes back from the export alone", patient, async () => {
    await pod.runContainer("CronJob", "neo4j-backup", "export");
    const statements = gunzipSync(await readFile(`${pod.root}/backup/neo4j.cypher.gz`)).toString();
    const found = await shop(
      `MATCH (n) DETACH DELETE n;\nDROP INDEX thing;\n${statements}\n` +
        `MATCH (a:Thing)-[r:NEXT]->(b:Thing) RETURN count(*), a.text = "${text}" AS same;\nSHOW INDEXES YIELD name;`,
    );
    expect(found).toContain("1, TRUE");
    expect(found).toContain('"thing"');
  });

  it("is started anew with another certificate, and has what it had", patient, async () => {
    await pod.writeCertificates(dnsNames);
    expect(await pod.isLive()).toBe(false);
    await pod.stop();
    // A pod that starts again sets the first password again, which then changes nothing.
    await pod.runContainer("StatefulSet", "neo4j", "initial-password");
    await pod.start();
    expect(await pod.isLive()).toBe(true);
    const { body } = await request(7473, {}, "MATCH (n:Thing) RETURN count(n)");
    expect(JSON.parse(body)).toMatchObject({ data: { values: [[2]] } });
  });
});
