import { describe, expect, it } from "vitest";
import { type ConfigFacts, neo4jConf } from "../../../../../components/data/neo4j/config";
import { graphNameProblem } from "../../../../../components/data/neo4j/names";
import { trustScript, uploadScript, userScript } from "../../../../../components/data/neo4j/scripts";
import { neo4jSignals } from "../../../../../components/data/neo4j/signals";
import { neo4jMemory, neo4jResources } from "../../../../../components/data/neo4j/sizes";
import type { Environment, Size } from "../../../../../components/kit/sizes";

const facts: ConfigFacts = {
  edition: "community",
  host: "neo4j.graph.svc",
  encrypted: true,
  memory: { heapMiB: 512, pageCacheMiB: 512 },
  procedures: [],
};
const keys = (more: Partial<ConfigFacts> = {}) =>
  neo4jConf({ ...facts, ...more })
    .trim()
    .split("\n")
    .map((line) => line.slice(0, line.indexOf("=")));

describe("memory", () => {
  const all = (["dev", "prod"] as Environment[]).flatMap((environment) =>
    (["small", "medium", "large"] as Size[]).map((size) => [environment, size] as const),
  );
  it.each(all)("%s %s: heap and page cache leave the JVM room below the limit", (environment, size) => {
    const { requests, limits } = neo4jResources(size, environment);
    expect(limits.memory).toBe(requests.memory);
    const limitMiB = Number.parseInt(limits.memory, 10);
    const { heapMiB, pageCacheMiB } = neo4jMemory(size, environment);
    expect(limitMiB - heapMiB - pageCacheMiB).toBeGreaterThanOrEqual(Math.max(512, limitMiB / 5));
    expect(heapMiB).toBeGreaterThanOrEqual(512);
  });

  it("is 4 GiB in prod at least", () => {
    expect(neo4jResources("small", "prod").requests.memory).toBe("4096Mi");
    expect(neo4jMemory("small", "prod")).toEqual({ heapMiB: 1600, pageCacheMiB: 1600 });
  });
});

describe("neo4j.conf", () => {
  it("has each key once, but the JVM's options", () => {
    const own = keys({ procedures: ["apoc.*"] }).filter((key) => key !== "server.jvm.additional");
    expect(new Set(own).size).toBe(own.length);
  });

  it("tells Neo4j Browser where Bolt is", () => {
    expect(neo4jConf(facts)).toContain("server.bolt.advertised_address=neo4j.graph.svc:7687\n");
    expect(neo4jConf({ ...facts, boltAddress: "bolt.example.com:443" })).toContain(
      "server.bolt.advertised_address=bolt.example.com:443\n",
    );
  });

  it("reports nothing to anybody", () => {
    expect(neo4jConf(facts)).toContain("dbms.usage_report.enabled=false\n");
  });
});

describe("scripts", () => {
  it("do without an authority where there is plain text", () => {
    expect(trustScript(undefined)).toEqual([]);
    expect(userScript("community", undefined)).not.toContain("keytool");
  });

  it("make a user once", () => {
    const script = userScript("community", "/etc/neo4j-ca/ca.crt");
    expect(script.indexOf("exit 0")).toBeLessThan(script.indexOf("CREATE OR REPLACE USER"));
    expect(script).not.toContain("CREATE DATABASE");
  });

  it("never overwrite a backup", () => {
    expect(uploadScript("/backup", "https://store.example.com:9000")).toContain(
      'MC_HOST_store="https://$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY@store.example.com:9000"',
    );
    expect(uploadScript("/backup", "https://s")).toContain("$(date -u +%Y-%m-%dT%H-%M-%SZ)");
  });
});

it.each([
  ["shop", true],
  ["shop-2", true],
  ["ab", false],
  ["reader", false],
  ["system", false],
  ["shop-", false],
  ["a".repeat(41), false],
])("the name %s", (name, good) => {
  expect(graphNameProblem(name) === undefined).toBe(good);
});

describe("signals", () => {
  it("have names of their own, and use the metrics that they say, and no others", () => {
    const { metrics, signals } = neo4jSignals;
    expect(new Set(signals.map(({ name }) => name)).size).toBe(signals.length);
    const used = signals.flatMap(({ expression }) => expression.match(/\b(?:container|kube|kubelet)_[a-z_]+/g) ?? []);
    expect([...new Set(used)].sort()).toEqual([...metrics].sort());
  });
});
