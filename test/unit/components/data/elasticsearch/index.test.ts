import { describe, expect, it } from "vitest";
import { Elasticsearch } from "../../../../../components/data/elasticsearch";
import {
  indexRole,
  indexTemplate,
  lifecyclePolicy,
  rolloverDays,
  rolloverGiB,
} from "../../../../../components/data/elasticsearch/index-rules";
import { indexNameProblem } from "../../../../../components/data/elasticsearch/names";
import { snapshotSchedule, snapshotScheduleProblem } from "../../../../../components/data/elasticsearch/schedule";
import { DomainNamespace } from "../../../../../components/kit/namespace";
import { Service } from "../../../../../components/kit/service";
import { resources } from "../../../../../components/kit/sizes";
import { fakeCertificates, namespaces } from "../../platform/objects/capabilities";
import { at, type Recorder, record } from "../../recorder";

type Options = Parameters<Elasticsearch["index"]>[1];

function create(name: string, options: Options & { encrypted?: boolean; nodes?: number; consumed?: boolean } = {}) {
  const { encrypted, nodes, consumed, ...rest } = options;
  return record(() => {
    const elasticsearch = new Elasticsearch("elasticsearch", {
      charts: {},
      namespaces: namespaces("dev"),
      storageGiB: 20,
      storageClass: "x",
      nodes,
      ...(encrypted ? { certificates: fakeCertificates().certificates } : {}),
    });
    elasticsearch.index(name, consumed ? { consumer: consumer(), ...rest } : rest);
  });
}

function consumer() {
  return new Service("web", {
    software: "web",
    component: "web",
    namespace: new DomainNamespace("apps", { domain: "apps", environment: "dev" }),
    image: "r.test/web:1.0",
    resources: resources(1, 1),
    probes: { ready: { tcp: "http" }, live: { tcp: "http" } },
    ports: [{ name: "http", port: 80 }],
  }).consumer();
}

const container = (made: Recorder, job: string, ...path: (string | number)[]) =>
  at(made.one("Job", job).inputs, "spec", "template", "spec", "containers", 0, ...path);

function environment(made: Recorder, job: string): Record<string, string | undefined> {
  const list = container(made, job, "env") as { name: string; value?: string }[];
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

describe("index()", () => {
  it("gives the consumer its Secret and one path", async () => {
    const made = await create("catalogue", { consumed: true, encrypted: true });
    const secret = made.resources.find(({ name }) => name === "elasticsearch-catalogue-consumer")!;
    expect(at(secret.inputs, "metadata")).toMatchObject({ name: "elasticsearch-catalogue", namespace: "apps" });
    expect(secret.secrets).toContain("stringData");
    expect(secret.inputs["stringData"]).toEqual({
      host: "elasticsearch-es-http.elastic.svc",
      port: "9200",
      url: "https://elasticsearch-es-http.elastic.svc:9200",
      username: "index-catalogue",
      password: "made-up-elasticsearch-catalogue",
      index: "catalogue",
    });
    const paths = made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("elasticsearch-catalogue-web"));
    expect(paths).toHaveLength(2);
    for (const [index, direction] of ["egress", "ingress"].entries()) {
      expect(at(paths[index]?.inputs, "spec", direction, 0, "ports")).toEqual([{ port: 9200, protocol: "TCP" }]);
    }
  });

  it("without a consumer is known beside the server only", async () => {
    const made = await create("catalogue");
    expect(at(made.one("Secret", "elasticsearch-catalogue").inputs, "metadata", "namespace")).toBe("elastic");
    expect(made.kind("NetworkPolicy").filter(({ name }) => name.startsWith("elasticsearch-catalogue"))).toEqual([]);
  });

  it("makes a data stream where documents have an end, and an index where they have none", async () => {
    const stream = await create("events", { retentionDays: 30 });
    expect(JSON.parse(environment(stream, "index-events")["POLICY"]!)).toEqual(lifecyclePolicy(30, 20));
    expect(String(container(stream, "index-events", "command", 2))).toContain('api PUT "/_data_stream/$INDEX"');
    const index = await create("catalogue");
    expect(environment(index, "index-catalogue")).not.toHaveProperty("POLICY");
    expect(String(container(index, "index-catalogue", "command", 2))).toContain('has "/$INDEX" || api PUT "/$INDEX"');
  });

  it("has no password on a command line, and none in plain text in the state", async () => {
    const made = await create("catalogue", { encrypted: true });
    const { inputs } = made.one("Job", "index-catalogue");
    expect(JSON.stringify(inputs)).not.toContain("made-up-");
    const script = String(container(made, "index-catalogue", "command", 2));
    // The shell's own printf is no process; curl gets neither variable.
    expect(script.split("\n").filter((line) => /curl.*PASSWORD/.test(line))).toEqual([]);
    expect(environment(made, "index-catalogue")["CURL_CA_BUNDLE"]).toBe("/etc/elasticsearch-ca/ca.crt");
  });

  it.each([
    [1, 0],
    [3, 1],
  ])("with %i nodes has %i copies of each shard, unless it is told", async (nodes, replicas) => {
    const settings = async (options: Options) =>
      JSON.parse(environment(await create("a", { nodes, ...options }), "index-a")["SETTINGS"]!) as unknown;
    expect(await settings({})).toEqual({ index: { number_of_replicas: replicas } });
    expect(await settings({ replicas: 2 })).toEqual({ index: { number_of_replicas: 2 } });
  });

  it("refuses a name that Elasticsearch refuses", async () => {
    let problem: unknown;
    await record(() => {
      const elasticsearch = new Elasticsearch("e", {
        charts: {},
        namespaces: namespaces("dev"),
        storageGiB: 20,
        storageClass: "x",
      });
      try {
        elasticsearch.index("Catalogue");
      } catch (error) {
        problem = error;
      }
    });
    expect(String(problem)).toMatch(/Index "Catalogue": .*Allowed: a lower-case letter/);
  });
});

describe("the rules of an index", () => {
  const facts = { index: "events", shards: 2, replicas: 1, storageGiB: 20, access: "write" } as const;

  it("let its user at this index alone, with what was asked for", () => {
    const { cluster, indices } = indexRole({ ...facts, access: "read" });
    expect(cluster).toEqual(["cluster:monitor/main"]);
    expect(indices).toEqual([{ names: ["events"], privileges: ["read", "view_index_metadata"] }]);
    expect(indexRole(facts).indices[0]!.privileges).toContain("write");
    expect(indexRole(facts).indices[0]!.privileges).not.toContain("manage");
    expect(indexRole({ ...facts, access: "manage" }).indices[0]!.privileges).toContain("manage");
  });

  it("delete a stream's documents only after their days, and roll over ten times in them", () => {
    expect(lifecyclePolicy(30, 20).policy.phases).toMatchObject({
      hot: { actions: { rollover: { max_age: "3d", max_primary_shard_size: "1gb" } } },
      delete: { min_age: "30d" },
    });
    expect([1, 10, 11, 365, 3650].map(rolloverDays)).toEqual([1, 1, 2, 30, 30]);
    expect([10, 20, 40, 1000].map(rolloverGiB)).toEqual([1, 1, 2, 10]);
  });

  it("have the stream's policy in its template, and none in an index's", () => {
    expect(indexTemplate({ ...facts, retentionDays: 30 })).toMatchObject({
      index_patterns: ["events"],
      data_stream: {},
      template: { settings: { index: { number_of_shards: 2, lifecycle: { name: "index-events" } } } },
    });
    expect(indexTemplate(facts)).not.toHaveProperty("data_stream");
    expect(indexTemplate(facts).template.settings.index).not.toHaveProperty("lifecycle");
  });
});

describe("names", () => {
  it.each(["catalogue", "a", "app-logs-2", "logs", "logs-x", "a".repeat(40)])("%s is one", (name) => {
    expect(indexNameProblem(name)).toBeUndefined();
  });

  it.each(["", "-a", "a-", "A", "a_b", ".kibana", "a*", "a b", "1a", "ä", "a".repeat(41), "logs-a-b", "profiling-x"])(
    "%s is none",
    (name) => {
      expect(indexNameProblem(name)).toBeDefined();
    },
  );
});

describe("schedules in Elasticsearch's own form", () => {
  it.each([
    ["30 1 * * *", "0 30 1 * * ?"],
    ["0 */6 * * *", "0 0 */6 * * ?"],
    ["5 4 1,15 * *", "0 5 4 1,15 * ?"],
    ["0 3 * jan-mar *", "0 0 3 * JAN-MAR ?"],
    ["0 3 * * 0", "0 0 3 ? * SUN"],
    ["0 3 * * 7", "0 0 3 ? * SUN"],
    ["0 3 * * 1-5", "0 0 3 ? * MON-FRI"],
    ["0 3 * * mon,sat", "0 0 3 ? * MON,SAT"],
  ])("%s", (cron, expected) => {
    expect(snapshotScheduleProblem(cron)).toBeUndefined();
    expect(snapshotSchedule(cron)).toBe(expected);
  });

  it.each(["0 3 1 * mon", "0 3 * * */2", "0 3 * * 1-5/2"])("%s cannot be said", (cron) => {
    expect(snapshotScheduleProblem(cron)).toBeDefined();
  });
});
