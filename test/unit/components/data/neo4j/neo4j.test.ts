import { describe, expect, it } from "vitest";
import { Neo4j, type Neo4jArgs } from "../../../../../components/data/neo4j";
import { Namespaces } from "../../../../../components/kit/namespace";
import { Minio } from "../../../../../components/platform/objects";
import { consumer, fakeCertificates } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";

type Wish = Partial<Neo4jArgs> & { readonly use?: (neo4j: Neo4j) => void };

const namespaces = () => new Namespaces({ environment: "dev" }, {});

function create({ use, ...more }: Wish = {}): Promise<Recorder> {
  return record(() => {
    const neo4j = new Neo4j("neo4j", { namespaces: namespaces(), storageGiB: 20, storageClass: "hcloud", ...more });
    use?.(neo4j);
  });
}

const template = (made: Recorder) => at(made.one("StatefulSet", "neo4j").inputs, "spec", "template");
const container = (made: Recorder) => at(template(made), "spec", "containers", 0);
const conf = (made: Recorder) => String(at(made.one("ConfigMap", "neo4j").inputs, "data", "neo4j.conf")).split("\n");
const policies = (made: Recorder) => made.kind("NetworkPolicy").map(({ inputs }) => at(inputs, "metadata", "name"));

describe("Neo4j", () => {
  it("writes only where a volume is", async () => {
    const made = await create();
    const mounts = (at(container(made), "volumeMounts") as { mountPath: string; readOnly?: boolean }[])
      .filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => mountPath);
    expect(at(container(made), "securityContext", "readOnlyRootFilesystem")).toBe(true);
    for (const key of ["data", "logs", "run"]) {
      const line = conf(made).find((each) => each.startsWith(`server.directories.${key}=`))!;
      expect(mounts).toContain(line.split("=")[1]);
    }
  });

  it("never has its password on a command line, in a file, or in plain text in the state", async () => {
    const made = await create({ use: (neo4j) => neo4j.graph("shop", { consumer: consumer("shop") }) });
    const secrets = made.kind("Secret");
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) expect(secret.secrets).toContain("stringData");
    const objects = [...made.kind("StatefulSet"), ...made.kind("Job"), ...made.kind("ConfigMap")];
    for (const { inputs } of objects) expect(JSON.stringify(inputs)).not.toContain("made-up-");
  });

  it("sets the first password before it starts, with the data where the server looks for it", async () => {
    const made = await create();
    const [first] = at(template(made), "spec", "initContainers") as object[];
    expect(at(first, "name")).toBe("initial-password");
    expect(at(first, "volumeMounts")).toEqual(
      expect.arrayContaining([{ name: "config", mountPath: "/config", readOnly: true }]),
    );
    const data = (at(first, "volumeMounts") as { name: string; readOnly?: boolean }[]).find(
      ({ name }) => name === "data",
    );
    expect(data).toMatchObject({ mountPath: "/data" });
    expect(data?.readOnly).not.toBe(true);
    expect(at(first, "env")).toContainEqual({
      name: "NEO4J_PASSWORD",
      valueFrom: { secretKeyRef: { name: "neo4j-admin", key: "password" } },
    });
  });

  it("speaks TLS with the internal authority's certificate, and nothing else", async () => {
    const { certificates, asked } = fakeCertificates();
    const made = await create({ certificates, outsideHosts: ["example.com"] });
    expect(asked).toMatchObject([{ name: "neo4j-server", namespace: "graph" }]);
    expect(asked[0]!.dnsNames).toEqual(["neo4j.graph.svc", "neo4j.graph.svc.cluster.local", "example.com"]);
    expect(conf(made)).toEqual(
      expect.arrayContaining([
        "server.bolt.tls_level=REQUIRED",
        "server.http.enabled=false",
        "dbms.ssl.policy.bolt.private_key=tls.key",
        "dbms.ssl.policy.https.base_directory=/certificates",
      ]),
    );
    expect(at(container(made), "readinessProbe", "httpGet")).toEqual({ path: "/", port: "https", scheme: "HTTPS" });
    expect(at(container(made), "ports")).not.toContainEqual(expect.objectContaining({ containerPort: 7474 }));
  });

  it("speaks plain text where there are no certificates", async () => {
    const made = await create();
    expect(conf(made)).toContain("server.bolt.tls_level=DISABLED");
    expect(at(container(made), "readinessProbe", "httpGet")).toEqual({ path: "/", port: "http" });
    expect(JSON.stringify(at(container(made), "livenessProbe"))).not.toContain("tls.crt");
  });

  it("loads APOC for queries, or for the backup alone, or not at all", async () => {
    const allowed = async (wish: Wish) =>
      conf(await create(wish)).find((line) => line.startsWith("dbms.security.procedures.allowlist="));
    expect(await allowed({})).toBeUndefined();
    expect(await allowed({ apoc: true })).toBe("dbms.security.procedures.allowlist=apoc.*");
  });

  it("has metrics, and its license accepted, in Enterprise alone", async () => {
    const label = "orrery.dev/metrics-port";
    const [community, enterprise] = [await create(), await create({ edition: "enterprise" })];
    expect(at(template(community), "metadata", "labels")).not.toHaveProperty([label]);
    expect(at(template(enterprise), "metadata", "labels", label)).toBe("metrics");
    expect(conf(enterprise)).toContain("server.metrics.prometheus.endpoint=0.0.0.0:2004");
    expect(at(container(community), "image")).toContain("-community");
    expect(at(container(enterprise), "image")).toContain("-enterprise");
    const accepted = { name: "NEO4J_ACCEPT_LICENSE_AGREEMENT", value: "yes" };
    expect(at(container(community), "env")).not.toContainEqual(accepted);
    expect(at(container(enterprise), "env")).toContainEqual(accepted);
  });

  it("says what it registered", async () => {
    const made = await create();
    expect(made.component("orrery:data:Neo4j", "neo4j").outputs).toEqual({ host: "neo4j.graph.svc", port: 7687 });
  });
});

describe("a graph", () => {
  it("has its Secret where the consumer is, and one way to Bolt", async () => {
    const { certificates } = fakeCertificates();
    const made = await create({
      certificates,
      use: (neo4j) => neo4j.graph("shop", { consumer: consumer("shop") }),
    });
    const secret = made.kind("Secret").find(({ inputs }) => at(inputs, "metadata", "namespace") === "observability");
    expect(secret?.inputs["stringData"]).toEqual({
      host: "neo4j.graph.svc",
      port: "7687",
      uri: "neo4j+s://neo4j.graph.svc:7687",
      username: "shop",
      password: "made-up-neo4j-shop",
      database: "neo4j",
      NEO4J_URI: "neo4j+s://neo4j.graph.svc:7687",
      NEO4J_USERNAME: "shop",
      NEO4J_PASSWORD: "made-up-neo4j-shop",
      NEO4J_DATABASE: "neo4j",
    });
    const before = await create({ certificates: fakeCertificates().certificates });
    expect(policies(made).filter((name) => !policies(before).includes(name))).toEqual(
      expect.arrayContaining(["shop-to-neo4j-bolt-egress", "shop-to-neo4j-bolt-ingress"]),
    );
  });

  it("that is nobody's yet has its Secret beside the server, and opens nothing", async () => {
    const made = await create({ use: (neo4j) => neo4j.graph("reports") });
    expect(at(made.one("Secret", "neo4j-reports").inputs, "metadata", "namespace")).toBe("graph");
    expect(at(made.one("Secret", "neo4j-reports").inputs, "stringData", "uri")).toBe("neo4j://neo4j.graph.svc:7687");
    expect(policies(made).filter((name) => String(name).includes("reports"))).toEqual([]);
  });

  it("gets its user from a Job, after the server and the Secret, by the one way for all of them", async () => {
    const made = await create({ use: (neo4j) => neo4j.graph("reports") });
    const job = made.component("orrery:kit:Service", "neo4j-reports-user");
    expect(job.dependencies).toContain(made.one("Secret", "neo4j-reports").urn);
    const graph = made.component("orrery:data:Graph", "neo4j-reports");
    expect(graph.dependencies).toEqual(expect.arrayContaining([made.one("StatefulSet", "neo4j").urn]));
    const policy = made.one("NetworkPolicy", "neo4j-user-jobs-to-neo4j-bolt-ingress").inputs;
    const from = at(policy, "spec", "ingress", 0, "from", 0, "podSelector", "matchLabels") as Record<string, string>;
    expect(at(made.one("Job", "neo4j-reports-user").inputs, "spec", "template", "metadata", "labels")).toMatchObject(
      from,
    );
  });

  it("is a database and a role of its own in Enterprise", async () => {
    const made = await create({ edition: "enterprise", use: (neo4j) => neo4j.graph("reports") });
    expect(at(made.one("Secret", "neo4j-reports").inputs, "stringData", "database")).toBe("reports");
    const command = String(
      at(made.one("Job", "neo4j-reports-user").inputs, "spec", "template", "spec", "containers", 0, "command", 2),
    );
    expect(command).toContain("CREATE DATABASE $database IF NOT EXISTS WAIT;");
    expect(command).toContain("GRANT ROLE $user TO $user;");
  });

  it.each(["neo4j", "a", "Shop", "shop-", "shop_1"])("is not called %s", async (name) => {
    await expect(create({ use: (neo4j) => neo4j.graph(name) })).rejects.toThrow(`Graph "${name}"`);
  });
});

describe("the ways in from outside", () => {
  it("are TLS to the page, and TLS to a Service of its own for WebSocket", async () => {
    const { certificates } = fakeCertificates();
    const seen: object[] = [];
    const made = await create({
      certificates,
      use: (neo4j) => seen.push(neo4j.browser, neo4j.websocket(), neo4j.service.backend("bolt")),
    });
    const tls = { hostname: "neo4j.graph.svc", caConfigMap: "internal-ca" };
    expect(seen[0]).toMatchObject({ service: "neo4j", port: 7473, tls: { ...tls, portName: "https" } });
    expect(seen[1]).toMatchObject({
      service: "neo4j-websocket",
      port: 443,
      podPort: 7687,
      tls: { ...tls, portName: "websocket" },
    });
    // A TCP route passes the clients' TLS on.
    expect(seen[2]).not.toHaveProperty("tls");
    expect(at(made.one("Service", "neo4j-websocket").inputs, "spec", "ports")).toEqual([
      { name: "websocket", port: 443, targetPort: "bolt" },
    ]);
  });

  it("need no Service for WebSocket where nobody asks", async () => {
    const made = await create();
    expect(made.kind("Service").map(({ name }) => name)).not.toContain("neo4j-websocket");
  });
});

describe("backups", () => {
  const backedUp = () =>
    record(() => {
      const { certificates } = fakeCertificates();
      const all = namespaces();
      const objects = new Minio("minio", { namespaces: all, certificates, storageGiB: 20, storageClass: "hcloud" });
      const backup = { objects, bucket: "neo4j-backup", schedule: "30 2 * * *", retentionDays: 14 };
      new Neo4j("neo4j", { namespaces: all, certificates, storageGiB: 50, storageClass: "hcloud", backup });
    });

  it("export first, and send only what is whole", async () => {
    const made = await backedUp();
    const spec = at(made.one("CronJob", "neo4j-backup").inputs, "spec");
    expect(spec).toMatchObject({ schedule: "30 2 * * *", concurrencyPolicy: "Forbid" });
    const pod = at(spec, "jobTemplate", "spec", "template", "spec");
    expect(at(pod, "initContainers", 0, "name")).toBe("export");
    expect(at(pod, "initContainers", 0, "image")).toContain("neo4j");
    expect(at(pod, "containers", 0, "image")).toContain("silo");
    expect(at(pod, "containers", 0, "command", 2)).toContain("mcli cp --recursive");
    // Bash takes a pipe for done when its last part is.
    expect(at(pod, "initContainers", 0, "command", 2)).toMatch(
      /^set -o pipefail[\s\S]*\ndatabases="\$\([\s\S]*\nfor database in/,
    );
    expect(at(pod, "volumes")).toContainEqual({ name: "backup", emptyDir: { sizeLimit: "20480Mi" } });
  });

  it("reach the server and the store, and nothing else", async () => {
    const made = await backedUp();
    const own = policies(made).filter((name) => String(name).startsWith("neo4j-backup"));
    expect(own.sort()).toEqual([
      "neo4j-backup-to-minio-s3-egress",
      "neo4j-backup-to-minio-s3-ingress",
      "neo4j-backup-to-neo4j-bolt-egress",
      "neo4j-backup-to-neo4j-bolt-ingress",
    ]);
  });

  it("bring as much of APOC as they need", async () => {
    const line = conf(await backedUp()).find((each) => each.startsWith("dbms.security.procedures.allowlist="));
    expect(line).toBe("dbms.security.procedures.allowlist=apoc.export.cypher.*,apoc.text.base64Encode");
  });

  it.each([
    [true, "native"],
    [false, "none"],
  ])("are what the volume's label says: %s", async (wanted, plan) => {
    const made = wanted ? await backedUp() : await create();
    expect(at(template(made), "metadata", "labels", "orrery.dev/backup")).toBe(plan);
  });
});
