import { describe, expect, it } from "vitest";
import { Postgres, type PostgresArgs, postgresSignals } from "../../../../../components/data/postgres";
import { poolerSpec } from "../../../../../components/data/postgres/pooler";
import { consumerOf } from "../../../../../components/kit/service";
import { definitionCheck } from "../../definitions";
import { fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, record } from "../../recorder";
import { shared } from "../../shared";

const folder = shared("crds", "the pooler against its CustomResourceDefinition");

function create(more: Partial<PostgresArgs> = {}, environment: "dev" | "prod" = "prod") {
  const spaces = namespaces(environment);
  const postgres = new Postgres("postgres", {
    charts: {},
    namespaces: spaces,
    storageGiB: 10,
    storageClass: "x",
    pooler: {},
    ...more,
  });
  const namespace = spaces.get("vec");
  const consumer = consumerOf("web", { software: "web", component: "web", namespace });
  return { postgres, consumer };
}

describe("the pooler", () => {
  it("is two PgBouncers in prod with a budget, one in dev without", async () => {
    const prod = await record(() => create());
    expect(at(prod.one("Pooler", "postgres-pooler").inputs, "spec", "instances")).toBe(2);
    expect(prod.kind("PodDisruptionBudget").map(({ name }) => name)).toEqual(["postgres-pooler"]);
    const dev = await record(() => create({}, "dev"));
    expect(at(dev.one("Pooler", "postgres-pooler").inputs, "spec", "instances")).toBe(1);
    expect(dev.kind("PodDisruptionBudget")).toEqual([]);
  });

  it("gives a connection to the next client after each transaction, to clients with TLS alone", () => {
    const { pgbouncer } = poolerSpec("postgres", { environment: "prod", labels: {}, poolSize: 7 });
    expect(pgbouncer.poolMode).toBe("transaction");
    expect(pgbouncer.parameters).toMatchObject({ client_tls_sslmode: "require", default_pool_size: "7" });
  });

  it("is what a pooled database's client reaches, and nothing else of PostgreSQL", async () => {
    const made = await record(() => {
      const { postgres, consumer } = create();
      expect(postgres.database("demo", { consumer, pooled: true }).host).toBe("postgres-pooler.db.svc");
    });
    const { inputs } = made.one("NetworkPolicy", "web-to-postgres-pooler-postgres-ingress");
    expect(at(inputs, "spec", "podSelector", "matchLabels")).toEqual({ "cnpg.io/poolerName": "postgres-pooler" });
    const toServers = made.kind("NetworkPolicy").map(({ inputs: each }) => at(each, "metadata", "name"));
    expect(toServers.filter((name) => String(name).startsWith("web-to-")).sort()).toEqual([
      "web-to-postgres-pooler-postgres-egress",
      "web-to-postgres-pooler-postgres-ingress",
    ]);
    expect(toServers).toContain("postgres-pooler-to-postgres-postgres-ingress");
    const secret = made.kind("Secret").find(({ name }) => name === "postgres-demo-consumer");
    expect(at(secret?.inputs, "stringData", "host")).toBe("postgres-pooler.db.svc");
  });

  it.skipIf(folder === undefined)(
    "meets its CustomResourceDefinition, as the cluster with certificates does",
    async () => {
      const { certificates } = fakeCertificates();
      const made = await record(() => create({ certificates }));
      for (const [kind, name, definition] of [
        ["Pooler", "postgres-pooler", "poolers.postgresql.cnpg.io"],
        ["Cluster", "postgres", "clusters.postgresql.cnpg.io"],
      ] as const) {
        const check = definitionCheck(folder!, definition);
        check(made.one(kind, name).inputs);
        expect(check.errors ?? [], kind).toEqual([]);
      }
    },
  );

  it("must be there for a database that asks for it", async () => {
    const asked = record(() => create({ pooler: undefined }).postgres.database("demo", { pooled: true }));
    await expect(asked).rejects.toThrow(/services\.postgres\.pooler\.enabled/);
  });
});

describe("certificates", () => {
  it("are asked for once, for every name that clients use, and read again when they are renewed", async () => {
    const { certificates, asked, trusted } = fakeCertificates();
    const made = await record(() => {
      const { postgres, consumer } = create({ certificates });
      const handle = postgres.database("demo", { consumer });
      expect(handle.caConfigMap).toBe("internal-ca");
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ namespace: "db", secretLabels: { "cnpg.io/reload": "true" } });
    for (const host of ["postgres-rw", "postgres-ro", "postgres-r", "postgres-pooler"]) {
      expect(asked[0]?.dnsNames).toContain(`${host}.db.svc`);
    }
    expect(trusted).toEqual(["vec"]);
    const cluster = made.one("Cluster", "postgres");
    expect(at(cluster.inputs, "spec", "certificates")).toEqual({
      serverTLSSecret: "postgres-certificate-tls",
      serverCASecret: "postgres-certificate-tls",
    });
    const secret = made.kind("Secret").find(({ name }) => name === "postgres-demo-consumer");
    expect(at(secret?.inputs, "stringData", "sslmode")).toBe("verify-full");
  });

  it("of the operator's own authority are nobody's to check", async () => {
    const made = await record(() => create().postgres.database("demo"));
    expect(at(made.one("Cluster", "postgres").inputs, "spec")).not.toHaveProperty("certificates");
    expect(at(made.one("Secret", "postgres-demo").inputs, "stringData", "sslmode")).toBe("require");
  });
});

it("every metric of a signal is listed, and every one listed is used", () => {
  const used = postgresSignals.signals.flatMap(
    ({ expression }) => expression.match(/(cnpg|barman_cloud)_[a-z_]+/g) ?? [],
  );
  expect([...new Set(used)].sort()).toEqual([...postgresSignals.metrics]);
});
