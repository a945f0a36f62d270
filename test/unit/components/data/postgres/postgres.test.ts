import { describe, expect, it } from "vitest";
import { Postgres } from "../../../../../components/data/postgres";
import { postgresClusterSpec, postgresParameters } from "../../../../../components/data/postgres/cluster";
import { checkDatabaseName } from "../../../../../components/data/postgres/names";
import { DomainNamespace, Namespaces } from "../../../../../components/kit/namespace";
import { Service } from "../../../../../components/kit/service";
import { resources } from "../../../../../components/kit/sizes";
import { at, record } from "../../recorder";

const facts = {
  instances: 1,
  storageGiB: 10,
  size: "small",
  storageClass: "hcloud",
  environment: "dev",
  labels: { "orrery.dev/domain": "db" },
} as const;

function server(namespaces = new Namespaces({ environment: "dev" }, {})): Postgres {
  return new Postgres("postgres", { charts: {}, namespaces, storageGiB: 10, storageClass: "hcloud" });
}

/** A service in another namespace than the database's. */
function consumer(domain: "vec" | "db" = "vec", namespaces?: Namespaces) {
  const namespace =
    namespaces?.get(domain) ?? new DomainNamespace(`${domain}-of-consumer`, { domain, environment: "dev" });
  return new Service("web", {
    software: "web",
    component: "web",
    namespace,
    image: "r.test/web:1.0",
    resources: resources(1, 1),
    probes: { ready: { tcp: "http" }, live: { tcp: "http" } },
    ports: [{ name: "http", port: 80 }],
  }).consumer();
}

describe("postgresClusterSpec", () => {
  const one = postgresClusterSpec("postgres", facts);
  const three = postgresClusterSpec("postgres", { ...facts, instances: 3, environment: "prod" });

  it("has an image with pgvector, and no superuser to log in as", () => {
    expect(one.imageName).toMatch(/^ghcr\.io\/cloudnative-pg\/postgresql:\d+\.\d+-standard-/);
    expect(one.enableSuperuserAccess).toBe(false);
  });

  it("has the storage that was asked for, and memory that is never taken back", () => {
    expect(one.storage).toMatchObject({ size: "10Gi", storageClass: "hcloud" });
    expect(one.resources.limits.memory).toBe(one.resources.requests.memory);
  });

  it("lets a role into the database of its own name only, over TLS", () => {
    expect(one.postgresql.pg_hba).toEqual(["hostssl sameuser all all scram-sha-256", "host all all all reject"]);
  });

  it("alone: can be drained, and restarts in place", () => {
    expect(one).toMatchObject({ enablePDB: false, primaryUpdateMethod: "restart" });
    expect(one.postgresql).not.toHaveProperty("synchronous");
    expect(one.affinity.podAntiAffinityType).toBe("preferred");
  });

  it("with replicas: a budget, a switchover, a copy of each commit, no two on one node in prod", () => {
    expect(three).toMatchObject({ enablePDB: true, primaryUpdateMethod: "switchover" });
    expect(three.postgresql).toMatchObject({ synchronous: { method: "any", number: 1 } });
    expect(three.affinity).toMatchObject({ enablePodAntiAffinity: true, podAntiAffinityType: "required" });
  });

  it("is spread over locations by the labels that the operator gives", () => {
    expect(three.topologySpreadConstraints[0]).toMatchObject({
      topologyKey: "topology.kubernetes.io/zone",
      labelSelector: { matchLabels: { "cnpg.io/cluster": "postgres" } },
    });
  });

  it("names the port at which pods are measured", () => {
    const labels = { "orrery.dev/domain": "db", "orrery.dev/metrics-port": "metrics", "orrery.dev/backup": "none" };
    expect(one.inheritedMetadata.labels).toEqual(labels);
  });

  it.each([
    [512, "128MB", "384MB"],
    [4096, "1024MB", "3072MB"],
  ])("of %i MiB memory takes a quarter as cache: %s", (memory, shared, effective) => {
    expect(postgresParameters(memory)).toMatchObject({ shared_buffers: shared, effective_cache_size: effective });
  });
});

describe("Postgres", () => {
  it("waits for the operator and the network before the cluster, and for the cluster to be ready", async () => {
    const made = await record(() => server());
    const cluster = made.one("Cluster", "postgres");
    expect(at(cluster.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe("condition=Ready");
    expect(cluster.dependencies).toContain(made.releases()[0]?.urn);
    expect(cluster.parent).toBe(made.component("orrery:data:Postgres", "postgres").urn);
  });

  it("has its operator in a namespace of its own", async () => {
    const made = await record(() => server());
    expect(made.releases().map(({ inputs }) => [inputs["chart"], inputs["namespace"]])).toEqual([
      ["cloudnative-pg", "cnpg-system"],
    ]);
  });

  it("registers where the primary is", async () => {
    const made = await record(() => server());
    expect(made.component("orrery:data:Postgres", "postgres").outputs).toEqual({
      host: "postgres-rw.db.svc",
      port: 5432,
    });
  });

  it("opens the operator's webhook to the API server", async () => {
    const made = await record(() => server());
    const { inputs } = made.one("CiliumNetworkPolicy", "postgres-operator-api-server");
    expect(at(inputs, "metadata", "namespace")).toBe("cnpg-system");
    expect(at(inputs, "spec", "ingress", 0, "toPorts", 0, "ports")).toEqual([{ port: "9443", protocol: "TCP" }]);
    expect(at(inputs, "spec", "endpointSelector", "matchLabels")).toEqual({
      "app.kubernetes.io/name": "cloudnative-pg",
      "app.kubernetes.io/instance": made.releases()[0]?.inputs["name"],
    });
  });
});

describe("database()", () => {
  it("without a consumer: role, database and Secret beside the server, and no path", async () => {
    const before = await record(() => server());
    const made = await record(() => server().database("demo", { extensions: ["vector"] }));
    expect(made.kind("NetworkPolicy")).toHaveLength(before.kind("NetworkPolicy").length);
    const secret = made.one("Secret", "postgres-demo");
    expect(at(secret.inputs, "metadata", "namespace")).toBe("db");
    expect(made.kind("Secret")).toHaveLength(1);
    expect(made.one("DatabaseRole", "postgres-demo").inputs["spec"]).toEqual({
      cluster: { name: "postgres" },
      name: "demo",
      login: true,
      passwordSecret: { name: "postgres-demo" },
    });
    expect(made.one("Database", "postgres-demo").inputs["spec"]).toEqual({
      cluster: { name: "postgres" },
      name: "demo",
      owner: "demo",
      databaseReclaimPolicy: "retain",
      extensions: [{ name: "vector" }],
    });
  });

  it("has the Secret before the role, the role before the database, the cluster before all", async () => {
    const made = await record(() => server().database("demo"));
    const [secret, role, database] = [
      made.one("Secret", "postgres-demo"),
      made.one("DatabaseRole", "postgres-demo"),
      made.one("Database", "postgres-demo"),
    ];
    expect(role.dependencies).toContain(secret.urn);
    expect(database.dependencies).toContain(role.urn);
    const component = made.component("orrery:data:Database", "postgres-demo");
    expect(component.dependencies).toContain(made.one("Cluster", "postgres").urn);
    for (const resource of [role, database]) {
      expect(at(resource.inputs, "metadata", "annotations", "pulumi.com/waitFor")).toBe(
        "jsonpath={.status.applied}=true",
      );
    }
  });

  it("keeps everything that is secret a secret", async () => {
    const made = await record(() => server().database("demo"));
    const secret = made.one("Secret", "postgres-demo");
    expect(secret.secrets).toContain("stringData");
    expect(secret.inputs["type"]).toBe("kubernetes.io/basic-auth");
    expect(secret.inputs["stringData"]).toEqual({
      host: "postgres-rw.db.svc",
      port: "5432",
      dbname: "demo",
      username: "demo",
      user: "demo",
      password: "made-up-postgres-demo",
      sslmode: "require",
      uri: "postgresql://demo:made-up-postgres-demo@postgres-rw.db.svc:5432/demo?sslmode=require",
    });
    for (const { inputs } of made.resources.filter((resource) => resource !== secret)) {
      expect(JSON.stringify(inputs)).not.toContain("made-up-postgres-demo");
    }
  });

  it("for a consumer elsewhere: a second Secret there, and exactly its path", async () => {
    const made = await record(() => server().database("demo", { consumer: consumer() }));
    const secrets = made.kind("Secret");
    expect(secrets.map(({ inputs }) => at(inputs, "metadata", "namespace")).sort()).toEqual(["db", "vec"]);
    expect(secrets[0]?.inputs["stringData"]).toEqual(secrets[1]?.inputs["stringData"]);
    const egress = made.one("NetworkPolicy", "web-to-postgres-postgres-egress").inputs;
    expect(at(egress, "metadata", "namespace")).toBe("vec");
    expect(at(egress, "spec", "egress", 0, "ports")).toEqual([{ port: 5432, protocol: "TCP" }]);
    const ingress = made.one("NetworkPolicy", "web-to-postgres-postgres-ingress").inputs;
    expect(at(ingress, "spec", "podSelector", "matchLabels")).toEqual({
      "cnpg.io/cluster": "postgres",
      "cnpg.io/podRole": "instance",
    });
  });

  it("for a consumer in the same namespace: one Secret", async () => {
    const made = await record(() => {
      const namespaces = new Namespaces({ environment: "dev" }, {});
      server(namespaces).database("demo", { consumer: consumer("db", namespaces) });
    });
    expect(made.kind("Secret")).toHaveLength(1);
  });

  it.each([
    ["app", /taken by PostgreSQL or its operator/],
    ["postgres", /taken/],
    ["pg_stats", /pg_/],
    ["cnpg_x", /cnpg_/],
    ["pooler", /taken/],
    ["end_", /no _ at the end/],
    ["Demo", /allowed are a-z/],
    ["1st", /a letter first/],
    ["with-dash", /allowed are/],
    ["x".repeat(64), /at most 63/],
    ["", /allowed are/],
  ])("refuses the name %j", (name, message) => {
    expect(() => checkDatabaseName(name)).toThrow(message);
  });

  it.each(["demo", "a_1", "x".repeat(63)])("takes the name %j", (name) => {
    expect(() => checkDatabaseName(name)).not.toThrow();
  });
});
