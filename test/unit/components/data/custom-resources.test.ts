import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CiliumNetworkPolicy } from "@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy";
import { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import { Database } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Database";
import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { createEnvironment, type EnvironmentName, testSettings } from "../environment";
import { type Data, kindOf, type Recorded } from "../recorder";
import { shared } from "../shared";

const environments: EnvironmentName[] = ["dev", "prod"];

/** Types of the npm packages; DatabaseRole is newer than they are. */
const models: Record<string, (object: never) => { validate(): void }> = {
  CiliumNetworkPolicy: (object) => new CiliumNetworkPolicy(object),
  Cluster: (object) => new Cluster(object),
  Database: (object) => new Database(object),
};

const definitions: Record<string, string> = {
  CiliumNetworkPolicy: "ciliumnetworkpolicies.cilium.io",
  Cluster: "clusters.postgresql.cnpg.io",
  Database: "databases.postgresql.cnpg.io",
  DatabaseRole: "databaseroles.postgresql.cnpg.io",
};

const folder = shared("crds", "custom resources against the CustomResourceDefinitions");

async function customResources(environment: EnvironmentName): Promise<Recorded[]> {
  const { made } = await createEnvironment(testSettings(environment));
  return made
    .objects()
    .filter(({ inputs }) => inputs["apiVersion"] !== undefined && inputs["kind"] !== undefined)
    .filter((resource) => Object.hasOwn(definitions, kindOf(resource)));
}

/** Alternatives only add conditions to the object that they are in: its fields are named beside them. */
const CONDITIONS = ["anyOf", "oneOf", "allOf", "not"];

/** The OpenAPI schema with every object closed, as the API server refuses unknown fields. */
function closed(schema: unknown, close = true): unknown {
  if (Array.isArray(schema)) {
    return schema.map((each) => closed(each, close));
  }
  if (typeof schema !== "object" || schema === null) {
    return schema;
  }
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== "pattern" || isPattern(value))
      .map(([key, value]) => [key, closed(value, close && !CONDITIONS.includes(key))]),
  );
  const open = "additionalProperties" in copy || copy["x-kubernetes-preserve-unknown-fields"] === true;
  return "properties" in copy && close && !open ? { ...copy, additionalProperties: false } : copy;
}

/** Some patterns are Go's own dialect; a property may also be called "pattern". */
function isPattern(value: unknown): boolean {
  try {
    return typeof value !== "string" || new RegExp(value, "u") !== undefined;
  } catch {
    return false;
  }
}

function validator(kind: string) {
  const text = readFileSync(join(folder!, `${definitions[kind]}.json`), "utf8");
  const versions = (
    JSON.parse(text) as { spec: { versions: { storage: boolean; schema: { openAPIV3Schema: Data } }[] } }
  ).spec.versions;
  const schema = versions.find(({ storage }) => storage)!.schema.openAPIV3Schema;
  const { metadata: _, ...properties } = schema["properties"] as Data;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return ajv.compile(closed({ ...schema, properties: { ...properties, metadata: true } }) as object);
}

describe.each(environments)("the custom resources of %s", (environment) => {
  it("are all of them known here", async () => {
    const kinds = new Set((await customResources(environment)).map(kindOf));
    expect([...kinds].sort()).toEqual(Object.keys(definitions).sort());
  });

  it("meet the types of the npm packages", async () => {
    for (const resource of await customResources(environment)) {
      const model = models[kindOf(resource)];
      if (model !== undefined) {
        expect(() => model(resource.inputs as never).validate(), resource.name).not.toThrow();
      }
    }
  });

  it.skipIf(folder === undefined)("meet their CustomResourceDefinitions, with no field that is not there", async () => {
    for (const resource of await customResources(environment)) {
      const check = validator(kindOf(resource));
      check(resource.inputs);
      expect(check.errors ?? [], resource.name).toEqual([]);
    }
  });
});

it.skipIf(folder === undefined)("the check finds a field that is not there", async () => {
  const check = validator("Database");
  const spec = { cluster: { name: "x" }, name: "a", owner: "a" };
  expect(check({ apiVersion: "v1", kind: "Database", metadata: {}, spec })).toBe(true);
  expect(check({ apiVersion: "v1", kind: "Database", metadata: {}, spec: { ...spec, extension: [] } })).toBe(false);
});
