import { describe, expect, it } from "vitest";
import { domains } from "../../../components/kit/domains";
import { createDataRemovals } from "../../../stacks/services/data-removals";
import { dataServices, keptData } from "../../../stacks/settings/kept-data";
import { testSettings } from "../components/environment";
import { record } from "../components/recorder";

const settings = testSettings("dev");

/** Claims as Kubernetes and the operators name them. */
const names: Record<keyof typeof keptData, string[]> = {
  postgres: ["postgres-1", "postgres-12", "postgres-1-wal"],
  valkey: ["data-valkey-0"],
  kafka: ["data-0-kafka-quorum-0", "data-kafka-brokers-3"],
  nats: ["nats-js-nats-2"],
  elasticsearch: ["elasticsearch-data-elasticsearch-es-default-0"],
  clickhouse: ["data-chi-clickhouse-main-0-1-0", "data-chk-clickhouse-main-0-0-0"],
  neo4j: ["data-neo4j-0"],
  qdrant: ["data-qdrant-0"],
  milvus: ["data-milvus-etcd-0"],
};

describe("what services leave behind", () => {
  it("is known of every service that can be told to delete it", () => {
    const deletable = Object.entries(settings.services)
      .filter(([, service]) => "deleteData" in service)
      .map(([name]) => name);
    expect(dataServices().sort()).toEqual(deletable.sort());
  });

  it.each(dataServices())("of %s are its own claims and nobody else's, in a namespace that stays", (service) => {
    const { namespace, claims } = keptData[service];
    expect(domains[namespace].quota).toBe("data");
    const own = new RegExp(`^(?:${claims})$`);
    for (const [other, theirs] of Object.entries(names)) {
      for (const name of theirs) expect(own.test(name), `${service}: ${name}`).toBe(other === service);
    }
    expect(names[service].every((name) => !own.test(`my-${name}-copy`))).toBe(true);
  });
});

describe("createDataRemovals", () => {
  const removals = async (changed: object) => {
    const services = { ...settings.services, ...changed } as typeof settings.services;
    const platform = { charts: { kubeconfig: "kubeconfig" }, storageReady: [] };
    const made = await record(() =>
      createDataRemovals(
        { ...settings, services },
        platform as unknown as Parameters<typeof createDataRemovals>[1],
        {},
      ),
    );
    return made.resources.filter(({ type }) => type === "orrery:platform:DataRemoval").map(({ name }) => name);
  };

  it("deletes what is switched off and told so, under a name that says it", async () => {
    const off = { ...settings.services.qdrant, enabled: false };
    expect(await removals({ qdrant: { ...off, deleteData: true } })).toEqual(["delete-all-data-of-qdrant"]);
    expect(await removals({ qdrant: off })).toEqual([]);
    // Rules refuse these settings; data is worth a second look.
    expect(await removals({ qdrant: { ...off, enabled: true, deleteData: true } })).toEqual([]);
  });
});
